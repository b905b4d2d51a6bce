package lesson

import (
	"context"
	"html/template"
	"slices"

	"kubergarten/lessons"
	"kubergarten/ui/frame"
)

// A lessonView is a lesson as one learner sees it in one language.
type lessonView struct {
	ID, Title, Goal, Namespace string
	Number, Minutes            int
	Started, Busy, Done        bool
	Problem                    string
	Steps                      []stepView
	Next                       *Card // the lesson after this one, or nil
}

// A stepView is a step of it.
type stepView struct {
	lessons.StepState
	Lesson, Title, Goal, Kind string
	Number, Of                int
	Intro, Rest               []piece
	Files                     []string
	Predict                   *predictView // nil: nothing is asked before
	Asks                      bool
	Checks                    []lessons.CheckState // without that of the question
	Answered                  lessons.CheckState   // that of the question
	Hints                     []template.HTML      // all three
	Solution                  string               // if shown
	After                     *stepView            // the next step, or nil
}

// wrong tells that an answer was given, and judged.
func (s stepView) wrong() bool { return s.Answer != "" && s.Answered.MessageID != "" }

// A predictView is a step's question, and what came of it.
type predictView struct {
	lessons.Prediction
	Question template.HTML
	Choices  []lessons.Choice
	Usual    string // the choice that is right where nothing comes in between
}

// ungraded tells that a prediction was made, and that what happened does not
// tell whether it was right.
func (s stepView) ungraded() bool {
	return s.Status == lessons.Passed && s.Predict != nil && s.Predict.Choice != "" && s.Predict.Right == nil
}

// newView is the lesson of that id in ctx's language, as state says.
func newView(ctx context.Context, c *lessons.Catalog, state lessons.State, id string) (lessonView, bool) {
	i := slices.IndexFunc(c.Lessons(), func(l *lessons.Lesson) bool { return l.ID == id })
	if i < 0 {
		return lessonView{}, false
	}
	l, lang := c.Lessons()[i], frame.From(ctx).Lang
	text := l.In(lang)
	v := lessonView{
		ID: l.ID, Title: text.Title, Goal: text.Goal, Namespace: l.Namespace, Number: i + 1, Minutes: l.Minutes,
		Started: state.Started, Busy: state.Busy, Done: state.Done(), Problem: state.Problem,
	}
	for n, s := range l.Steps {
		v.Steps = append(v.Steps, newStep(l, s, text.Step(s.ID), state, n))
	}
	for n := range v.Steps[:max(len(v.Steps)-1, 0)] {
		v.Steps[n].After = &v.Steps[n+1]
	}
	if i+1 < len(c.Lessons()) {
		v.Next = &Card{Number: i + 2, ID: c.Lessons()[i+1].ID, Title: c.Lessons()[i+1].In(lang).Title}
	}
	return v, true
}

// newStep is step n of l. A step that the state does not know is locked, as is
// each that is not passed when the lesson's place is not there.
func newStep(l *lessons.Lesson, s *lessons.Step, text *lessons.StepText, state lessons.State, n int) stepView {
	now, known := state.Step(s.ID)
	if !known || !state.Started && now.Status != lessons.Passed {
		now = lessons.StepState{ID: s.ID, Status: lessons.Locked}
	}
	v := stepView{
		StepState: now, Lesson: l.ID, Title: text.Title, Goal: s.Goal, Kind: s.Kind, Number: n + 1, Of: len(l.Steps),
		Files: s.Files, Asks: s.Ask, Hints: text.Hints[:],
	}
	v.Intro, v.Rest = split(string(text.HTML))
	for _, c := range now.Checks {
		if s.Ask && c.ID == lessons.AskID {
			v.Answered = c
			continue
		}
		v.Checks = append(v.Checks, c)
	}
	if text.Predict != nil {
		v.Predict = &predictView{Question: text.Predict.Question, Choices: text.Predict.Choices, Usual: s.Predict.Usual()}
		if now.Prediction != nil {
			v.Predict.Prediction = *now.Prediction
		}
	}
	if now.SolutionShown {
		v.Solution = text.Solution
	}
	return v
}

// step finds a step.
func (v lessonView) step(id string) (stepView, bool) {
	i := slices.IndexFunc(v.Steps, func(s stepView) bool { return s.ID == id })
	if i < 0 {
		return stepView{}, false
	}
	return v.Steps[i], true
}

// passed is how many steps are passed.
func (v lessonView) passed() (n int) {
	for _, s := range v.Steps {
		if s.Status == lessons.Passed {
			n++
		}
	}
	return n
}

// now is the step to work on: the first that is open, or nil.
func (v lessonView) now() *stepView {
	for i := range v.Steps {
		if v.Steps[i].Status == lessons.Open {
			return &v.Steps[i]
		}
	}
	return nil
}

// waits tells whether the step asks for a prediction before it goes on.
func (s stepView) waits() bool {
	return s.Predict != nil && s.Predict.Choice == "" && s.Status != lessons.Passed
}

// mayAsk tells whether the step gives hints and the solution: they would tell
// what is to be predicted.
func (s stepView) mayAsk() bool { return s.Status == lessons.Open && !s.waits() }

// holds is how many checks of the step are passed, of how many.
func (s stepView) holds() (passed, all int) {
	for _, c := range s.StepState.Checks {
		if c.Passed {
			passed++
		}
	}
	return passed, len(s.StepState.Checks)
}

// choice is the text of a choice.
func (p predictView) choice(id string) template.HTML {
	i := slices.IndexFunc(p.Choices, func(c lessons.Choice) bool { return c.ID == id })
	if i < 0 {
		return ""
	}
	return p.Choices[i].HTML
}
