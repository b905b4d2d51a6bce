package terminal_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// breakable makes the page's next connections such that broken breaks them and
// mended lets others come.
const breakable = `(() => {
	const Socket = window.WebSocket, fetch = window.fetch, open = [];
	let down = false;
	window.WebSocket = class extends Socket { constructor(url) { super(url); open.push(this); } };
	window.fetch = (...what) => down ? Promise.reject(new Error("down")) : fetch(...what);
	window.broken = () => { down = true; open.forEach((s) => s.close()); };
	window.mended = () => { down = false; };
})()`

// offer is what a lesson does with a line for the terminal.
func offer(b *browser.Browser, line string) {
	browser.Eval[any](b, `(document.dispatchEvent(new CustomEvent("kg-type", { detail: { text: "`+line+`" } })), 0)`)
}

func TestAnotherWindowHadTheTerminal(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Keys("one"), browser.Keys(kb.Enter), reads("said: one"))
	browser.Eval[any](b, breakable)
	shells := browser.Eval[string](b, `sessionStorage.getItem("kg-terminals")`)

	other := b.Tab()
	other.Do(browser.Open(s.base + "/terminal"))
	browser.Eval[any](other, `(sessionStorage.setItem("kg-terminals", `+"`"+shells+"`"+`), 0)`)
	other.Do(browser.Reload(), inTerminal(), reads("said: one"), browser.Keys("in another window"), browser.Keys(kb.Enter), reads("said: in another"))

	// A line for the terminal takes it back, and stands there.
	b.Do(note("another window"))
	offer(b, "mine")
	b.Do(reads("said: in another"), reads("$ mine"), note(""))

	// Now the connection breaks: what is typed meanwhile is typed.
	browser.Eval[any](b, `broken()`)
	b.Do(note("lost"), inTerminal(), browser.Keys(" again"))
	browser.Eval[any](b, `mended()`)
	b.Do(note("Connected again"), reads("$ mine again"), browser.Keys(kb.Enter), reads("said: mine again"))
	if got := s.typed(0); got != "one\rin another window\rmine again\r" {
		t.Errorf("typed: %q", got)
	}

	// After the shell's end a line opens another.
	b.Do(browser.Keys("exit"), browser.Keys(kb.Enter), note("has ended"))
	offer(b, "more")
	b.Do(reads("more"), browser.Keys(kb.Enter), reads("said: more"))
	b.Innocent()
}

// TestATabThatIsClosedAtOnce leaves no shell that nobody sees.
func TestATabThatIsClosedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	browser.Eval[any](b, `(document.querySelector("[data-do=new]").click(), document.querySelector("[data-do=close]").click(), 0)`)
	b.Do(browser.Click("[data-do=new]"), inTerminal(), reads("$"), browser.Keys("last"), browser.Keys(kb.Enter), reads("said: last"))
	if n := len(s.bench.Shells()); n != 2 {
		t.Errorf("%d shells for two terminals", n)
	}
	b.Innocent()
}
