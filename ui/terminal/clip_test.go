package terminal_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// paste is what a browser does when its user pastes.
const paste = `(() => {
	const clip = new DataTransfer();
	clip.setData("text/plain", "from elsewhere");
	document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clip, bubbles: true, cancelable: true }));
})()`

// steady waits until the lines of the terminal have stayed for a while where
// they are: a note above them moves them, a moment after it is shown or gone.
func steady() browser.Step {
	return browser.Wait(`(() => {
		const at = document.querySelector(".kg-terms-current .xterm-rows").getBoundingClientRect(), now = at.top + " " + at.height;
		window.still = window.was === now ? (window.still ?? 0) + 1 : 0;
		window.was = now;
		return window.still > 15;
	})()`)
}

func TestCopyAndPaste(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Keys("hello"), browser.Keys(kb.Enter), reads("said: hello"))

	// By the button and by keys: what the mouse has selected.
	browser.Eval[any](b, `(window.copied = [], navigator.clipboard.writeText = async (text) => { window.copied.push(text); }, 0)`)
	b.Do(steady(), browser.TripleClick(".kg-terms-current .xterm-rows > div:nth-child(2)"), browser.Click("[data-do=copy]"), note("Copied"), inTerminal())
	b.Do(steady(), browser.TripleClick(".kg-terms-current .xterm-rows > div:nth-child(2)"), browser.Chord("C", kb.ModifierCtrl|kb.ModifierShift), browser.Wait(`window.copied.length === 2`))
	if got := browser.Eval[string](b, `window.copied.join("|")`); got != "said: hello|said: hello" {
		t.Errorf("copied: %q", got)
	}

	browser.Eval[any](b, paste)
	b.Do(reads("$ from elsewhere"))
	browser.Eval[any](b, `(navigator.clipboard.readText = async () => " and here", 0)`)
	b.Do(browser.Click("[data-do=paste]"), reads("$ from elsewhere and here"), inTerminal())
	browser.Eval[any](b, `(navigator.clipboard.readText = async () => { throw new Error("not allowed"); }, 0)`)
	b.Do(browser.Click("[data-do=paste]"), note("Ctrl+Shift+V"))
	// Nothing is selected any more: a word of advice.
	b.Do(browser.Click("[data-do=copy]"), note("Select some text"))
	if got := s.typed(0); got != "hello\rfrom elsewhere and here" {
		t.Errorf("typed: %q", got)
	}

	b.Innocent()
}

// TestColours: a program may choose any colour, within the page's policy.
func TestColours(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Keys("colours"), browser.Keys(kb.Enter), reads("exact"))
	b.Do(browser.Wait(`[...document.querySelectorAll(".xterm-rows span")].some((e) => e.textContent.includes("exact") && getComputedStyle(e).color === "rgb(200, 0, 0)")`))

	// A link that a program wrote asks before it leads away.
	b.Do(browser.Keys("osc"), browser.Keys(kb.Enter), reads("link"))
	at := browser.Eval[string](b, `(() => { const rows = [...document.querySelectorAll(".xterm-rows > div")]; return String(rows.findIndex((e) => e.textContent.startsWith("link")) + 1); })()`)
	link := ".kg-terms-current .xterm-rows > div:nth-child(" + at + ") > span"
	b.Do(browser.Drag(link, 0, 0), browser.Wait(`getComputedStyle(document.querySelector(".xterm-screen")).cursor === "pointer" || !!document.querySelector(".xterm-cursor-pointer")`), browser.Drag(link, 0, 0), browser.Text("dialog[open] [data-url]", "https://outside.example/"))
	b.Do(browser.Keys(kb.Escape), browser.Gone("dialog"), browser.Keys("still here"), reads("still here"))
	b.Innocent()
}
