package browser

import (
	"strconv"

	"github.com/chromedp/chromedp/kb"
)

// stops finds what can be used and so must be a stop of Tab: each control that
// is shown, and of radio buttons each group.
const stops = `
	const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [contenteditable=true], [tabindex]";
	window.kgStops = () => [...document.querySelectorAll(usable)].filter((e) =>
		e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0 && !e.closest("[inert]"));
	window.kgGroup = (e) => e.type === "radio" ? "radio " + e.name : e;
	window.kgAlike = (e) => [e.tagName, e.id, e.href, e.name, e.textContent.slice(0, 60)].join();
	window.kgMissed = (e) => !window.kgReached.has(window.kgGroup(e)) // nor one that a live update has put this one for
		&& ![...window.kgReached].some((r) => r instanceof Element && !r.isConnected && window.kgAlike(r) === window.kgAlike(e));
	window.kgReached = new Set();
	document.addEventListener("focusin", (f) => window.kgReached.add(window.kgGroup(f.target)), true);
	document.activeElement?.blur();
	return window.kgStops().length;`

// Unreached walks through the page with Tab alone and returns what can be used
// with a mouse but was not come to. trap is what leads out of an element that
// uses Tab itself, such as a terminal or an editor: the selector and the key.
func (b *Browser) Unreached(trap string, leave Step) []string {
	b.Helper()
	n := Eval[int64](b, `(() => {`+stops+`})()`)
	for range n + 10 {
		b.Do(Chord(kb.Tab, 0))
		if trap != "" && Eval[bool](b, `!!document.activeElement?.matches(`+strconv.Quote(trap)+`)`) {
			b.Do(leave)
		}
	}
	return Eval[[]string](b, `window.kgStops().filter(window.kgMissed).map((e) => e.outerHTML.slice(0, 120))`)
}
