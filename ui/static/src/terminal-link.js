// A terminal's connection to its shell. What is typed waits here until the shell
// has it; what the shell says is counted. So a connection that breaks loses
// nothing: the next one goes on where this one ended.
const codes = { login: 4401, moved: 4409, failed: 4500 };
const part = 16 << 10, ahead = 32 << 10, most = 1 << 20, longest = 8000, quiet = 200;

export class Link {
  // on: { write(bytes, old, shown), state(name, say), opened({ gone, waiting }) }
  constructor(id, size, on) {
    Object.assign(this, { id, size, on, got: 0, seen: 0, told: 0, typed: 0, sent: 0, round: 0, wait: 250, state: "opening" });
    this.queue = new Uint8Array(0); // typed, and not yet taken; typed is the place of its beginning
  }

  become(state, say) {
    this.state = state;
    this.on.state(state, say);
  }

  async connect() {
    const round = ++this.round;
    clearTimeout(this.retry);
    this.drop();
    const as = encodeURIComponent(document.body.dataset.user);
    const answer = await fetch(`/terminal/ticket?as=${as}`, { method: "POST", cache: "no-store" }).catch(() => undefined);
    const ticket = answer?.ok ? (await answer.json().catch(() => undefined))?.ticket : undefined;
    if (round !== this.round) return;
    if (answer?.status === 401) this.askLogin();
    else if (answer?.status === 409) this.become("login"); // somebody else is in; the page says so
    else if (!ticket) this.later();
    else this.open(ticket);
  }

  open(ticket) {
    const ws = new WebSocket(location.origin.replace(/^http/, "ws") + "/terminal/ws");
    this.ws = ws;
    ws.binaryType = "arraybuffer";
    ws.onopen = () => this.tell({ type: "open", ticket, id: this.id, from: this.got, ...this.size });
    ws.onmessage = (e) => {
      if (ws !== this.ws) return;
      if (typeof e.data === "string") this.hear(JSON.parse(e.data));
      else this.said(new Uint8Array(e.data));
    };
    ws.onclose = (e) => { if (ws === this.ws) this.closed(e.code); };
  }

  hear(m) {
    if (m.type === "opened") this.opened(m);
    else if (m.type === "taken") this.taken(m.typed);
    else if (m.type === "failed") this.say = m.say;
    else if (m.type === "ended") this.over = true;
  }

  opened(m) {
    const waiting = this.queue, first = !this.met;
    const gone = m.fresh && this.id !== ""; // there was another shell
    this.met = true;
    // To a page that was loaded anew, what was said until now is old.
    this.old = first && !m.fresh ? m.to : 0;
    if (gone) this.forget();
    Object.assign(this, { id: m.id, got: m.from, seen: m.from, told: m.from, over: false, say: undefined, wait: 250 });
    // Others may have typed too: of what waits, the shell has what was sent at most.
    this.taken(Math.min(m.typed, this.sent));
    this.sent = this.typed = m.typed;
    this.live = true;
    this.on.opened({ gone, waiting });
    this.become("open");
    this.flush();
  }

  forget() { Object.assign(this, { typed: 0, sent: 0, queue: new Uint8Array(0) }); }

  said(bytes) {
    this.got += bytes.length;
    const end = this.got, id = this.id;
    this.on.write(bytes, end <= this.old, () => { if (id === this.id) this.shown(end); });
  }

  // shown tells the server, which reads the shell no further than a window.
  shown(end) {
    this.seen = Math.max(this.seen, end);
    const tell = () => {
      clearTimeout(this.soon);
      this.soon = undefined;
      if (this.live && this.seen > this.told) this.tell({ type: "seen", seen: this.told = this.seen });
    };
    if (this.seen - this.told >= part) tell();
    else this.soon ??= setTimeout(tell, quiet);
  }

  // type takes what is typed; false when there is too much of it.
  type(text) {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    if (this.queue.length + bytes.length > most) return false;
    const queue = new Uint8Array(this.queue.length + bytes.length);
    queue.set(this.queue);
    queue.set(bytes, this.queue.length);
    this.queue = queue;
    this.flush();
    return true;
  }

  flush() {
    while (this.live && this.sent < this.typed + Math.min(this.queue.length, ahead)) {
      const at = this.sent - this.typed, bytes = this.queue.subarray(at, Math.min(at + part, ahead));
      this.ws.send(bytes);
      this.sent += bytes.length;
    }
  }

  taken(n) {
    const gone = Math.min(Math.max(n - this.typed, 0), this.queue.length);
    this.queue = this.queue.slice(gone);
    this.typed += gone;
    this.flush();
  }

  resize(size) {
    this.size = size;
    if (this.live) this.tell({ type: "resize", ...size });
  }

  tell(m) { if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(m)); }

  closed(code) {
    this.live = false;
    if (this.over) this.ended();
    else if (code === codes.login) this.askLogin();
    else if (code === codes.moved) this.moved();
    else if (code === codes.failed) this.become("failed", this.say);
    else this.later();
  }

  // moved: to what another window does this one comes back as if loaded anew.
  moved() {
    this.met = false;
    this.forget();
    this.become("moved");
  }

  ended() {
    this.id = "";
    this.got = 0;
    this.forget();
    this.become("ended");
  }

  askLogin() {
    this.become("login");
    document.dispatchEvent(new CustomEvent("kg:login"));
  }

  later() {
    this.become("lost");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, longest);
  }

  // hurry connects now what would connect by itself, or waits for a login.
  hurry(login) {
    if (this.state === "lost" || (login && this.state === "login")) this.connect();
  }

  // drop lets the connection go.
  drop() {
    this.live = false;
    const ws = this.ws;
    this.ws = undefined;
    ws?.close();
  }

  // end also ends the shell.
  end() {
    this.round++;
    clearTimeout(this.retry);
    this.tell({ type: "close" });
    this.drop();
  }
}
