package lesson

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// A Teacher is what the pages need of lessons.Teacher.
type Teacher interface {
	Catalog() *lessons.Catalog
	Summaries(who lessons.Learner) []lessons.Summary
	State(who lessons.Learner, lesson string) lessons.State
	Follow(who lessons.Learner, lesson string) (lessons.State, <-chan struct{})
	Start(ctx context.Context, who lessons.Learner, lesson string) error
	Reset(ctx context.Context, who lessons.Learner, lesson, step string) error
	Predict(who lessons.Learner, lesson, step, choice string) error
	Answer(who lessons.Learner, lesson, step, value string) error
	Hint(who lessons.Learner, lesson, step string) error
	ShowSolution(who lessons.Learner, lesson, step string) error
	Export(who lessons.Learner) ([]byte, error)
	Import(who lessons.Learner, data []byte) error
}

var _ Teacher = (*lessons.Teacher)(nil)

// Deps is what the pages need.
type Deps struct {
	Teacher Teacher
	// Learner is the visitor as the Teacher knows it; nil: by name, without files.
	Learner func(ctx context.Context) lessons.Learner
	// Panel is the terminal beside the text, and Scripts and Styles are the
	// static files that it needs. Without it the text has the width to itself.
	Panel           func(ctx context.Context) templ.Component
	Scripts, Styles []string
}

// learner is who visits, as the Teacher knows it.
func (d Deps) learner(ctx context.Context) lessons.Learner {
	if d.Learner != nil {
		return d.Learner(ctx)
	}
	who := frame.From(ctx)
	return lessons.Learner{ID: who.User.GetName(), API: who.API}
}

// pages are the handlers.
type pages struct {
	Deps
	frame *frame.Frame
}

// Routes hangs the pages into mux.
func Routes(mux *http.ServeMux, f *frame.Frame, d Deps) {
	p := pages{d, f}
	f.Live("lesson", p.follow)
	mux.HandleFunc("GET /lessons", p.catalogue)
	mux.HandleFunc("GET /lessons/progress.json", p.export)
	mux.HandleFunc("GET /lessons/progress", p.bring)
	mux.HandleFunc("POST /lessons/progress", p.take)
	mux.HandleFunc("GET /lessons/{lesson}", p.lesson)
	mux.HandleFunc("GET /lessons/{lesson}/reset", p.confirm)
	for action, do := range p.actions() {
		mux.HandleFunc("POST /lessons/{lesson}/"+action, p.act(do))
	}
}

// catalogue is GET /lessons.
func (p pages) catalogue(w http.ResponseWriter, r *http.Request) {
	p.frame.Page(w, r, frame.Page{
		Title: frame.T(r.Context(), "lesson.title"), Nav: "lessons",
		Styles: []string{"lesson.css"}, Body: catalogue(p.Cards(r.Context())),
	})
}

// lesson is GET /lessons/{lesson}.
func (p pages) lesson(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(r)
	if !ok {
		p.unknown(w, r)
		return
	}
	page := frame.Page{
		Title: v.Title, Nav: "lessons", Live: "lesson?id=" + v.ID,
		Scripts: []string{"lesson.js"}, Styles: []string{"lesson.css"}, Body: whole(v, p.panel(r.Context())),
	}
	if p.Panel != nil {
		page.Scripts = append(page.Scripts, p.Scripts...)
		page.Styles = append(page.Styles, p.Styles...)
	}
	p.frame.Page(w, r, page)
}

// confirm is GET /lessons/{lesson}/reset, the question that a dialog asks where
// there is script.
func (p pages) confirm(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(r)
	step := r.FormValue("step")
	if s, known := v.step(step); !ok || step != "" && (!known || s.Status == lessons.Locked) {
		p.unknown(w, r)
		return
	}
	p.frame.Page(w, r, frame.Page{
		Title: frame.T(r.Context(), "lesson.reset"), Nav: "lessons",
		Styles: []string{"lesson.css"}, Body: confirmation(v, step),
	})
}

func (p pages) panel(ctx context.Context) templ.Component {
	if p.Panel == nil {
		return nil
	}
	return p.Panel(ctx)
}
