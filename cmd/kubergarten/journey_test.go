package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/engine/conformance/isolation"
	"kubergarten/ui/browser"
)

// A look is a language and a theme.
type look struct{ lang, theme string }

// looks are each language and each theme once.
var looks = []look{{"en", "light"}, {"zh-CN", "dark"}}

func (l look) String() string { return l.lang + "-" + l.theme }

// says is a text in the language of the look.
func (l look) says(en, zh string) string {
	if l.lang == "en" {
		return en
	}
	return zh
}

// A trip is one learner's way: a browser, in one look, at a cluster of its own.
type trip struct {
	*browser.Browser
	look
	server *server
	base   string // the page's address, without the slash at its end
}

// TestJourneys goes the ways of a learner, with a browser, on a cluster that no
// address outside of this computer can be reached from.
func TestJourneys(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	if !isolation.Offline(t) {
		return
	}
	journeys := []struct {
		name string
		walk func(*trip)
	}{
		{"lesson", (*trip).lesson},
		{"terminal", (*trip).terminal},
		{"repair-by-mouse", (*trip).repairByMouse},
		{"repair-by-keyboard", (*trip).repairByKeyboard},
		{"mishaps", (*trip).mishaps},
	}
	for _, l := range looks {
		for _, j := range journeys {
			t.Run(l.String()+"/"+j.name, func(t *testing.T) {
				way := newTrip(t, l)
				j.walk(way)
				way.Innocent()
			})
		}
	}
}

// newTrip starts a cluster, and opens the link that it prints.
func newTrip(t *testing.T, l look) *trip {
	t.Helper()
	s := newServer(t)
	s.ui = freePort(t) // the same after a restart
	s.start()
	s.waitReady()
	b := browser.New(t)
	b.Do(browser.Size(1280, 720), browser.Open(s.link), browser.See("#start-nodes"))
	b.Choose(l.theme, l.lang)
	return &trip{Browser: b, look: l, server: s, base: pageOf(s.link)}
}

// shot is a picture of the page as it is.
func (w *trip) shot(name string) { w.Shot(w.String() + "-" + name) }

// screen is what can be read on the terminal that is open.
const screen = `(document.querySelector(".kg-terms-current .xterm-rows")?.innerText ?? "").replace(/\u00a0/g, " ")`

// shows waits until the open terminal shows text.
func shows(text string) browser.Step {
	return browser.Wait(fmt.Sprintf(`(%s).includes(%q)`, screen, text))
}

// lastLine waits until the last line of the open terminal is text: the prompt,
// say, with what is typed behind it.
func lastLine(text string) browser.Step {
	return browser.Wait(fmt.Sprintf(`(%s).trimEnd().split("\n").at(-1).trimEnd().endsWith(%q)`, screen, text))
}

// inTerminal waits until the keys go to the terminal.
func inTerminal() browser.Step {
	return browser.Wait(`!!document.activeElement?.closest(".kg-terms-current .xterm")`)
}

// run types a command at the prompt, and Enter.
func (w *trip) run(command string) {
	w.Helper()
	w.Do(inTerminal(), lastLine(" #"), browser.Keys(command), browser.Keys(kb.Enter))
}
