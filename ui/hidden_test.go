package ui

import (
	"testing"

	"kubergarten/ui/browser"
)

// hide has the page of the next navigations believe that nobody sees it, until
// one calls kgShow, and count its streams: a tab that was opened in the background.
const hide = `(() => {
	let hidden = true;
	Object.defineProperty(document, "hidden", { get: () => hidden });
	const turn = (to) => { hidden = to; document.dispatchEvent(new Event("visibilitychange")); };
	window.kgShow = () => turn(false);
	window.kgHide = () => turn(true);
	window.kgStreams = 0;
	const Real = EventSource;
	window.EventSource = class extends Real { constructor(url) { super(url); window.kgStreams++; } };
})()`

// TestATabInTheBackgroundHasNoStream: a browser gives all tabs of a server six
// connections, and who opens six pods in new tabs must still get a seventh page.
func TestATabInTheBackgroundHasNoStream(t *testing.T) {
	s := newSite(t, t.TempDir())
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Before(hide), browser.Reload(), browser.See("#start-nodes"))
	if n := browser.Eval[int](b, `window.kgStreams`); n != 0 {
		t.Errorf("a tab that nobody has seen yet has %d streams", n)
	}
	browser.Eval[any](b, `window.kgShow()`)
	b.Do(browser.Wait(`window.kgStreams === 1 && document.getElementById("start-nodes").textContent.includes("0 of 1")`))
	b.Innocent()
}
