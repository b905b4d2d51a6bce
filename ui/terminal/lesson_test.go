package terminal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/lessons"
	"kubergarten/ui/browser"
	"kubergarten/ui/page/lesson/lessontest"
	"kubergarten/ui/terminal"
)

// command is the first line of the lesson that goes into the terminal.
const command = `document.querySelector("[data-type]").parentElement.querySelector("code").textContent`

// aLesson is a site, and the address of a lesson whose first step is to do.
func aLesson(t *testing.T) (s *site, teacher *lessontest.Teacher, l *lessons.Lesson) {
	t.Helper()
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		t.Fatal(err)
	}
	teacher, l = lessontest.New(c), c.Lessons()[0]
	teacher.Set(l.ID, func(state *lessons.State) {
		state.Started = true
		for i, step := range l.Steps {
			if step.Predict != nil {
				state.Steps[i].Prediction.Choice = l.In("en").Step(step.ID).Predict.Choices[0].ID
			}
		}
	})
	return newSchool(t, t.TempDir(), "127.0.0.1:0", teacher), teacher, l
}

// typed is what the shell number n has been given.
func (s *site) typed(n int) (text string) {
	s.bench.Shells()[n].Look(func(f *terminal.FakeShell) { text = string(f.Typed) })
	return text
}

func TestBesideALesson(t *testing.T) {
	t.Parallel()
	s, teacher, l := aLesson(t)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+l.ID), reads("$"))
	if browser.Eval[bool](b, `!!document.activeElement.closest(".xterm")`) {
		t.Error("the terminal takes the focus from who reads")
	}

	// A command goes to the prompt, and is not run.
	line := browser.Eval[string](b, command)
	first := strings.Fields(line)[0]
	b.Do(browser.Click("[data-type]"), inTerminal(), reads("$ "+first))
	s.await(b, "the command", func() bool { return s.typed(0) == line })
	b.Do(browser.Keys(kb.Enter), reads("said: "+first))

	// What comes to the page while one types is not in the way.
	b.Do(browser.Keys("ki"), reads("$ ki"))
	teacher.Pass(l.ID, l.Steps[0].ID)
	b.Do(browser.See("#step-"+l.Steps[0].ID+" .kg-step-passed"), browser.Keys("te"), reads("$ kite"), inTerminal())

	// Loaded anew: the same shell and what was typed there. On the page of
	// terminals it is again the same.
	b.Do(browser.Reload(), reads("$ kite"), browser.Open(s.base+"/terminal"), inTerminal(), reads("$ kite"), browser.Keys(kb.Enter), reads("said: kite"))
	if n := len(s.bench.Shells()); n != 1 {
		t.Errorf("%d shells", n)
	}
	b.Innocent()
}

func TestTheDivider(t *testing.T) {
	t.Parallel()
	s, _, l := aLesson(t)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+l.ID), reads("$"))
	cols := func() (n uint16) {
		s.bench.Shells()[0].Look(func(f *terminal.FakeShell) { n = f.Sizes[len(f.Sizes)-1].Cols })
		return n
	}
	at := func(min, max int) browser.Step {
		return browser.Wait(fmt.Sprintf(`((n) => n >= %d && n <= %d)(Number(document.querySelector("#lesson-divider").getAttribute("aria-valuenow")))`, min, max))
	}
	middle := cols()
	b.Do(browser.Drag("#lesson-divider", -200, 0), at(31, 38))
	s.await(b, "more columns", func() bool { return cols() >= middle+15 })
	wide := cols()
	b.Do(browser.Drag("#lesson-divider", 5000, 0), at(75, 75))
	s.await(b, "fewer columns", func() bool { return cols() <= middle-15 })
	b.Do(browser.Keys(kb.Home), at(30, 30))
	s.await(b, "more columns by a key", func() bool { return cols() >= wide })
	b.Do(browser.Keys(kb.ArrowRight), browser.Keys(kb.ArrowRight), at(34, 34))

	// From the terminal back to the divider and the text, by keys alone.
	b.Do(browser.Reach(".kg-terms-current textarea"), inTerminal(), browser.Keys(kb.F6), browser.Wait(`document.activeElement.matches("[role=tab]")`),
		browser.ReachBack("#lesson-divider"), browser.ReachBack("[data-type]"), browser.Keys(kb.Enter), inTerminal())
	s.await(b, "the command", func() bool { return s.typed(0) != "" })
	b.Innocent()
}

func TestBesideALessonOnAPhone(t *testing.T) {
	t.Parallel()
	s, _, l := aLesson(t)
	b := browser.New(t)
	b.Do(browser.Size(390, 844), browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+l.ID), browser.See("[data-type]"), browser.Gone("[data-terminals]"))
	if n := len(s.bench.Shells()); n != 0 {
		t.Errorf("%d shells open before one looks", n)
	}
	line := browser.Eval[string](b, command)
	b.Do(browser.Click("[data-type]"), browser.See("[data-terminals]"), inTerminal(), reads("$ "+strings.Fields(line)[0]))
	s.await(b, "the command", func() bool { return s.typed(0) == line })
	b.Do(browser.Click("[data-key=pipe]"), inTerminal(), browser.Keys("wc"), browser.Keys(kb.Enter), reads("said: "))
	if wide := browser.Eval[int64](b, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("%d pixels wide", wide)
	}
	b.Shot("lesson-phone-terminal")
	if hidden := browser.Eval[[]string](b, `[".kg-terms-current", ".kg-terms-keys"].filter((q) => { const r = document.querySelector(q).getBoundingClientRect(); return r.top < 0 || r.bottom > innerHeight; })`); len(hidden) > 0 {
		t.Errorf("not in the window: %v", hidden)
	}
	b.Do(browser.Click("button[data-pane=text]"), browser.See("[data-type]"), browser.Gone("[data-terminals]"), browser.Click("button[data-pane=terminal]"), reads("said: "))
	b.Innocent()
}

func TestBesideALessonByAxe(t *testing.T) {
	t.Parallel()
	s, _, l := aLesson(t)
	b := browser.New(t)
	judge := b.NewAxe()
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+l.ID), reads("$"))
	for _, look := range [][2]string{{"light", "en"}, {"dark", "zh-CN"}} {
		b.Choose(look[0], look[1])
		b.Do(reads("$"))
		if found := b.Findings(judge); found != "" {
			t.Errorf("%v: %s", look, found)
		}
		b.Shot("lesson-beside-" + look[0] + "-" + look[1])
	}
}
