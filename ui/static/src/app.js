// What every page runs: htmx, the live stream, dialogs, keys and small helps.
import htmx from "htmx.org/dist/htmx.esm.js";
import { start as live } from "./app-live.js";
import { start as shell } from "./app-shell.js";
import { start as palette } from "./app-palette.js";
import { start as times } from "./app-time.js";

window.htmx = htmx;
htmx.config.history = "reload";

shell();
palette();
times();
live(htmx);
