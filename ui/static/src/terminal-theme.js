// The terminal's colours by day and by night. Each has at least 4.5 to 1 on its
// ground; xterm sees to it also for the colours that programs choose.
const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow", "brightBlue", "brightMagenta", "brightCyan", "brightWhite"];

function palette(background, foreground, accent, selection, colours) {
  const theme = { background, foreground, cursor: accent, cursorAccent: background, selectionBackground: selection, selectionInactiveBackground: selection };
  colours.split(" ").forEach((c, i) => { theme[names[i]] = c; });
  return theme;
}

const light = palette("#fffefa", "#1d2a1c", "#22693a", "#cfe3c6",
  "#1d2a1c #b02222 #1f6b35 #7d5000 #1c4f96 #83309a #0f6a70 #566151 #5d6459 #bb2b2b #22723a #855600 #2560b5 #9440ac #0f7078 #3c4739");
const dark = palette("#0c100b", "#e6ecdd", "#8fd19b", "#2f4a2b",
  "#8b9884 #ff9c92 #86d494 #efbd6a #8cb8f5 #d9a6e8 #7fd0cc #d5dccb #9aa793 #ffb8b0 #a9e8b3 #ffd590 #b1cffb #e8c3f3 #a5e6e2 #f5f8ee");

const night = matchMedia("(prefers-color-scheme: dark)");

export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "dark" || (chosen !== "light" && night.matches) ? dark : light;
}

// onTheme calls change when the day's light changes, until what it returns is called.
export function onTheme(change) {
  night.addEventListener("change", change);
  return () => night.removeEventListener("change", change);
}
