// A tab: a screen, its link to a shell, and what the note says of it.
import { Link } from "./terminal-link.js";
import { retype } from "./terminal-retype.js";
import { Screen } from "./terminal-screen.js";

export class Tab {
  // panel: { texts, base, changed(tab), key(event, tab), visit(url), keys(text) }
  constructor(panel, number, id) {
    Object.assign(this, { panel, number, note: "", act: "" });
    const name = panel.texts.tab.replace("{n}", number), at = `${panel.base}-${number}`;
    this.button = make("button", { type: "button", role: "tab", id: `${at}-tab`, "aria-controls": at, "aria-selected": "false", tabindex: "-1" });
    this.button.append(make("span", {}, name), make("span", { class: "kg-terms-x", "aria-hidden": "true" }, "×"));
    this.place = make("div", { role: "tabpanel", id: at, "aria-labelledby": `${at}-tab`, class: "kg-terms-screen" });
    this.inner = make("div", { class: "kg-terms-fit" });
    this.place.append(this.inner);
    this.known = id;
  }

  // start opens the screen, then the shell.
  async start() {
    this.say("opening");
    try {
      await this.open();
    } catch (e) {
      console.error(e);
      return this.say("broken");
    }
    if (this.closed) this.screen.close();
    else this.link.connect();
  }

  async open() {
    this.screen = await Screen.open(this.inner, `${this.panel.texts.input} ${this.number}`, {
      type: (text) => this.type(this.panel.keys(text)),
      resize: (size) => this.link?.resize(size),
      key: (e) => this.panel.key(e, this),
      link: (url) => this.panel.visit(url),
    });
    this.link = new Link(this.known, this.screen.size, {
      write: (bytes, old, shown) => this.write(bytes, old, shown),
      state: (name, say) => this.say(name, say),
      opened: (o) => this.opened(o),
    });
  }

  type(text) {
    if (this.state === "ended" || this.state === "moved") {
      if (text === "\r") this.again();
    } else if (!this.link.type(text)) {
      this.say("full");
    } else if (this.state === "full") {
      this.say(this.link.state);
    }
  }

  write(bytes, old, shown) {
    if (old) this.screen.again(bytes, shown);
    else this.screen.write(bytes, shown);
    if (this.waiting) this.settle();
  }

  opened({ gone, waiting }) {
    this.renewed = gone;
    this.had = true;
    if (!gone) return;
    const text = new TextDecoder().decode(waiting);
    this.waiting = retype(this.screen.line(text), text);
    this.screen.fresh(this.panel.texts.fresh);
  }

  // settle types again what had been typed, when the new shell shows its prompt.
  settle() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => {
      const text = this.waiting;
      this.waiting = "";
      this.screen.typed(text, { type: (t) => this.link.type(t) });
    }, 250);
  }

  say(state, say) {
    const { texts } = this.panel, was = this.state;
    this.state = state;
    clearTimeout(this.hush);
    this.act = { ended: texts.open, moved: texts.take, failed: texts.retry, login: texts.again, broken: texts.retry }[state] ?? "";
    if (state === "open") {
      this.note = this.renewed ? texts.fresh : was === "lost" || was === "login" ? texts.back : "";
      this.hush = setTimeout(() => { this.note = ""; this.panel.changed(this); }, 8000);
    } else if (state !== "opening" || !this.had) {
      this.note = say ?? texts[state];
    }
    this.panel.changed(this);
  }

  // again is the note's button, and Enter when the shell has ended.
  again() {
    if (this.state === "login") return document.dispatchEvent(new CustomEvent("kg:login"));
    if (this.state === "ended") this.had = false;
    if (this.state === "broken") return location.reload();
    this.say("opening");
    this.link.connect();
  }

  focus() { this.screen?.term.focus(); }

  close() {
    this.closed = true;
    clearTimeout(this.hush);
    clearTimeout(this.soon);
    this.link?.end();
    this.screen?.close();
    this.button.remove();
    this.place.remove();
  }
}

// make is an element.
export function make(tag, attributes, text) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (text !== undefined) e.textContent = text;
  return e;
}
