package terminal_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
	"kubergarten/ui/terminal"
)

// screen is what can be read on the current terminal.
const screen = `document.querySelector(".kg-terms-current .xterm-rows").innerText`

// reads waits until the current terminal shows text.
func reads(text string) browser.Step {
	return browser.Wait(fmt.Sprintf(`(%s).replace(/\u00a0/g, " ").includes(%q)`, screen, text))
}

// inTerminal waits until the keys go to the terminal.
func inTerminal() browser.Step {
	return browser.Wait(`!!document.activeElement.closest(".kg-terms-current .xterm")`)
}

func note(text string) browser.Step { return browser.Text("[data-note]", text) }

// await waits until ok, which the shell makes true.
func (s *site) await(b *browser.Browser, what string, ok func() bool) {
	s.Helper()
	for range 3000 {
		if ok() {
			return
		}
		browser.Eval[any](b, `new Promise((done) => setTimeout(done, 20))`)
	}
	s.Fatalf("never: %s", what)
}

func TestInABrowser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSite(t, dir, "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))

	// Typing, Ctrl-C, the shell's own Tab.
	b.Do(browser.Keys("hello"), browser.Keys(kb.Enter), reads("said: hello"))
	b.Do(browser.Keys("yes"), browser.Keys(kb.Enter), reads("y"), browser.Chord("c", kb.ModifierCtrl), reads("^C"))
	shell := s.bench.Shells()[0]
	shell.Look(func(f *terminal.FakeShell) {
		if got := string(f.Typed); got != "hello\ryes\r\x03" {
			t.Errorf("typed: %q", got)
		}
	})
	b.Do(browser.Keys("osc"), browser.Keys(kb.Enter), reads("link"))

	// A smaller window has fewer columns.
	size := func() (z terminal.Size) {
		shell.Look(func(f *terminal.FakeShell) { z = f.Sizes[len(f.Sizes)-1] })
		return z
	}
	wide := size()
	if wide.Cols < 100 || wide.Rows < 20 {
		t.Errorf("at 1280 by 720 the terminal has %v", wide)
	}
	b.Do(browser.Size(800, 600))
	s.await(b, "fewer columns", func() bool { return size().Cols < wide.Cols-20 && size().Rows < wide.Rows })
	b.Do(browser.Size(1280, 720))

	// Loaded anew: the same shell, with what it said, and no answer typed twice.
	b.Do(browser.Keys("be"), reads("$ be"), browser.Reload(), inTerminal(), reads("$ be"), browser.Keys("fore"), browser.Keys(kb.Enter), reads("said: before"))
	if n := len(s.bench.Shells()); n != 1 {
		t.Errorf("%d shells after loading the page anew", n)
	}

	// Another tab has another shell; both go on.
	b.Do(browser.Click("[data-do=new]"), inTerminal(), reads("$"), browser.Keys("second"), browser.Keys(kb.Enter), reads("said: second"))
	if got := browser.Eval[string](b, screen); strings.Contains(got, "hello") {
		t.Errorf("the second terminal shows %q", got)
	}
	b.Do(browser.Chord(kb.ArrowLeft, kb.ModifierCtrl|kb.ModifierShift), reads("said: before"), inTerminal())

	// The server restarts while one types: one sentence, the screen stays, what
	// was typed is at the prompt of a new shell.
	b.Do(browser.Keys("ty"), reads("$ ty"))
	s.stop()
	b.Do(note("lost"), reads("said: before"), browser.Keys("ped"))
	u, _ := url.Parse(s.base)
	again := newSite(t, dir, u.Host)
	b.Do(note("new one with the same files"), reads("said: before"), reads("$ typed"), browser.Keys(kb.Enter), reads("said: typed"))
	if n := len(again.bench.Shells()); n != 2 {
		t.Errorf("%d shells for two terminals", n)
	}
	b.Do(browser.Chord(kb.ArrowRight, kb.ModifierCtrl|kb.ModifierShift), reads("said: second"), browser.Keys("again"), browser.Keys(kb.Enter), reads("said: again"))

	// A shell that ends says so, and Enter opens another.
	b.Do(browser.Keys("exit"), browser.Keys(kb.Enter), note("has ended"), browser.Keys(kb.Enter), note(""), browser.Keys("more"), browser.Keys(kb.Enter), reads("said: more"))
	b.Innocent()
}

// TestTypedAhead: what was typed before there was a prompt comes back too.
func TestTypedAhead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSite(t, dir, "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Keys("slow"), browser.Keys(kb.Enter), reads("slowly"), browser.Keys("aheaf"), browser.Keys(kb.Backspace))
	s.await(b, "the keys", func() bool { return s.typed(0) == "slow\raheaf\x7f" })
	s.stop()
	b.Do(note("lost"), browser.Keys("d"))
	u, _ := url.Parse(s.base)
	again := newSite(t, dir, u.Host)
	b.Do(reads("$ ahead"))
	again.await(b, "the line", func() bool { return again.typed(0) == "ahead" })
	b.Do(browser.Keys(kb.Enter), reads("said: ahead"))
}

func TestALoginInPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Keys("first"), browser.Keys(kb.Enter), reads("said: first"), browser.Keys("un"), reads("$ un"))
	browser.Eval[any](b, `fetch("/logout", { method: "POST", redirect: "manual" })`)
	b.Do(browser.See("#kg-again[open] #kg-token"), note("Log in again"), reads("said: first"),
		browser.Type("#kg-again #kg-token", token+"\r"), browser.Gone("#kg-again"), note("Connected again"))
	b.Do(browser.Click(".kg-terms-current"), inTerminal(), browser.Keys("broken"), browser.Keys(kb.Enter))
	b.Do(reads("said: unbroken"))
}

func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	// Tab is the shell's; F6 leaves, and comes back.
	b.Do(browser.Keys(kb.Tab), inTerminal(), browser.Keys("\x1b"), inTerminal())
	b.Do(browser.Keys(kb.F6), browser.Wait(`document.activeElement.matches("[role=tab]")`), browser.Keys(kb.F6), inTerminal())
	b.Do(browser.Chord(kb.F6, kb.ModifierShift), browser.Wait(`document.activeElement.matches("[data-after]")`), browser.Reach(".kg-footer a"))
	// Back by Tab alone: past the terminal's tools into it, and out again.
	b.Do(browser.ReachBack(".xterm-helper-textarea"), browser.Keys(kb.F6))
	b.Do(browser.Reach("[data-do=new]"), browser.Keys(kb.Enter), inTerminal(), reads("$"), browser.Wait(`document.querySelectorAll("[role=tab]").length === 2`))
	b.Do(browser.Keys(kb.F6), browser.Keys(kb.ArrowLeft), browser.Wait(`document.activeElement === document.querySelector("[role=tab][aria-selected=true]")`))
	b.Do(browser.Keys(kb.Delete), browser.Wait(`document.querySelectorAll("[role=tab]").length === 1`), browser.Keys(kb.F6), inTerminal(), browser.Keys("x"), reads("$ x"))
	b.Do(browser.Chord(kb.Enter, kb.ModifierCtrl|kb.ModifierShift), browser.Wait(`document.querySelectorAll("[role=tab]").length === 2`), inTerminal())
}

func TestOnAPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Size(390, 844), browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Keys("a"), browser.Click("[data-key=pipe]"), inTerminal(), browser.Click("[data-key=slash]"), reads("$ a|/"))
	b.Do(browser.Click("[data-key=ctrl]"), inTerminal(), browser.Keys("c"), reads("^C"), browser.Click("[data-key=up]"))
	shell := s.bench.Shells()[0]
	s.await(b, "an arrow", func() (ok bool) {
		shell.Look(func(f *terminal.FakeShell) { ok = strings.HasSuffix(string(f.Typed), "a|/\x03\x1b[A") })
		return ok
	})
	if small := browser.Eval[[]string](b, `[...document.querySelectorAll(".kg-terms button")].filter((e) => e.checkVisibility())
		.filter((e) => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; }).map((e) => e.outerHTML)`); len(small) > 0 {
		t.Errorf("smaller than 24 pixels: %v", small)
	}
	if wide := browser.Eval[int64](b, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("%d pixels wide", wide)
	}
	b.Shot("terminal-phone")
}

func TestAxe(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	judge := b.NewAxe()
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$"))
	b.Do(browser.Click("[data-do=new]"), inTerminal(), browser.Keys("colours"), browser.Keys(kb.Enter), reads("colour 15"))
	for _, look := range [][2]string{{"light", "zh-CN"}, {"dark", "en"}} {
		b.Choose(look[0], look[1])
		b.Do(reads("colour 15"))
		if found := b.Findings(judge); found != "" {
			t.Errorf("%v: %s", look, found)
		}
		b.Shot("terminal-" + look[0] + "-" + look[1])
		b.Do(browser.Size(640, 360))
		if wide := browser.Eval[int64](b, `document.documentElement.scrollWidth`); wide > 640 {
			t.Errorf("%v: %d pixels wide at 200 %% zoom", look, wide)
		}
		b.Do(browser.Size(1280, 720))
	}
}
