// The keys that a phone's keyboard lacks. Ctrl holds for the next key.
const sends = { esc: "\x1b", tab: "\t", up: "\x1b[A", down: "\x1b[B", left: "\x1b[D", right: "\x1b[C", pipe: "|", dash: "-", slash: "/" };

export class Keys {
  constructor(bar, panel) {
    this.ctrl = bar.querySelector("[data-key=ctrl]");
    // The terminal keeps the focus, and with it the phone its keyboard.
    bar.addEventListener("pointerdown", (e) => { if (panel.typing()) e.preventDefault(); });
    bar.addEventListener("click", (e) => {
      const key = e.target.closest("[data-key]")?.dataset.key;
      if (key === "ctrl") this.hold(this.ctrl.getAttribute("aria-pressed") !== "true");
      else if (key) panel.press(this.cursor(panel, sends[key]));
    });
  }

  // cursor is the key as the program wants it: in application mode with O.
  cursor(panel, keys) {
    return panel.applicationCursor() && keys.startsWith("\x1b[") ? keys.replace("[", "O") : keys;
  }

  hold(on) { this.ctrl.setAttribute("aria-pressed", on); }

  // change is what the next key becomes.
  change(text) {
    if (this.ctrl.getAttribute("aria-pressed") !== "true" || typeof text !== "string" || text.length !== 1) return text;
    this.hold(false);
    const code = text.toUpperCase().charCodeAt(0);
    return code >= 64 && code < 96 ? String.fromCharCode(code - 64) : text;
  }
}
