package lesson

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// A deed is what a form asks for. It returns where on the page one goes on.
type deed func(r *http.Request, who lessons.Learner, lesson string) (at string, err error)

// A slip is a form that lacks something, in a sentence to the visitor.
type slip string

func (s slip) Error() string { return string(s) }

// actions are what the forms of a lesson do.
func (p pages) actions() map[string]deed {
	return map[string]deed{
		"start":    p.start,
		"reset":    p.reset,
		"predict":  p.predict,
		"answer":   p.answer,
		"hint":     p.hint,
		"solution": p.solution,
	}
}

func (p pages) start(r *http.Request, who lessons.Learner, lesson string) (string, error) {
	return "", p.Teacher.Start(r.Context(), who, lesson)
}

func (p pages) reset(r *http.Request, who lessons.Learner, lesson string) (string, error) {
	step := r.PostFormValue("step")
	return step, p.Teacher.Reset(r.Context(), who, lesson, step)
}

func (p pages) predict(r *http.Request, who lessons.Learner, lesson string) (string, error) {
	step, choice := r.PostFormValue("step"), r.PostFormValue("choice")
	if choice == "" {
		return step, slip(frame.T(r.Context(), "lesson.predict-none"))
	}
	return step, p.Teacher.Predict(who, lesson, step, choice)
}

func (p pages) answer(r *http.Request, who lessons.Learner, lesson string) (string, error) {
	step, value := r.PostFormValue("step"), strings.TrimSpace(r.PostFormValue("value"))
	if value == "" {
		return step, slip(frame.T(r.Context(), "lesson.ask-empty"))
	}
	return step, p.Teacher.Answer(who, lesson, step, value)
}

func (p pages) hint(r *http.Request, who lessons.Learner, lesson string) (string, error) {
	step := r.PostFormValue("step")
	return step, p.Teacher.Hint(who, lesson, step)
}

func (p pages) solution(r *http.Request, who lessons.Learner, lesson string) (string, error) {
	step := r.PostFormValue("step")
	return step, p.Teacher.ShowSolution(who, lesson, step)
}

// act answers a form: to htmx the parts as they are now, else by a redirect.
func (p pages) act(do deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("lesson")
		if _, ok := p.Teacher.Catalog().Lesson(id); !ok {
			p.unknown(w, r)
			return
		}
		at, err := do(r, p.learner(r.Context()), id)
		switch {
		case err != nil:
			p.failed(w, r, err)
		case frame.IsHTMX(r):
			p.anew(w, r)
		default:
			http.Redirect(w, r, "/lessons/"+id+anchor(at), http.StatusSeeOther)
		}
	}
}

// anew answers htmx with all parts of the lesson, each for its own element.
func (p pages) anew(w http.ResponseWriter, r *http.Request) {
	v, _ := p.view(r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("HX-Trigger", "kg:done")
	templ.Handler(partials(parts(v))).ServeHTTP(w, r)
}

// anchor leads to a step, or nowhere.
func anchor(step string) string {
	if step == "" {
		return ""
	}
	return "#" + url.PathEscape(stepID(step))
}
