package lesson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
	"kubergarten/ui/page/lesson/lessontest"
)

const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`

// A school is the pages of a teacher.
type school struct {
	*testing.T
	teacher *lessontest.Teacher
	mux     *http.ServeMux
	lang    string
}

func open(t *testing.T) *school {
	t.Helper()
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		t.Fatal(err)
	}
	s := &school{t, lessontest.New(c), http.NewServeMux(), "en"}
	f := frame.New(frame.Config{Clock: clock.RealClock{}, Log: slog.New(slog.DiscardHandler)})
	s.mux.HandleFunc("GET /live/{source}", f.Stream)
	Routes(s.mux, f, Deps{Teacher: s.teacher})
	return s
}

func (s *school) ctx() context.Context {
	return frame.With(s.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}, Lang: s.lang})
}

func (s *school) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil).WithContext(s.ctx()))
	return w
}

// page is a page that must be there.
func (s *school) page(path string) string {
	s.Helper()
	w := s.get(path)
	if w.Code != http.StatusOK {
		s.Fatalf("%s: status %d", path, w.Code)
	}
	return w.Body.String()
}

// post sends a form, as htmx does or as a browser without script.
func (s *school) post(path string, htmx bool, form ...string) *httptest.ResponseRecorder {
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	header := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if htmx {
		header = append(header, "HX-Request", "true")
	}
	return s.send(path, strings.NewReader(values.Encode()), header...)
}

// send sends a POST with headers, names and values in turn.
func (s *school) send(path string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, body).WithContext(s.ctx())
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

// shows fails the test unless page has each of want.
func (s *school) shows(page string, want ...string) {
	s.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			s.Errorf("the page lacks %q", w)
		}
	}
}

// hides fails the test if page has any of what.
func (s *school) hides(page string, what ...string) {
	s.Helper()
	for _, w := range what {
		if strings.Contains(page, w) {
			s.Errorf("the page has %q", w)
		}
	}
}

func TestTheCatalogue(t *testing.T) {
	s := open(t)
	page := s.page("/lessons")
	s.shows(page, "What next", "Meet the components", "A Service finds its pods by labels", "Not begun", "0 of 4 steps passed", "about 12 minutes", `href="/lessons/05-`)
	s.hides(page, "[lesson.")

	s.teacher.Set("01-components", func(l *lessons.State) { l.Started = true })
	s.teacher.Pass("01-components", "path")
	s.shows(s.page("/lessons"), "1 of 4 steps passed", "In progress", "Continue")

	for _, l := range s.teacher.Catalog().Lessons() {
		for _, step := range l.Steps {
			s.teacher.Pass(l.ID, step.ID)
		}
	}
	page = s.page("/lessons")
	s.shows(page, "All lessons are passed", "4 of 4 steps passed")
	s.hides(page, "Not begun", "What next")

	s.lang = "zh-CN"
	s.shows(s.page("/lessons"), "所有课程都已通过", "什么是 Pod")
}

func TestALessonFromBeginningToEnd(t *testing.T) {
	s := open(t)
	const at, step = "/lessons/02-pods", "look"
	see := func(want ...string) func(lacks ...string) {
		t.Helper()
		page := s.page(at)
		s.shows(page, want...)
		s.hides(page, "[lesson.")
		return func(lacks ...string) { t.Helper(); s.hides(page, lacks...) }
	}
	// Before it begins, the steps are locked, and there is one button.
	see("Start the lesson", "lesson-pods", `data-status="locked"`)("kg-predict", `data-status="open"`, "Reset the lesson</a>")
	// A prediction is asked for, and what would tell is not there yet.
	s.teacher.Set("02-pods", func(l *lessons.State) { l.Started = true })
	see(`data-status="open"`, "How many IPs", "Two, one for each container", "Waits for your prediction", "0 of 4 steps passed")(
		"kg-line", "Welcome to nginx", "Start the lesson")
	// With it the step goes on; a check says what differs, with the field as code.
	s.teacher.SetStep("02-pods", step, func(l *lessons.StepState) {
		l.Prediction.Choice = "two"
		l.Checks[0].MessageID = "x"
		l.Checks[0].Message = lessons.Words{"en": "`spec.nodeName` is " + hostile}
	})
	see("You predicted", "kg-line", "Welcome to nginx", "Not yet", "<code>spec.nodeName</code> is &lt;script&gt;", "duo.yaml", "Show hint 1 of 3")("<script>alert", "Waits for")
	// Hints come one by one, then the solution.
	s.teacher.SetStep("02-pods", step, func(l *lessons.StepState) { l.HintsShown = 1 })
	see("Hint 1", "Show hint 2 of 3")("Hint 2</", "Show a solution")
	s.teacher.SetStep("02-pods", step, func(l *lessons.StepState) { l.HintsShown = 3 })
	see("Hint 3", "Show a solution")("Show hint")
	s.teacher.SetStep("02-pods", step, func(l *lessons.StepState) { l.SolutionShown = true })
	see("A solution", "kg-solution")("Show a solution")
	// When it is passed, the prediction is set beside what happened.
	s.teacher.SetStep("02-pods", step, func(l *lessons.StepState) {
		wrong := false
		l.Prediction.Right, l.Prediction.Outcome = &wrong, "one"
		l.Prediction.Explanation = lessons.Words{"en": "The pod has `one` IP."}
	})
	s.teacher.Pass("02-pods", step)
	see("This step is passed", "It happened differently", "One, that of the pod", "The pod has <code>one</code> IP.", `href="#step-hold"`, "1 of 4 steps passed")("Not yet")
	// The end leads to the next lesson.
	for _, rest := range []string{"hold", "ports", "clash"} {
		s.teacher.Pass("02-pods", rest)
	}
	see("The lesson is passed", "Next lesson: ", `href="/lessons/03-init-containers"`, "4 of 4")("kg-step-open")
	s.lang = "zh-CN"
	see("本课已通过", "下一课：")("Passed")
}

// TestALessonWhosePlaceIsGone: what is passed stays so.
func TestALessonWhosePlaceIsGone(t *testing.T) {
	s := open(t)
	s.teacher.Pass("02-pods", "look")
	page := s.page("/lessons/02-pods")
	s.shows(page, "Set the lesson up again", `data-status="passed"`)
	s.hides(page, `data-status="open"`, "Reset the lesson</a>")
	s.teacher.Set("02-pods", func(l *lessons.State) { l.Busy = true })
	page = s.page("/lessons/02-pods")
	s.shows(page, "is being set up")
	s.hides(page, "Set the lesson up again")
}

func TestAQuestionAnsweredByTyping(t *testing.T) {
	s := open(t)
	s.teacher.Set("01-components", func(l *lessons.State) { l.Started = true })
	s.teacher.Pass("01-components", "path")
	s.hides(s.page("/lessons/01-components"), "Your answer") // the prediction comes first
	s.teacher.SetStep("01-components", "etcd", func(l *lessons.StepState) { l.Prediction.Choice, l.Answer = "apiserver", hostile })
	page := s.page("/lessons/01-components")
	s.shows(page, "Your answer", `name="value"`)
	s.hides(page, `aria-invalid="true"`, "<script>alert") // it is not judged yet
	s.teacher.SetStep("01-components", "etcd", lessontest.Wrong)
	page = s.page("/lessons/01-components")
	s.shows(page, "Your answer", "That is not it yet", `aria-invalid="true"`, "&lt;script&gt;")
	s.hides(page, "<script>alert", `value="&lt;script`)
	s.teacher.SetStep("01-components", "etcd", func(l *lessons.StepState) { l.Answer = "kube-apiserver" })
	s.teacher.Pass("01-components", "etcd")
	s.shows(s.page("/lessons/01-components"), "Your answer is right: kube-apiserver")
}

// TestAPredictionThatIsNotGraded is told as such, with what normally happens.
func TestAPredictionThatIsNotGraded(t *testing.T) {
	s := open(t)
	s.teacher.Set("02-pods", func(l *lessons.State) { l.Started = true })
	s.teacher.Pass("02-pods", "look")
	s.hides(s.page("/lessons/02-pods"), "Not graded") // none was made
	s.teacher.SetStep("02-pods", "look", func(l *lessons.StepState) { l.Prediction.Choice = "two" })
	s.shows(s.page("/lessons/02-pods"), "Not graded", "How many IPs", "Two, one for each container", "What normally happens", "One, that of the pod")
	s.lang = "zh-CN"
	s.shows(s.page("/lessons/02-pods"), "不作评判", "通常的结果")
}

func TestForms(t *testing.T) {
	for name, tt := range map[string]struct {
		action string
		form   []string
		asked  string
		to     string
	}{
		"start":           {"start", nil, "start 02-pods", "/lessons/02-pods"},
		"predict":         {"predict", []string{"step", "look", "choice", "one"}, "predict 02-pods look one", "/lessons/02-pods#step-look"},
		"answer":          {"answer", []string{"step", "look", "value", " x y "}, "answer 02-pods look x y", "/lessons/02-pods#step-look"},
		"hint":            {"hint", []string{"step", "look"}, "hint 02-pods look", "/lessons/02-pods#step-look"},
		"solution":        {"solution", []string{"step", "look"}, "solution 02-pods look", "/lessons/02-pods#step-look"},
		"reset":           {"reset", []string{"step", ""}, "reset 02-pods ", "/lessons/02-pods"},
		"reset of a step": {"reset", []string{"step", "look"}, "reset 02-pods look", "/lessons/02-pods#step-look"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			plain := s.post("/lessons/02-pods/"+tt.action, false, tt.form...)
			if plain.Code != http.StatusSeeOther || plain.Header().Get("Location") != tt.to {
				t.Errorf("%d, to %q", plain.Code, plain.Header().Get("Location"))
			}
			if d := cmp.Diff([]string{tt.asked}, s.teacher.Asked()); d != "" {
				t.Error(d)
			}
			script := s.post("/lessons/02-pods/"+tt.action, true, tt.form...)
			if script.Code != http.StatusOK || script.Header().Get("HX-Trigger") != "kg:done" {
				t.Errorf("htmx gets %d, %q", script.Code, script.Header().Get("HX-Trigger"))
			}
			s.shows(script.Body.String(), `hx-target="#lesson-head"`, `hx-target="#step-look"`, `hx-target="#step-clash"`, `hx-target="#lesson-said"`)
			s.teacher.Fail(errors.New("the namespace is being deleted"))
			failed := s.post("/lessons/02-pods/"+tt.action, true, tt.form...)
			s.shows(failed.Body.String(), "The namespace is being deleted.")
			if failed.Header().Get("HX-Retarget") != "#kg-toasts" {
				t.Error("a failure changes the page")
			}
		})
	}
}

func TestFormsThatLackSomething(t *testing.T) {
	s := open(t)
	for _, tt := range []struct {
		path   string
		status int
		says   string
	}{
		{"/lessons/02-pods/predict", http.StatusUnprocessableEntity, "Choose one of the answers first."},
		{"/lessons/02-pods/answer", http.StatusUnprocessableEntity, "Type an answer first."},
		{"/lessons/99-none/start", http.StatusNotFound, "There is no such lesson."},
	} {
		w := s.post(tt.path, true, "value", "  ")
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d %s", tt.path, w.Code, w.Body)
		}
	}
	for _, known := range refusals() {
		s.teacher.Fail(fmt.Errorf("%w: %q", known.err, hostile))
		w := s.post("/lessons/02-pods/hint", true, "step", "no")
		if w.Code != known.status || strings.Contains(w.Body.String(), "[lesson") || strings.Contains(w.Body.String(), "script") {
			t.Errorf("%v: %d %s", known.err, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/lessons/99-none", "/lessons/99-none/reset", "/lessons/02-pods/reset?step=no", "/lessons/02-pods/reset?step=look"} {
		if w := s.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestAResetAsks(t *testing.T) {
	s := open(t)
	s.shows(s.page("/lessons/02-pods/reset"), "Reset the lesson", "lesson-pods", `name="step" value=""`)
	s.teacher.Set("02-pods", func(l *lessons.State) { l.Started = true })
	s.shows(s.page("/lessons/02-pods/reset?step=look"), "Reset this step", `name="step" value="look"`)
	if asked := s.teacher.Asked(); len(asked) != 0 {
		t.Errorf("a question alone does %v", asked)
	}
}

func TestProgressAsAFile(t *testing.T) {
	s := open(t)
	w := s.get("/lessons/progress.json")
	if !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	s.teacher.Fail(errors.New("disk full"))
	if w := s.get("/lessons/progress.json"); w.Code != http.StatusInternalServerError {
		t.Errorf("status %d", w.Code)
	}
}

// TestProgressFromAFile: what a file says is taken, what is none is refused.
func TestProgressFromAFile(t *testing.T) {
	s := open(t)
	kept := s.get("/lessons/progress.json").Body.String()
	s.shows(s.page("/lessons/progress"), "Bring my progress from a file", `type="file"`)
	for name, tt := range map[string]struct {
		field, data string
		fails       error
		want        int
		says        string
	}{
		"what was saved":  {"file", kept, nil, http.StatusSeeOther, ""},
		"something else":  {"file", "hello", nil, http.StatusUnprocessableEntity, "This is no file of progress"},
		"no file":         {"other", kept, nil, http.StatusUnprocessableEntity, "Choose a file first."},
		"far too large":   {"file", strings.Repeat(" ", 4<<20), nil, http.StatusUnprocessableEntity, "This is no file of progress"},
		"it was not kept": {"file", kept, errors.New("disk full"), http.StatusInternalServerError, "Disk full."},
	} {
		t.Run(name, func(t *testing.T) {
			s.teacher.Fail(tt.fails)
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			part, err := form.CreateFormFile(tt.field, "progress.json")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(part, tt.data)
			form.Close()
			w := s.send("/lessons/progress", &body, "Content-Type", form.FormDataContentType())
			if w.Code != tt.want || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// TestTwoTabs: what one tab does, or the cluster, both tabs see.
func TestTwoTabs(t *testing.T) {
	s := open(t)
	s.teacher.Set("02-pods", func(l *lessons.State) { l.Started = true })
	ctx, stop := context.WithTimeout(s.ctx(), time.Minute)
	defer stop()
	tabs := []<-chan frame.Part{s.follow(ctx, "02-pods"), s.follow(ctx, "02-pods")}
	for _, tab := range tabs {
		awaits(ctx, t, tab, stepID("look"), "Waits for your prediction")
	}
	s.post("/lessons/02-pods/predict", true, "step", "look", "choice", "one")
	for _, tab := range tabs {
		awaits(ctx, t, tab, stepID("look"), "You predicted")
	}
	s.teacher.Pass("02-pods", "look")
	for _, tab := range tabs {
		awaits(ctx, t, tab, "lesson-said", "Step 1, Two containers in one pod, is passed.")
		awaits(ctx, t, tab, stepID("hold"), `data-status="open"`)
	}
}

// follow is the live source of a lesson, as a channel.
func (s *school) follow(ctx context.Context, lesson string) <-chan frame.Part {
	sent := make(chan frame.Part, 1000)
	done := make(chan error, 1)
	p := pages{Deps: Deps{Teacher: s.teacher}}
	ctx, stop := context.WithCancel(ctx)
	s.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			s.Error(err)
		}
	})
	go func() {
		done <- p.follow(ctx, url.Values{"id": {lesson}}, func(parts ...frame.Part) {
			for _, p := range parts {
				sent <- p
			}
		})
	}()
	return sent
}

// awaits reads a tab until the part of target says want.
func awaits(ctx context.Context, t *testing.T, tab <-chan frame.Part, target, want string) {
	t.Helper()
	for {
		select {
		case p := <-tab:
			var html bytes.Buffer
			if err := p.HTML.Render(ctx, &html); err != nil {
				t.Fatal(err)
			}
			if p.Target == target && strings.Contains(html.String(), want) {
				return
			}
		case <-ctx.Done():
			t.Fatalf("%s never says %q", target, want)
		}
	}
}

func TestTheStreamOfALessonThatThereIsNot(t *testing.T) {
	s := open(t)
	p := pages{Deps: Deps{Teacher: s.teacher}}
	if err := p.follow(s.ctx(), url.Values{"id": {"no"}}, func(...frame.Part) {}); err == nil {
		t.Error("it is followed")
	}
}

// TestEveryLessonInEachLanguage: each lesson can be drawn in each state.
func TestEveryLessonInEachLanguage(t *testing.T) {
	s := open(t)
	for _, l := range s.teacher.Catalog().Lessons() {
		for _, step := range l.Steps {
			s.teacher.Set(l.ID, func(st *lessons.State) { st.Started = true })
			for _, s.lang = range lessons.Languages() {
				page := s.page("/lessons/" + l.ID)
				s.shows(page, l.In(s.lang).Title, l.In(s.lang).Step(step.ID).Title)
				s.hides(page, "[lesson.", "lesson.goal", "lesson.kind")
				if n := strings.Count(page, `data-status="open"`); n != 1 {
					t.Errorf("%s: %d steps are open", l.ID, n)
				}
			}
			if step.Predict != nil {
				s.teacher.SetStep(l.ID, step.ID, func(st *lessons.StepState) { st.Prediction.Choice = step.Predict.Choices[0] })
				s.shows(s.page("/lessons/"+l.ID), "你的预测")
			}
			s.teacher.Pass(l.ID, step.ID)
		}
	}
}

// BenchmarkParts is what one change of a lesson's state costs each tab.
func BenchmarkParts(b *testing.B) {
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		b.Fatal(err)
	}
	teacher := lessontest.New(c)
	id := slices.MaxFunc(c.Lessons(), func(x, y *lessons.Lesson) int { return len(x.Steps) - len(y.Steps) }).ID
	teacher.Set(id, func(l *lessons.State) { l.Started = true })
	for b.Loop() {
		v, _ := newView(b.Context(), c, teacher.State(lessons.Learner{}, id), id)
		for _, p := range parts(v) {
			var html bytes.Buffer
			if err := p.HTML.Render(b.Context(), &html); err != nil {
				b.Fatal(err)
			}
		}
	}
}
