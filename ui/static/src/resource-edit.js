// The editor of YAML: what is typed goes into the form's own field, so the form
// works as it does without script. Tab leaves the editor; Ctrl-Enter reviews.
const field = document.querySelector("[data-editor]");
const form = field?.form;
let view, dirty = false;

// problems asks the API server what it has against the text.
async function problems(text) {
  const body = new URLSearchParams({ yaml: text });
  const answer = await fetch(field.dataset.lint, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (answer?.status === 401) document.dispatchEvent(new CustomEvent("kg:login"));
  if (!answer?.ok) return [];
  return (await answer.json().catch(() => ({}))).problems ?? [];
}

async function open() {
  const { EditorView, EditorState, keymap, basicSetup, yaml, linter, lintGutter, nonce } = await import("./editor.js");
  const lint = async (v) => (await problems(v.state.doc.toString())).map((p) => {
    const line = v.state.doc.line(Math.min(Math.max(p.line, 1), v.state.doc.lines));
    return { from: line.from + (line.text.match(/^\s*/)?.[0].length ?? 0), to: line.to, severity: "error", message: p.message };
  });
  const review = () => { form.requestSubmit(form.querySelector("[data-check]")); return true; };
  const box = document.createElement("div");
  box.className = "kg-editor";
  field.before(box);
  view = new EditorView({
    parent: box,
    doc: field.value,
    extensions: [
      nonce, keymap.of([{ key: "Mod-Enter", run: review }, { key: "Mod-s", run: review }]), basicSetup, yaml(),
      EditorState.tabSize.of(2), lintGutter(), linter(lint, { delay: 600 }),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "YAML", "aria-describedby": "resource-keys" }),
      EditorView.updateListener.of((u) => {
        if (!u.docChanged) return;
        field.value = u.state.doc.toString();
        dirty = true;
      }),
    ],
  });
  field.hidden = true;
  document.querySelector(`label[for="${field.id}"]`)?.addEventListener("click", () => view.focus());
}

function go(n) {
  if (view) {
    const line = view.state.doc.line(Math.min(n, view.state.doc.lines));
    view.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
    view.focus();
    return;
  }
  const at = field.value.split("\n").slice(0, n - 1).join("\n").length + (n > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(at, at);
}

if (field) {
  field.addEventListener("input", () => { dirty = true; });
  // What was typed is kept when the answer leads to the object, and not before:
  // not by a review, a refusal or a session that has ended.
  form.addEventListener("htmx:after:request", (e) => { if (e.detail.ctx.hx.redirect) dirty = false; });
  form.addEventListener("submit", () => { if (!window.htmx) dirty = false; }); // the browser sends it, and shows it again
  window.addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
  document.addEventListener("click", (e) => {
    const to = e.target.closest?.("[data-line]");
    if (to) go(Number(to.dataset.line));
  });
  // What the API server answered is where one reads on.
  new MutationObserver(() => {
    const result = document.getElementById("resource-result");
    const first = result?.querySelector(".kg-diff, button, p");
    if (!first) return;
    result.scrollIntoView({ block: "nearest" });
    result.querySelector(".kg-diff")?.focus({ preventScroll: true });
  }).observe(form, { childList: true });
  open();
}
