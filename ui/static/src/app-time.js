// Ages of <time data-age>, as kubectl prints them, kept young by the browser.
export function age(seconds) {
  if (seconds < 120) return `${Math.max(0, Math.floor(seconds))}s`;
  const m = Math.floor(seconds / 60);
  if (m < 10) return seconds % 60 >= 1 ? `${m}m${Math.floor(seconds % 60)}s` : `${m}m`;
  if (m < 180) return `${m}m`;
  const h = Math.floor(m / 60);
  if (h < 8) return m % 60 ? `${h}h${m % 60}m` : `${h}h`;
  if (h < 48) return `${h}h`;
  const d = Math.floor(h / 24);
  if (d < 8) return h % 24 ? `${d}d${h % 24}h` : `${d}d`;
  if (d < 730) return `${d}d`;
  const y = Math.floor(d / 365);
  return y < 8 && d % 365 ? `${y}y${d % 365}d` : `${y}y`;
}

export function start() {
  // The server's clock may differ from the browser's: what counts is how much
  // later it is now than when the page or the part was made.
  const tick = () => {
    const now = performance.now();
    for (const t of document.querySelectorAll("time[data-age]")) {
      const since = Number(t.dataset.age);
      if (t.kgAge !== t.dataset.age) { t.kgAge = t.dataset.age; t.kgSeen = now; }
      const said = age(since + (now - t.kgSeen) / 1000);
      if (t.textContent !== said) t.textContent = said;
    }
  };
  tick();
  setInterval(tick, 1000);
  document.addEventListener("kg:parts", tick);
}
