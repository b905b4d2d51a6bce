// The terminals of a page. xterm itself is loaded when a panel is first seen.
import { Panel } from "./terminal-panel.js";

for (const root of document.querySelectorAll("[data-terminals]")) {
  const panel = new Panel(root);
  const seen = new IntersectionObserver(([e]) => {
    if (!e.isIntersecting) return;
    seen.disconnect();
    panel.start();
  });
  seen.observe(root);
}

// A phone's keyboard covers the page: what fills the window ends above it. A
// page that is zoomed in keeps its height.
const view = window.visualViewport;
const fill = () => view.scale === 1 && document.documentElement.style.setProperty("--kg-view", `${Math.round(view.height)}px`);
if (view && document.querySelector("[data-terminals]")) {
  view.addEventListener("resize", fill);
  fill();
}
