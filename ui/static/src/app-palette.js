// The palette: Ctrl-K or Cmd-K, a few letters, Enter. After a colon it has kinds alone.
const most = 12;
let entries;

async function load() {
  entries ??= await fetch("/palette").then((r) => (r.ok ? r.json() : undefined), () => undefined);
  return entries ?? [];
}

// score is how well the letters fit: a prefix, a part, the letters in order, or not.
export function score(text, letters) {
  text = text.toLowerCase();
  if (text.startsWith(letters)) return 3;
  if (text.includes(letters)) return 2;
  let at = 0;
  for (const c of text) if (c === letters[at]) at++;
  return at === letters.length ? 1 : 0;
}

export function start() {
  const dialog = document.getElementById("kg-palette");
  const input = dialog.querySelector("input"), list = dialog.querySelector("[role=listbox]");
  let chosen = 0;

  function choose(n) {
    const options = [...list.children];
    chosen = options.length ? (n + options.length) % options.length : 0;
    options.forEach((o, i) => o.setAttribute("aria-selected", i === chosen));
    input.setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
    options[chosen]?.scrollIntoView({ block: "nearest" });
  }

  async function fill() {
    const typed = input.value.trim().toLowerCase(), kinds = typed.startsWith(":");
    const letters = kinds ? typed.slice(1).trim() : typed;
    const found = (await load()).filter((e) => !kinds || e.href.startsWith("/r/") && e.href !== "/r/")
      .map((e) => ({ ...e, score: letters ? Math.max(score(e.label, letters), score(e.hint ?? "", letters) - 0.5) : 1 }))
      .filter((e) => e.score > 0).sort((a, b) => b.score - a.score).slice(0, most);
    list.replaceChildren(...found.map((e, i) => {
      const option = document.createElement("div");
      option.id = `kg-palette-${i}`;
      option.setAttribute("role", "option");
      option.dataset.href = e.href;
      const label = document.createElement("span"), hint = document.createElement("small");
      label.textContent = e.label;
      hint.textContent = e.hint ?? "";
      option.append(label, hint);
      return option;
    }));
    choose(0);
  }

  const go = () => { const href = list.children[chosen]?.dataset.href; if (href) location.assign(href); };

  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k" && !e.target.closest?.(".xterm")) {
      e.preventDefault();
      if (dialog.open) return dialog.close();
      if (document.querySelector("dialog[open]")) return;
      open();
    }
  });
  document.addEventListener("click", (e) => { if (e.target.closest?.("[data-palette]")) open(); });
  document.addEventListener("kg:palette", (e) => open(e.detail));
  function open(text = "") {
    input.value = text;
    dialog.showModal();
    fill();
  }
  input.addEventListener("input", fill);
  input.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown") choose(chosen + 1);
    else if (e.key === "ArrowUp") choose(chosen - 1);
    else if (e.key === "Enter") go();
    else return;
    e.preventDefault();
  });
  list.addEventListener("click", (e) => {
    const option = e.target.closest("[role=option]");
    if (option) { choose([...list.children].indexOf(option)); go(); }
  });
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
}
