// Dialogs, keys, toasts, copying and logging in again: what the layout does.
const $ = (id) => document.getElementById(id);

// typing tells whether keys belong to a field, an editor or a terminal.
const typing = (el) => el?.closest?.("input, textarea, select, [contenteditable], .xterm, .cm-editor");

export function show(id) {
  const dialog = $(id);
  if (dialog && !dialog.open) dialog.showModal();
  return dialog;
}

export function toast(kind, text) {
  const template = $("kg-toast-" + kind) ?? $("kg-toast-warn");
  const el = template.content.firstElementChild.cloneNode(true);
  el.querySelector("[data-text]").textContent = text;
  $("kg-toasts").append(el);
}

// loginAgain asks for a token in place; the page and what is typed in it stay.
async function loginAgain() {
  const dialog = $("kg-again");
  if (!dialog || dialog.open) return;
  if (!dialog.querySelector("form")) {
    const answer = await fetch("/login", { headers: { "HX-Request": "true" } }).catch(() => undefined);
    if (!answer?.ok || dialog.open) return;
    dialog.querySelector("[data-form]").innerHTML = await answer.text();
    window.htmx.process(dialog);
  }
  show("kg-again");
}

// again goes on with the page, if it is the same user who is logged in again.
async function again() {
  $("kg-again")?.close();
  $("kg-again")?.querySelector("[data-form]").replaceChildren();
  const answer = await fetch("/session", { cache: "no-store" }).catch(() => undefined);
  const name = answer?.ok ? await answer.text() : document.body.dataset.user;
  const event = name === document.body.dataset.user ? "kg:reconnect" : "kg:other";
  document.dispatchEvent(new CustomEvent(event, { detail: { name } }));
}

function keys(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || document.querySelector("dialog[open]")) return;
  if (e.key === "?") {
    e.preventDefault();
    show("kg-keys");
  } else if (e.key === ":") {
    e.preventDefault();
    document.dispatchEvent(new CustomEvent("kg:palette", { detail: ":" }));
  } else if (e.key === "/") {
    const filter = document.querySelector("[data-filter]");
    if (filter) {
      e.preventDefault();
      filter.focus();
      filter.select?.();
    }
  }
}

async function clicks(e) {
  const hit = e.target.closest?.("[data-open], [data-close], [data-copy], [data-dismiss]");
  if (!hit) return;
  if ("open" in hit.dataset) show(hit.dataset.open);
  else if ("close" in hit.dataset) hit.closest("dialog")?.close();
  else if ("dismiss" in hit.dataset) hit.closest(".kg-toast")?.remove();
  else await copy(hit);
}

async function copy(button) {
  const source = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // Without permission (plain HTTP on a LAN) the text is selected instead.
    getSelection().selectAllChildren(source);
  }
  $("kg-said").textContent = button.dataset.copied;
  button.classList.add("kg-done");
  setTimeout(() => { button.classList.remove("kg-done"); $("kg-said").textContent = ""; }, 2000);
}

// age takes toasts of success away after a while, unless one is pointed at.
function age(el) {
  if (!el.classList?.contains("kg-ok")) return;
  const go = () => (el.matches(":hover, :focus-within") ? setTimeout(go, 2000) : el.remove());
  setTimeout(go, 8000);
}

export function start() {
  document.addEventListener("keydown", keys);
  document.addEventListener("click", clicks);
  document.addEventListener("kg:login", loginAgain);
  document.addEventListener("kg:again", again);
  document.addEventListener("kg:toast", (e) => toast(e.detail.kind, e.detail.text));
  for (const select of document.querySelectorAll("[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  new MutationObserver((changes) => {
    for (const c of changes) for (const n of c.addedNodes) age(n);
  }).observe($("kg-toasts"), { childList: true });
  // When the server cannot be reached the page stays, with what was typed.
  document.addEventListener("htmx:error", () => toast("bad", document.body.dataset.unreachable));
}
