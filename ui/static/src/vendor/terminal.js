// The terminal: xterm.js, for the page that opens one.
import "./nonce.js";
import "./spans.js";
export { Terminal } from "@xterm/xterm";
export { FitAddon } from "@xterm/addon-fit";
