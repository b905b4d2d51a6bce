// A lesson: the split between text and terminal, commands that go into the
// terminal, steps that open when they may, drafts of answers.
const least = 30, most = 75, usual = 50;
const room = document.querySelector(".kg-beside");
const text = document.getElementById("lesson-text");
const said = document.getElementById("kg-said");

function stored(store, key, value) {
  try {
    if (value === undefined) return store.getItem(key);
    if (value === "") store.removeItem(key);
    else store.setItem(key, value);
  } catch { /* a browser that keeps nothing */ }
}

// --- The split.
const divider = document.getElementById("lesson-divider");

function split(percent, keep = true) {
  const at = Math.min(most, Math.max(least, Math.round(percent)));
  room.style.setProperty("--split", at + "%");
  divider.setAttribute("aria-valuenow", at);
  if (keep) stored(localStorage, "kg-split", String(at));
}

function now() { return Number(divider.getAttribute("aria-valuenow")); }

function drag(e) {
  if (e.button !== 0) return;
  e.preventDefault();
  divider.focus({ preventScroll: true });
  divider.setPointerCapture(e.pointerId);
  room.classList.add("kg-dragged");
  const move = (m) => {
    const box = room.getBoundingClientRect();
    split(((m.clientX - box.left) / box.width) * 100);
  };
  const end = () => {
    room.classList.remove("kg-dragged");
    divider.removeEventListener("pointermove", move);
  };
  divider.addEventListener("pointermove", move);
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) divider.addEventListener(name, end, { once: true });
}

function arrows(e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const by = e.shiftKey ? 10 : 2;
  const to = { ArrowLeft: now() - by, ArrowRight: now() + by, Home: least, End: most }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  split(to);
}

// --- Text or terminal, where there is no room for both.
function show(pane) {
  room.dataset.show = pane;
  for (const b of room.querySelectorAll("button[data-pane]")) b.setAttribute("aria-pressed", String(b.dataset.pane === pane));
}

if (room) {
  split(Number(stored(localStorage, "kg-split")) || usual, false);
  divider.addEventListener("pointerdown", drag);
  divider.addEventListener("keydown", arrows);
  divider.addEventListener("dblclick", () => split(usual));
}

// focusTerminal puts the focus where one types.
function focusTerminal() {
  const pane = document.getElementById("lesson-terminal");
  (pane.querySelector(".kg-terms-current textarea") ?? pane.querySelector("[tabindex='0']") ?? pane).focus();
}

// --- Commands: into the terminal, without Enter.
function type(line) {
  if (room) show("terminal");
  document.dispatchEvent(new CustomEvent("kg-type", { detail: { text: line } }));
  if (!room) return;
  focusTerminal();
  said.textContent = document.getElementById("lesson-terminal").dataset.typed;
}

document.addEventListener("click", (e) => {
  const hit = e.target.closest?.("[data-type], [data-pane], [data-split]");
  if (!hit) return;
  if ("type" in hit.dataset) type(hit.parentElement.querySelector("code").textContent);
  else if ("pane" in hit.dataset) {
    show(hit.dataset.pane);
    if (hit.hash) { e.preventDefault(); focusTerminal(); }
  }
  else split(now() + Number(hit.dataset.split));
});

// A link to a page that asks opens the dialog that asks the same.
document.addEventListener("click", (e) => {
  const link = e.target.closest?.("a[data-open]");
  if (link && document.getElementById(link.dataset.open)) e.preventDefault();
}, true);

document.addEventListener("kg:done", () => {
  for (const dialog of document.querySelectorAll("dialog[open]:not(#kg-again)")) dialog.close();
});

// --- Steps: one that may be worked on unfolds, one that is locked folds.
function unfold(step) {
  step.querySelector("details").open = step.dataset.status !== "locked";
}

new MutationObserver((changes) => {
  for (const c of changes) if (c.target.dataset.status !== c.oldValue) unfold(c.target);
}).observe(text, { subtree: true, attributes: true, attributeFilter: ["data-status"], attributeOldValue: true });

// A link to a step unfolds it and puts the focus there.
function arrive() {
  const step = location.hash.startsWith("#step-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!step) return;
  step.querySelector("details").open = true;
  step.focus({ preventScroll: true });
}
window.addEventListener("hashchange", arrive);
arrive();

// --- Drafts: what is typed as an answer outlives a reload of this tab.
const draftOf = (field) => `kg-draft ${location.pathname} ${field.id}`;

function restore() {
  for (const field of document.querySelectorAll("[data-draft]")) {
    if (!field.value && document.activeElement !== field) field.value = stored(sessionStorage, draftOf(field)) ?? "";
  }
}

text.addEventListener("input", (e) => {
  if ("draft" in e.target.dataset) stored(sessionStorage, draftOf(e.target), e.target.value);
});
restore();
