// Copying from a terminal and pasting into it by buttons and keys.
export async function copy(tab, panel) {
  const { term } = tab.screen, text = term.getSelection();
  if (!text) return panel.tell(panel.texts.select);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the clipboard's API (plain HTTP on a LAN): xterm answers the event.
    term.focus();
    if (!document.execCommand("copy")) return panel.tell(panel.texts.copyKeys);
  }
  panel.tell(panel.texts.copied);
  term.focus();
}

export async function paste(tab, panel) {
  const { term } = tab.screen;
  term.focus();
  try {
    const text = await navigator.clipboard.readText();
    if (text) term.paste(text);
  } catch {
    panel.tell(panel.texts.pasteKeys);
  }
}
