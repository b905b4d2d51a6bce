// A panel: tabs of terminals, their buttons and keys. It remembers its shells in
// the browser's tab, so that a page that is loaded anew finds them.
import { Tab } from "./terminal-tab.js";
import { Keys } from "./terminal-keys.js";
import { copy, paste } from "./terminal-clip.js";

const store = "kg-terminals", gap = 2000;

export class Panel {
  constructor(root) {
    this.root = root;
    this.base = root.id;
    this.texts = JSON.parse(root.dataset.texts);
    this.tabs = [];
    this.begun = new Promise((begin) => { this.begin = begin; });
    this.list = root.querySelector("[role=tablist]");
    this.screens = root.querySelector("[data-screens]");
    this.note = root.querySelector("[data-note]");
    this.act = root.querySelector("[data-do=again]");
    this.bar = new Keys(root.querySelector("[data-keys]"), this);
    this.dialog = document.getElementById(`${root.id}-link`);
    root.addEventListener("click", (e) => this.click(e));
    this.list.addEventListener("keydown", (e) => this.listKey(e));
    this.list.addEventListener("auxclick", (e) => this.aux(e));
    document.addEventListener("kg:reconnect", () => this.hurry(true));
    document.addEventListener("kg-type", (e) => this.take(e.detail?.text ?? e.detail ?? ""));
    for (const name of ["online", "focus"]) window.addEventListener(name, () => this.hurry());
    window.addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
  }

  async start() {
    const kept = remembered();
    for (const { number, id } of kept.tabs.length ? kept.tabs : [{ number: 1, id: "" }]) this.add(number, id);
    this.begin();
    await this.choose(this.tabs[kept.current] ?? this.tabs[0], "focus" in this.root.dataset);
  }

  add(number, id) {
    const tab = new Tab(this, number, id);
    this.tabs.push(tab);
    this.list.append(tab.button);
    this.screens.append(tab.place);
    this.current ??= tab;
    tab.started = tab.start();
    return tab;
  }

  async choose(tab, focus) {
    this.current = tab;
    for (const t of this.tabs) {
      t.button.setAttribute("aria-selected", t === tab);
      t.button.tabIndex = t === tab ? 0 : -1;
      t.place.classList.toggle("kg-terms-current", t === tab);
    }
    tab.button.scrollIntoView({ block: "nearest" });
    this.changed(tab);
    await tab.started;
    if (focus && this.current === tab) tab.focus();
  }

  open() {
    if (this.tabs.length >= this.texts.most) return this.tell(this.texts.limit);
    const used = this.tabs.map((t) => t.number);
    let number = 1;
    while (used.includes(number)) number++;
    return this.choose(this.add(number, ""), true);
  }

  close(tab, focus) {
    const at = this.tabs.indexOf(tab);
    this.tabs.splice(at, 1);
    tab.close();
    if (!this.tabs.length) this.add(1, "");
    const next = tab === this.current ? this.tabs[Math.min(at, this.tabs.length - 1)] : this.current;
    this.choose(next, focus === "terminal");
    if (focus === "tab") next.button.focus();
    this.remember();
  }

  // changed shows what a tab has to say, if it is the current one.
  changed(tab) {
    tab.button.classList.toggle("kg-terms-off", !["open", "opening", undefined].includes(tab.state));
    if (tab === this.current) {
      if (this.note.textContent !== tab.note) this.note.textContent = tab.note;
      this.act.textContent = tab.act;
      this.act.hidden = !tab.act;
      this.note.parentElement.dataset.state = tab.state ?? "opening";
    }
    this.remember();
  }

  tell(text) {
    this.note.textContent = text;
    setTimeout(() => this.changed(this.current), 3 * gap);
  }

  remember() {
    const tabs = this.tabs.map((t) => ({ number: t.number, id: t.link ? t.link.id : t.known }));
    sessionStorage.setItem(store, JSON.stringify({ tabs, current: this.tabs.indexOf(this.current) }));
  }

  hurry(login) { for (const t of this.tabs) t.link?.hurry(login); }

  // take types what another part of the page offers, without running it.
  async take(text) {
    await this.begun;
    const tab = this.current, line = String(text).replace(/[\r\n]+$/, "");
    await tab.started;
    if (line && ["ended", "moved", "failed"].includes(tab.state)) tab.again(); // the link keeps the line until then
    if (line) tab.screen?.term.paste(line);
    tab.focus();
  }

  typing() { return this.root.contains(document.activeElement) && document.activeElement.closest(".xterm"); }
  applicationCursor() { return this.current.screen?.term.modes.applicationCursorKeysMode; }
  press(keys) { this.current.screen?.term.input(keys); }
  keys(text) { return this.bar.change(text); }

  click(e) {
    const x = e.target.closest(".kg-terms-x"), tab = this.tabs.find((t) => t.button.contains(e.target));
    const does = e.target.closest("[data-do]")?.dataset.do;
    if (x) this.close(tab, "terminal");
    else if (tab) this.choose(tab, e.detail > 0); // by keyboard the focus stays on the tab
    else if (does) this.does(does);
  }

  does(what) {
    const { current } = this;
    if (what === "new") this.open();
    else if (what === "close") this.close(current, "terminal");
    else if (what === "copy") copy(current, this);
    else if (what === "paste") paste(current, this);
    else if (what === "again") { current.again(); current.focus(); }
  }

  aux(e) {
    const tab = this.tabs.find((t) => t.button.contains(e.target));
    if (tab && e.button === 1) { e.preventDefault(); this.close(tab, "terminal"); }
  }

  beside(step) { return this.tabs[(this.tabs.indexOf(this.current) + step + this.tabs.length) % this.tabs.length]; }

  listKey(e) {
    const to = { ArrowLeft: this.beside(-1), ArrowRight: this.beside(1), Home: this.tabs[0], End: this.tabs.at(-1) }[e.key];
    if (to) { this.choose(to); to.button.focus(); }
    else if (e.key === "Delete") this.close(this.current, "tab");
    else if (e.key === "F6" || e.key === "ArrowDown") this.current.focus();
    else return;
    e.preventDefault();
  }

  // key is the page's part of the keys in a terminal; false: the shell gets it not.
  key(e, tab) {
    if (e.key === "F6") {
      if (e.type === "keydown") (e.shiftKey ? this.root.querySelector("[data-after]") : tab.button).focus();
    } else if (e.ctrlKey && e.shiftKey && !e.altKey && !e.metaKey) {
      if (e.code === "KeyV") return false; // the browser pastes
      if (!["KeyC", "ArrowLeft", "ArrowRight", "Enter"].includes(e.code)) return true;
      if (e.type === "keydown") this.shortcut(e.code, tab);
    } else {
      return true;
    }
    e.preventDefault();
    return false;
  }

  shortcut(code, tab) {
    if (code === "KeyC") copy(tab, this);
    else if (code === "Enter") this.open();
    else this.choose(this.beside(code === "ArrowLeft" ? -1 : 1), true);
  }

  // visit asks before a link in a terminal is followed.
  visit(url) {
    this.dialog.querySelector("[data-url]").textContent = url;
    this.dialog.querySelector("[data-visit]").onclick = () => {
      this.dialog.close();
      window.open(url, "_blank", "noopener,noreferrer");
    };
    this.dialog.showModal();
  }
}

function remembered() {
  try {
    const { tabs, current } = JSON.parse(sessionStorage.getItem(store));
    return { tabs: tabs.filter((t) => t.number > 0 && typeof t.id === "string"), current };
  } catch {
    return { tabs: [], current: 0 };
  }
}
