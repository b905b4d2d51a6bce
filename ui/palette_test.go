package ui

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// TestThePaletteIsAskedForAgain when its entries could not be had: the session
// was over, and one has logged in since.
func TestThePaletteIsAskedForAgain(t *testing.T) {
	s := newSite(t, t.TempDir())
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	browser.Eval[any](b, `(() => {
		const real = fetch;
		window.fetch = (at, how) => {
			if (at !== "/palette") return real(at, how);
			window.fetch = real;
			return Promise.resolve(new Response("", { status: 401 }));
		};
	})()`)
	b.Do(browser.Chord("k", kb.ModifierCtrl), browser.See("#kg-palette[open]"), browser.Keys(kb.Escape), browser.Wait(`!document.querySelector("dialog[open]")`),
		browser.Chord("k", kb.ModifierCtrl), browser.See("#kg-palette [role=option]"))
	b.Innocent()
}
