package start

import (
	"context"
	"net/http"

	"kubergarten/ui/frame"
)

// A Lesson is how far a learner is in a lesson.
type Lesson struct {
	Number        int
	ID, Title     string
	Minutes       int
	Passed, Steps int
}

// done tells whether all steps are passed.
func (l Lesson) done() bool { return l.Steps > 0 && l.Passed >= l.Steps }

// Deps is what the page needs.
type Deps struct {
	// Lessons are all lessons in order, as the visitor has done them, told in
	// the visitor's language; nil: there are none.
	Lessons func(ctx context.Context) []Lesson
}

// Routes hangs the page into mux.
func Routes(mux *http.ServeMux, f *frame.Frame, d Deps) {
	f.Live("start", follow)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		var lessons []Lesson
		if d.Lessons != nil {
			lessons = d.Lessons(r.Context())
		}
		f.Page(w, r, frame.Page{Title: frame.T(r.Context(), "start.title"), Live: "start", Body: page(next(lessons), len(lessons), f.Offers)})
	})
}

// next is the first lesson that is not passed, or nil.
func next(all []Lesson) *Lesson {
	for i := range all {
		if !all[i].done() {
			return &all[i]
		}
	}
	return nil
}
