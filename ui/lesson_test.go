package ui

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp/kb"

	"kubergarten/lessons"
	"kubergarten/ui/browser"
	"kubergarten/ui/page/lesson"
	"kubergarten/ui/page/lesson/lessontest"
	"kubergarten/ui/text"
)

// aTerminal stands where the terminal is: it takes the focus, and shows what a
// lesson types into it.
func aTerminal(context.Context) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<div id="a-terminal" tabindex="0" role="group" aria-label="shell">$ </div>`)
		return err
	})
}

// newSchool is a site with lessons and something like a terminal beside them.
func newSchool(t *testing.T, dir, listen string, teacher lesson.Teacher) *site {
	t.Helper()
	return newSiteAt(t, dir, listen, func(s *Server) {
		lesson.Routes(s.mux, s.frame, lesson.Deps{Teacher: teacher, Panel: aTerminal})
	})
}

// newTeacher has begun each of the lessons that come with Kubergarten.
func newTeacher(t *testing.T) *lessontest.Teacher {
	t.Helper()
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		t.Fatal(err)
	}
	teacher := lessontest.New(c)
	for _, l := range c.Lessons() {
		teacher.Set(l.ID, func(s *lessons.State) { s.Started = true })
	}
	return teacher
}

// pods is the lesson of these tests, with a first step "look".
const pods = "02-pods"

// TestTwoTabsOnOneLesson: a prediction, a hint, and a check that is passed come
// to both tabs by themselves.
func TestTwoTabsOnOneLesson(t *testing.T) {
	teacher := newTeacher(t)
	s := newSchool(t, t.TempDir(), "127.0.0.1:0", teacher)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+pods), browser.See("#step-look .kg-predict"))
	other := b.Tab()
	other.Do(browser.Open(s.base+"/lessons/"+pods), browser.See("#step-look .kg-predict"))
	both := func(steps ...browser.Step) { b.Do(steps...); other.Do(steps...) }

	if browser.Eval[bool](b, `document.querySelector("#step-look").textContent.includes("Welcome to nginx!")`) {
		t.Error("what is to be predicted is told before")
	}
	b.Do(browser.Click(`#step-look input[value="two"]`), browser.Click(`#step-look .kg-predict button`))
	both(browser.Text("#step-look .kg-predicted", "Two, one for each container"), browser.Text("#step-look", "Welcome to nginx!"), browser.Gone("#step-look .kg-predict"))
	other.Do(browser.Click("#hint-look button"))
	both(browser.Text("#step-look .kg-hints", "Hint 1"), browser.Text("#hint-look", "Show hint 2 of 3"))

	teacher.SetStep(pods, "look", func(l *lessons.StepState) {
		l.Checks[0].Message = lessons.Words{"en": "`spec.containers` of pod duo has 1 entries, not 2."}
	})
	both(browser.Text("#step-look .kg-check code", "spec.containers"), browser.Text("#step-look .kg-check", "Not yet"))
	// What is being read is not folded away, nor the focus lost.
	b.Do(browser.Reach("#step-look [data-type]"))
	wrong := false
	teacher.SetStep(pods, "look", func(l *lessons.StepState) {
		l.Prediction.Right, l.Prediction.Outcome, l.Prediction.Explanation = &wrong, "one", lessons.Words{"en": "The pod has one."}
	})
	teacher.Pass(pods, "look")
	both(browser.Text("#step-look .kg-check.kg-ok", "Passed"), browser.Text("#step-look .kg-outcome", "It happened differently"),
		browser.Text("#lesson-said", "Step 1, Two containers in one pod, is passed."), browser.See("#step-hold .kg-predict"), browser.See("#step-look .kg-outcome"))
	if !browser.Eval[bool](b, `document.activeElement.matches("#step-look [data-type]")`) {
		t.Error("the focus is lost when a check is passed")
	}
	b.Shot("lesson-passed-step")

	// A step that one folds stays folded.
	b.Do(browser.Click("#step-look summary"), browser.Gone("#step-look .kg-outcome"))
	teacher.SetStep(pods, "hold", func(l *lessons.StepState) { l.Prediction.Choice = "same-address" })
	b.Do(browser.Text("#step-hold", "You predicted"), browser.Gone("#step-look .kg-outcome"))

	// A reset asks; then the steps are as at first.
	b.Do(browser.Click(`#lesson-head a[data-open]`), browser.See("#lesson-reset[open]"), browser.Click("#lesson-reset .kg-danger"))
	both(browser.See("#step-look .kg-predict"), browser.Gone("dialog"), browser.Gone("#step-hold .kg-step-body"))
	b.Innocent()
	other.Innocent()
}

// TestNothingTypedIsLost: not when the step is drawn anew, the server comes
// back, the session ends, or the page is loaded anew.
func TestNothingTypedIsLost(t *testing.T) {
	const at, field = "01-components", "#answer-etcd"
	teacher, dir := newTeacher(t), t.TempDir()
	teacher.Pass(at, "path")
	teacher.SetStep(at, "etcd", func(l *lessons.StepState) { l.Prediction.Choice = "apiserver" })
	s := newSchool(t, dir, "127.0.0.1:0", teacher)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+at), browser.Type(field, "kube-api"))
	typed := func(when, want string) {
		t.Helper()
		if got := browser.Eval[string](b, `document.querySelector("`+field+`")?.value ?? "gone"`); got != want {
			t.Errorf("%s what was typed is %q", when, got)
		}
	}
	teacher.SetStep(at, "etcd", func(l *lessons.StepState) { l.HintsShown = 1 })
	b.Do(browser.Text("#step-etcd", "Hint 1"))
	typed("after a change", "kube-api")
	b.Do(browser.Reload(), browser.See(field))
	typed("after the page was loaded anew", "kube-api")

	s.stop()
	b.Do(browser.See("#kg-lost"), browser.Click("#ask-etcd button"), browser.Text(".kg-toast", "cannot be reached"))
	newSchool(t, dir, s.srv.addr.String(), teacher)
	b.Do(browser.Gone("#kg-lost"))
	teacher.SetStep(at, "etcd", func(l *lessons.StepState) { l.HintsShown = 2 })
	b.Do(browser.Text("#step-etcd", "Hint 2"))
	typed("after the server came back", "kube-api")

	logOut(b)
	b.Do(browser.See("#kg-again[open] #kg-token"), browser.Type("#kg-again #kg-token", good+"\r"),
		browser.Gone("dialog"), browser.Text("#kg-toasts", "You are logged in again."))
	typed("after another login", "kube-api")
	b.Do(browser.Click("#ask-etcd button"), browser.Text("#step-etcd .kg-wrong", "That is not it yet"))
	typed("after a wrong answer", "kube-api")
	b.Do(browser.Type(field, "server\r"), browser.Text("#step-etcd .kg-wrong", "kube-apiserver"))
	b.Innocent()
}

// TestALessonByKeyboard: each thing is a stop of Tab, the divider moves with the
// arrow keys, and a command goes into the terminal.
func TestALessonByKeyboard(t *testing.T) {
	teacher := newTeacher(t)
	s := newSchool(t, t.TempDir(), "127.0.0.1:0", teacher)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons"), browser.See(".kg-lessons"))
	b.Do(browser.Reach(`.kg-lessons a[href="/lessons/`+pods+`"]`), browser.Keys("\r"), browser.See("#step-look .kg-predict"))
	b.Do(browser.Wait(`(window.typed = [], document.addEventListener("kg-type", (e) => window.typed.push(e.detail.text)), true)`))
	b.Do(browser.Reach("#step-look input[type=radio]"), browser.Keys(kb.ArrowDown), browser.Keys("\r"), browser.Text("#step-look .kg-predicted", "One, that of the pod"))
	b.Do(browser.Reach("#step-look [data-type]"), browser.Keys("\r"), browser.Wait(`document.activeElement.id === "a-terminal"`))
	want := browser.Eval[string](b, `document.querySelector("#step-look [data-type]").parentElement.querySelector("code").textContent`)
	if got := browser.Eval[string](b, `window.typed.join("|")`); got != want {
		t.Errorf("into the terminal went %q, not %q", got, want)
	}
	if missed := b.Unreached("", nil); len(missed) > 0 {
		t.Errorf("Tab does not come to %q", missed)
	}
	now := func() int64 {
		return browser.Eval[int64](b, `Math.round(100 * document.getElementById("lesson-divider").getBoundingClientRect().left / innerWidth)`)
	}
	b.Do(browser.ReachBack("#lesson-divider"))
	before := now()
	for range 5 {
		b.Do(browser.Keys(kb.ArrowLeft))
	}
	b.Do(browser.Wait(`document.getElementById("lesson-divider").getAttribute("aria-valuenow") === "40"`))
	b.Do(browser.Wait(fmt.Sprintf(`100 * document.getElementById("lesson-divider").getBoundingClientRect().left / innerWidth < %d`, before-5)))
	b.Do(browser.Keys(kb.Home), browser.Wait(`document.getElementById("lesson-divider").getAttribute("aria-valuenow") === "30"`))
	b.Do(browser.Reload(), browser.Wait(`document.getElementById("lesson-divider")?.getAttribute("aria-valuenow") === "30"`))
	b.Do(browser.Click(`[data-split="5"]`), browser.Wait(`document.getElementById("lesson-divider").getAttribute("aria-valuenow") === "35"`))
	b.Do(browser.Reach(`a.kg-skip[href="#lesson-terminal"]`), browser.Keys("\r"), browser.Wait(`document.activeElement.id === "a-terminal"`))
	b.Innocent()
}

// TestALessonOnAPhone: text and terminal are behind two buttons.
func TestALessonOnAPhone(t *testing.T) {
	teacher := newTeacher(t)
	s := newSchool(t, t.TempDir(), "127.0.0.1:0", teacher)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Size(390, 844), browser.Open(s.base+"/lessons/"+pods), browser.See("#step-look"), browser.Gone("#lesson-terminal"), browser.Gone("#lesson-divider"))
	teacher.SetStep(pods, "look", func(l *lessons.StepState) { l.Prediction.Choice = "one" })
	b.Do(browser.Click(`button[data-pane="terminal"]`), browser.See("#a-terminal"), browser.Gone("#lesson-text"))
	b.Do(browser.Click(`button[data-pane="text"]`), browser.Click("#step-look [data-type]"), browser.See("#a-terminal"))
	if wide := browser.Eval[int64](b, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("%d pixels wide", wide)
	}
	b.Innocent()
}

// TestALessonOnPaper is its text, of passed steps too, even after a command went
// into the terminal and on paper as narrow as a phone.
func TestALessonOnPaper(t *testing.T) {
	teacher := newTeacher(t)
	teacher.SetStep(pods, "look", func(l *lessons.StepState) { l.Prediction.Choice = "one" })
	s := newSchool(t, t.TempDir(), "127.0.0.1:0", teacher)
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/lessons/"+pods), browser.Click("#step-look [data-type]"), browser.See("#a-terminal"))
	teacher.Pass(pods, "look")
	b.Do(browser.Reload(), browser.See("#step-hold .kg-predict"), browser.Gone("#step-look .kg-prose"), browser.Click("#step-hold summary"))
	browser.Eval[any](b, `document.querySelector(".kg-beside").dataset.show = "terminal"`)
	for _, width := range []int64{390, 794, 1280} {
		b.Do(browser.Size(width, 1123), browser.Media("print"), browser.See("#step-look .kg-prose"), browser.See("#step-hold .kg-predict"), browser.Gone("#lesson-terminal, #lesson-divider, .kg-panes, .kg-header"))
		if wide := browser.Eval[string](b, tooWide); wide != "" {
			t.Errorf("%d pixels: too wide: %s", width, wide)
		}
		b.Shot(fmt.Sprintf("lesson-print-%d", width))
		b.Do(browser.Media("screen"))
	}
	b.Innocent()
}

// TestLessonsByAxe judges the pages in each theme and language, the lesson also
// in all that its page can show, unfolded, and sees that at 200 % zoom nothing
// must be scrolled sideways.
func TestLessonsByAxe(t *testing.T) {
	teacher := newTeacher(t)
	s := newSchool(t, t.TempDir(), "127.0.0.1:0", teacher)
	b := browser.New(t)
	axe := b.NewAxe()
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	// judge judges a page in which all of shown is to be seen.
	judge := func(page, stage, theme, lang string, shown ...string) {
		t.Helper()
		b.Do(browser.Size(1280, 720), browser.Open(s.base+page), browser.See("#content h1"))
		b.Choose(theme, lang)
		browser.Eval[any](b, `document.querySelectorAll("#content details").forEach((d) => { d.open = true; })`)
		for _, selector := range shown {
			b.Do(browser.See(selector))
		}
		if broken := b.Findings(axe); broken != "" {
			t.Errorf("%s, %s, %s, %s: %s", page, stage, theme, lang, broken)
		}
		b.Shot(fmt.Sprintf("lesson%s-%s-%s-%s", page, stage, theme, lang))
		b.Do(browser.Size(640, 360))
		if wide := browser.Eval[string](b, tooWide); wide != "" {
			t.Errorf("%s, %s, %s: at 200 %% zoom too wide: %s", page, stage, lang, wide)
		}
		b.Do(browser.Size(390, 844))
		b.Shot(fmt.Sprintf("lesson%s-%s-%s-%s-phone", page, stage, theme, lang))
	}
	all := func(page, stage string, shown ...string) {
		t.Helper()
		for _, theme := range []string{"light", "dark"} {
			for _, lang := range text.Languages() {
				judge(page, stage, theme, lang, shown...)
			}
		}
	}
	const at = "/lessons/" + pods
	teacher.Set(pods, func(l *lessons.State) { l.Started = false })
	judge(at, "before", "dark", text.Chinese, "#lesson-head form", "#step-look .kg-step-body")
	teacher.Set(pods, func(l *lessons.State) { l.Started, l.Problem = true, "The API server does not answer right now." })
	judge(at, "predict", "light", text.English, ".kg-lesson-problem", "#step-look .kg-predict")
	wrongAnswer(teacher)
	judge(at, "answer", "light", text.Chinese, "#step-hold .kg-wrong", "#step-look .kg-outcome .kg-warn")
	work(teacher)
	all("/lessons", "work", ".kg-lesson-next", ".kg-dots")
	all(at+"/reset", "work", "#content form .kg-danger")
	all(at, "work", "#step-look .kg-outcome .kg-warn", "#step-hold .kg-outcome .kg-off", "#step-hold .kg-check.kg-ok",
		"#step-ports .kg-predicted", "#step-ports .kg-check.kg-busy code", "#step-ports .kg-hints li:nth-child(3)", "#step-ports .kg-solution", "#step-clash .kg-step-body")
	b.Do(browser.Size(1280, 720), browser.Click("#lesson-head a[data-open]"), browser.See("#lesson-reset[open] .kg-danger"))
	if broken := b.Findings(axe); broken != "" {
		t.Errorf("the question before a reset: %s", broken)
	}
	teacher.Pass(pods, "ports")
	teacher.SetStep(pods, "clash", func(l *lessons.StepState) {
		right := true
		l.Prediction.Choice, l.Prediction.Right = "loops", &right
	})
	teacher.Pass(pods, "clash")
	judge(at, "passed", "dark", text.English, "#step-clash .kg-outcome .kg-ok", "#lesson-end")
	judge(at, "passed", "light", text.Chinese, "#lesson-end")
	b.Innocent()
}

// tooWide names what goes beyond the window's right edge, if the page does, once
// it is drawn.
const tooWide = `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(() => document.documentElement.scrollWidth <= innerWidth ? "" :
	[...document.querySelectorAll("#content *")].filter((e) => e.getBoundingClientRect().right > innerWidth)
		.map((e) => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 5).join(", ") || "?")`

// wrongAnswer has passed the first step of the lesson about pods after a wrong
// prediction, and answered the second one's question wrongly.
func wrongAnswer(teacher *lessontest.Teacher) {
	wrong := false
	teacher.SetStep(pods, "look", func(l *lessons.StepState) {
		l.Prediction.Choice, l.Prediction.Right, l.Prediction.Outcome = "two", &wrong, "one"
		l.Prediction.Explanation = lessons.Words{"en": "A container has no IP of its own. The pod has one.", "zh-CN": "容器没有自己的 IP。IP 属于 Pod。"}
	})
	teacher.Pass(pods, "look")
	teacher.SetStep(pods, "hold", func(l *lessons.StepState) {
		l.Prediction.Choice, l.Answer = "same-address", "nginx"
		lessontest.Wrong(l)
	})
}

// work goes on from there: what came of the second prediction cannot be told,
// and all help is asked for in the third step.
func work(teacher *lessontest.Teacher) {
	teacher.SetStep(pods, "hold", func(l *lessons.StepState) { l.Answer = "pause" })
	teacher.Pass(pods, "hold")
	teacher.SetStep(pods, "ports", func(l *lessons.StepState) {
		l.Prediction.Choice, l.HintsShown, l.SolutionShown = "undeclared", 3, true
		l.Checks[0].Message = lessons.Words{"en": "There is no pod `neighbours` in lesson-pods yet.", "zh-CN": "lesson-pods 里还没有名为 `neighbours` 的 Pod。"}
	})
}
