package lesson

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// follow sends the parts of a lesson, and again whenever its state changes. An
// author may change the lesson itself: then all of its text goes out anew.
func (p pages) follow(ctx context.Context, q url.Values, send func(...frame.Part)) error {
	id, who := q.Get("id"), p.learner(ctx)
	var was *lessons.Lesson
	for {
		state, changed := p.Teacher.Follow(who, id)
		v, ok := newView(ctx, p.Teacher.Catalog(), state, id)
		if !ok {
			return errors.New(frame.T(ctx, "lesson.unknown"))
		}
		now, _ := p.Teacher.Catalog().Lesson(id)
		if was != nil && now != was {
			send(frame.Part{Target: "lesson-text", HTML: textPane(v)})
		}
		was = now
		send(parts(v)...)
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// view is the lesson of a request as it is now.
func (p pages) view(r *http.Request) (lessonView, bool) {
	id := r.PathValue("lesson")
	return newView(r.Context(), p.Teacher.Catalog(), p.Teacher.State(p.learner(r.Context()), id), id)
}

// parts are the elements of a lesson's page that change.
func parts(v lessonView) []frame.Part {
	all := []frame.Part{
		{Target: "lesson-said", HTML: said(v)},
		{Target: "lesson-head", HTML: head(v)},
	}
	for _, s := range v.Steps {
		all = append(all, frame.Part{Target: stepID(s.ID), HTML: step(v, s)})
	}
	return append(all, frame.Part{Target: "lesson-end", HTML: end(v)})
}

// stepID is the id of a step's element.
func stepID(step string) string { return "step-" + step }
