// The tab's one stream of events. The server sends parts, [id, html] each; the
// element with that id is morphed, so focus, selection and scroll stay. While
// the stream is down a banner says so; a hidden tab lets it go after a while, and
// one that was opened hidden has none yet: a browser has six connections for all
// tabs. To another user than the page's it is not opened: what is typed here would go.
const longestWait = 8000, hiddenFor = 20000, patience = 1200;

export function start(htmx) {
  const url = document.body.dataset.live;
  if (!url) return;
  const banner = document.getElementById("kg-lost"), says = document.getElementById("kg-other"), { user } = document.body.dataset;
  const source = `${url}${url.includes("?") ? "&" : "?"}as=${encodeURIComponent(user)}`;
  let stream, wait = 250, retry, lost, hiding, over;

  async function morph(parts) {
    for (const [id, html] of parts) {
      const target = document.getElementById(id);
      if (target) await htmx.swap({ text: html, target, sourceElement: target, swap: "outerMorph" });
    }
    document.dispatchEvent(new CustomEvent("kg:parts"));
  }

  function open() {
    clearTimeout(retry);
    stream?.close();
    stream = undefined;
    if (over) return;
    stream = new EventSource(source);
    stream.onopen = () => {
      wait = 250;
      clearTimeout(lost);
      lost = undefined;
      banner.hidden = true;
    };
    let queue = Promise.resolve();
    stream.onmessage = (e) => { queue = queue.then(() => morph(JSON.parse(e.data))).catch(console.error); };
    stream.addEventListener("failed", (e) => {
      document.dispatchEvent(new CustomEvent("kg:toast", { detail: { kind: "bad", text: e.data } }));
    });
    stream.onerror = down;
  }

  // The browser's own retry is slow and differs; ours begins at a quarter second.
  async function down() {
    if (!stream) return; // closed by us a moment ago
    stream.close();
    lost ??= setTimeout(() => { banner.hidden = false; }, patience);
    clearTimeout(retry);
    retry = setTimeout(open, wait);
    wait = Math.min(wait * 2, longestWait);
    const answer = await fetch("/session", { cache: "no-store" }).catch(() => undefined);
    if (answer?.status === 401) document.dispatchEvent(new CustomEvent("kg:login"));
    else if (answer?.ok) other(await answer.text());
  }

  // other ends the stream if it is somebody else who is logged in now.
  function other(name) {
    over = name !== user;
    says.hidden = !over;
    says.querySelector("[data-name]").textContent = name;
    if (!over) return;
    clearTimeout(retry);
    clearTimeout(lost);
    lost = undefined;
    stream?.close();
    banner.hidden = true;
  }

  document.addEventListener("kg:other", (e) => other(e.detail.name));
  document.addEventListener("kg:reconnect", () => { other(user); open(); });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => { clearTimeout(retry); clearTimeout(lost); lost = undefined; stream?.close(); stream = undefined; }, hiddenFor);
    } else if (!stream || stream.readyState === EventSource.CLOSED) {
      open();
    }
  });
  window.addEventListener("pagehide", () => { clearTimeout(retry); clearTimeout(lost); stream?.close(); });
  window.addEventListener("pageshow", (e) => { if (e.persisted) open(); });
  if (!document.hidden) open();
}
