// A screen: xterm.js, fitted to its place, with the page's keys and colours.
import { retype } from "./terminal-retype.js";
import { theme, onTheme } from "./terminal-theme.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

// What xterm answers to questions in what is played again: the shell has had it.
const report = /^\x1b(\[[\d;?>=]*[cnRty]|[P\]].*(\x07|\x1b\\))$/s;

// most is how much of a line is remembered.
const most = 4096;

export class Screen {
  // on: { type(text), resize(size), key(event) bool, link(url) }
  static async open(place, label, on) {
    const { Terminal, FitAddon } = await import("./terminal.js");
    const style = getComputedStyle(document.documentElement);
    Terminal.strings.promptLabel = label;
    const term = new Terminal({
      screenReaderMode: true, minimumContrastRatio: 4.5, scrollback: 5000, cursorBlink: !still.matches, theme: theme(),
      fontFamily: style.getPropertyValue("--mono").trim(), fontSize: Math.round(parseFloat(style.fontSize) * 0.875), lineHeight: 1.2,
      linkHandler: { allowNonHttpProtocols: false, activate: (_, url) => on.link(url) },
    });
    return new Screen(place, term, new FitAddon(), on);
  }

  constructor(place, term, fit, on) {
    Object.assign(this, { place, term, fitter: fit, replay: 0 });
    term.loadAddon(fit);
    term.parser.registerOscHandler(52, () => true); // the clipboard is the visitor's
    term.open(place);
    term.onData((text) => { if (!(this.replay && report.test(text))) this.typed(text, on); });
    term.onBinary((text) => on.type(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    term.onResize(({ cols, rows }) => on.resize({ cols, rows }));
    term.attachCustomKeyEventHandler((e) => on.key(e));
    this.unhook = onTheme(() => { term.options.theme = theme(); });
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(place);
    this.fit();
  }

  get size() { return { cols: this.term.cols, rows: this.term.rows }; }

  fit() {
    if (this.place.clientWidth && this.place.clientHeight) this.fitter.fit();
  }

  write(bytes, shown) { this.term.write(bytes, shown); }

  // again plays bytes that the shell said before: what they ask is not answered.
  again(bytes, shown) {
    this.replay++;
    this.term.write(bytes, () => { this.replay--; shown(); });
  }

  // typed remembers the line that is being typed: its keys, and where on the
  // screen it began.
  typed(text, on) {
    if (report.test(text)) return on.type(text);
    if (/[\r\n\x03\x04]/.test(text)) {
      this.began?.at?.dispose();
      this.began = undefined;
    } else {
      this.began ??= { at: this.term.registerMarker(0), x: this.term.buffer.active.cursorX, keys: "" };
      this.began.keys = (this.began.keys + text).slice(-most);
    }
    on.type(text);
  }

  // line is the line that is being typed, up to the keys that wait for a shell:
  // as it stands on the screen, with what the shell has completed; or its keys,
  // if something else was said since, or nothing of it: there was no prompt yet.
  line(waiting) {
    const b = this.term.buffer.active, from = this.began;
    this.began = undefined;
    if (!from || b.type !== "normal") return "";
    const given = from.keys.endsWith(waiting) ? from.keys.slice(0, from.keys.length - waiting.length) : "";
    return this.shown(b, from) || retype("", given);
  }

  shown(b, from) {
    const first = from.at?.line ?? -1, last = b.baseY + b.cursorY;
    if (first < 0 || last < first) return undefined;
    let text = b.getLine(first).translateToString(last === first, from.x);
    for (let y = first + 1; y <= last; y++) {
      const row = b.getLine(y);
      if (!row?.isWrapped) return undefined;
      text += row.translateToString(y === last);
    }
    return text;
  }

  // fresh makes the screen ready for another shell; what is on it stays.
  fresh(say) {
    const back = this.term.buffer.active.type === "alternate" ? "\x1b[?1049l" : "";
    this.term.write(`${back}\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l\r\n\x1b[90m── ${say} ──\x1b[0m\r\n`);
  }

  close() {
    this.unhook();
    this.watcher.disconnect();
    this.term.dispose();
  }
}
