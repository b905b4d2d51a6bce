// The pages of objects: the filter, dialogs in place of pages, the command that
// says the number typed, a log that stays at its end.
const filter = document.querySelector("[data-filter]");

function sift() {
  const letters = filter.value.trim().toLowerCase();
  let left = 0;
  for (const row of document.querySelectorAll("[data-row]")) {
    row.hidden = letters !== "" && !row.textContent.toLowerCase().includes(letters);
    if (!row.hidden) left++;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-row]:not([hidden])");
  }
  for (const p of document.querySelectorAll("[data-nothing]")) p.hidden = left > 0;
  return left;
}

if (filter) {
  sift();
  filter.addEventListener("input", () => {
    const left = sift();
    document.getElementById("kg-said").textContent = `${filter.dataset.left}: ${left}`;
  });
  document.addEventListener("kg:parts", sift);
}

// A link to a page that asks opens the dialog that asks the same.
document.addEventListener("click", (e) => {
  const link = e.target.closest?.("a[data-open]");
  if (link && document.getElementById(link.dataset.open)) e.preventDefault();
}, true);

document.addEventListener("kg:done", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

// quote makes a word of a shell, as the server does.
const quote = (s) => (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(s) ? s : `'${s.replaceAll("'", `'\\''`)}'`);

// The command says what is typed, between the words around it, or without it
// where nothing must be typed.
for (const input of document.querySelectorAll("[data-says]")) {
  const at = document.getElementById(input.dataset.says), { after, until } = at.dataset;
  const code = at.querySelector("code"), bare = code.textContent, head = bare.split(after)[0].trimEnd();
  input.addEventListener("input", () => {
    const typed = input.value.trim();
    code.textContent = typed || input.required ? `${head} ${quote(after + typed)}${until}` : bare;
  });
}

const log = document.querySelector("[data-log]");
if (log) {
  let atEnd = true;
  const end = () => { if (atEnd) log.scrollTop = log.scrollHeight; };
  log.addEventListener("scroll", () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40; });
  document.addEventListener("kg:parts", end);
  end();
}
