package lesson

import (
	"context"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// A Card is a lesson in the catalogue.
type Card struct {
	Number          int
	ID, Title, Goal string
	Minutes         int
	Started         bool
	Passed, Steps   int
}

// Done tells whether all steps are passed.
func (c Card) Done() bool { return c.Steps > 0 && c.Passed >= c.Steps }

// Cards are all lessons in order, in the visitor's language, with its progress.
func (d Deps) Cards(ctx context.Context) []Card {
	known := map[string]lessons.Summary{}
	for _, s := range d.Teacher.Summaries(d.learner(ctx)) {
		known[s.Lesson] = s
	}
	var all []Card
	for i, l := range d.Teacher.Catalog().Lessons() {
		text, sum := l.In(frame.From(ctx).Lang), known[l.ID]
		all = append(all, Card{
			Number: i + 1, ID: l.ID, Title: text.Title, Goal: text.Goal, Minutes: l.Minutes,
			Started: sum.Started, Passed: sum.Passed, Steps: len(l.Steps),
		})
	}
	return all
}

// nextUp is the first card that is not done, or nil.
func nextUp(all []Card) *Card {
	for i := range all {
		if !all[i].Done() {
			return &all[i]
		}
	}
	return nil
}
