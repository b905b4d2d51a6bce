package lesson

import (
	"errors"
	"io"
	"net/http"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// export is GET /lessons/progress.json.
func (p pages) export(w http.ResponseWriter, r *http.Request) {
	data, err := p.Teacher.Export(p.learner(r.Context()))
	if err != nil {
		p.frame.Fail(w, r, 0, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="kubergarten-progress.json"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(data)
}

// bring is GET /lessons/progress, which asks for such a file.
func (p pages) bring(w http.ResponseWriter, r *http.Request) { p.asks(w, r, http.StatusOK, "") }

// take is POST /lessons/progress: the file takes the place of what is kept here.
func (p pages) take(w http.ResponseWriter, r *http.Request) {
	data, err := fileOf(r)
	refuse := func(key string) { p.asks(w, r, http.StatusUnprocessableEntity, frame.T(r.Context(), key)) }
	switch {
	case errors.Is(err, http.ErrMissingFile):
		refuse("lesson.import-none")
		return
	case err != nil: // too large, or no form
		refuse("lesson.import-wrong")
		return
	}
	err = p.Teacher.Import(p.learner(r.Context()), data)
	switch {
	case errors.Is(err, lessons.ErrNotProgress):
		refuse("lesson.import-wrong")
	case err != nil:
		p.frame.Fail(w, r, 0, err)
	default:
		http.Redirect(w, r, "/lessons", http.StatusSeeOther)
	}
}

// fileOf is the file that a form sends.
func fileOf(r *http.Request) ([]byte, error) {
	f, _, err := r.FormFile("file")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func (p pages) asks(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	p.frame.Status(w, r, status, frame.Page{
		Title: frame.T(r.Context(), "lesson.import"), Nav: "lessons",
		Styles: []string{"lesson.css"}, Body: asksForProgress(wrong),
	})
}
