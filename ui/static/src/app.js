// What every page runs: htmx, the live stream, dialogs, keys and small helps.
import htmx from "htmx.org/dist/htmx.esm.js";
import { start as live } from "./app-live.js";
import { start as shell } from "./app-shell.js";
import { start as palette } from "./app-palette.js";
import { start as times } from "./app-time.js";

window.htmx = htmx;
htmx.config.history = "reload";
// Longer than the two minutes after which the server itself says that something
// has taken too long, and what.
htmx.config.defaultTimeout = 150_000;
// What one folds and unfolds, and dialogs that are open, are not the server's
// to change.
htmx.config.morphIgnore.push("open");

shell();
palette();
times();
live(htmx);
