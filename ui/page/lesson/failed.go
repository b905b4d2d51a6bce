package lesson

import (
	"errors"
	"net/http"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// A refusal is an error of the Teacher that has a sentence of its own here.
type refusal struct {
	err    error
	status int
	key    string
}

func refusals() []refusal {
	return []refusal{
		{lessons.ErrNoLesson, http.StatusNotFound, "unknown"},
		{lessons.ErrNoStep, http.StatusNotFound, "unknown-step"},
		{lessons.ErrNoQuestion, http.StatusUnprocessableEntity, "no-question"},
		{lessons.ErrNoChoice, http.StatusUnprocessableEntity, "predict-none"},
		{lessons.ErrPredicted, http.StatusConflict, "predict-once"},
		{lessons.ErrNotStarted, http.StatusConflict, "not-started"},
		{lessons.ErrLocked, http.StatusConflict, "locked-hint"},
		{lessons.ErrNotOwner, http.StatusForbidden, "not-owner"},
		{lessons.ErrNoPresets, http.StatusConflict, "no-presets"},
		{lessons.ErrBusy, http.StatusConflict, "busy"},
	}
}

// failed says what a form lacks, or why what it asks for was not done.
func (p pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	var s slip
	if errors.As(err, &s) {
		p.frame.Fail(w, r, http.StatusUnprocessableEntity, err)
		return
	}
	for _, known := range refusals() {
		if errors.Is(err, known.err) {
			p.frame.Fail(w, r, known.status, errors.New(frame.T(r.Context(), "lesson."+known.key)))
			return
		}
	}
	p.frame.Fail(w, r, 0, err)
}

func (p pages) unknown(w http.ResponseWriter, r *http.Request) {
	p.frame.Fail(w, r, http.StatusNotFound, errors.New(frame.T(r.Context(), "lesson.unknown")))
}
