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

// A phone's keyboard covers the page: what fills the window ends above it.
const view = window.visualViewport;
const fill = () => document.documentElement.style.setProperty("--kg-view", `${Math.round(view.height)}px`);
if (view && document.querySelector(".kg-terms-page")) {
  view.addEventListener("resize", fill);
  fill();
}
