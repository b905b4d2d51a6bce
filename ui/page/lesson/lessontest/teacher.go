package lessontest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"kubergarten/lessons"
)

// A Teacher is a lesson.Teacher in memory.
type Teacher struct {
	catalog *lessons.Catalog

	mu      sync.Mutex
	states  map[string]lessons.State
	changed chan struct{} // closed at the next change
	fails   error         // of whatever changes something, or nil
	asked   []string      // what was asked for, in order
}

// New returns a teacher of whom nothing has been asked.
func New(c *lessons.Catalog) *Teacher {
	t := &Teacher{catalog: c, states: map[string]lessons.State{}, changed: make(chan struct{})}
	for _, l := range c.Lessons() {
		t.states[l.ID] = fresh(l)
	}
	return t
}

// fresh is the state of a lesson that has not begun.
func fresh(l *lessons.Lesson) lessons.State {
	s := lessons.State{Lesson: l.ID}
	for i, step := range l.Steps {
		status := lessons.Locked
		if i == 0 {
			status = lessons.Open
		}
		s.Steps = append(s.Steps, newStep(step, status))
	}
	return s
}

func newStep(step *lessons.Step, status string) lessons.StepState {
	s := lessons.StepState{ID: step.ID, Status: status}
	if step.Predict != nil {
		s.Prediction = &lessons.Prediction{}
	}
	for _, c := range step.Checks {
		s.Checks = append(s.Checks, lessons.CheckState{ID: c.ID})
	}
	return s
}

// Set changes the state of a lesson, and tells who follows it.
func (t *Teacher) Set(lesson string, change func(*lessons.State)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := clone(t.states[lesson])
	change(&s)
	t.states[lesson] = s
	close(t.changed)
	t.changed = make(chan struct{})
}

// SetStep changes the state of a step.
func (t *Teacher) SetStep(lesson, step string, change func(*lessons.StepState)) {
	t.Set(lesson, func(s *lessons.State) {
		for i := range s.Steps {
			if s.Steps[i].ID == step {
				change(&s.Steps[i])
			}
		}
	})
}

// Pass passes a step and opens the next one.
func (t *Teacher) Pass(lesson, step string) {
	t.Set(lesson, func(s *lessons.State) {
		for i := range s.Steps {
			if s.Steps[i].ID != step {
				continue
			}
			pass(&s.Steps[i])
			if i+1 < len(s.Steps) {
				s.Steps[i+1].Status = lessons.Open
			}
		}
	})
}

func pass(s *lessons.StepState) {
	s.Status = lessons.Passed
	for c := range s.Checks {
		s.Checks[c] = lessons.CheckState{ID: s.Checks[c].ID, Passed: true}
	}
}

// clone copies what Set may change.
func clone(s lessons.State) lessons.State {
	steps := make([]lessons.StepState, len(s.Steps))
	for i, step := range s.Steps {
		step.Checks = append([]lessons.CheckState(nil), step.Checks...)
		if step.Prediction != nil {
			p := *step.Prediction
			step.Prediction = &p
		}
		steps[i] = step
	}
	s.Steps = steps
	return s
}

// Fail lets everything that changes something fail with err.
func (t *Teacher) Fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fails = err
}

// Asked is what was asked for, as "predict 02-pods look one".
func (t *Teacher) Asked() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.asked...)
}

// ask remembers what was asked for, and fails if it shall.
func (t *Teacher) ask(what ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = append(t.asked, strings.Join(what, " "))
	return t.fails
}

// Catalog returns all lessons.
func (t *Teacher) Catalog() *lessons.Catalog { return t.catalog }

// Summaries counts the passed steps.
func (t *Teacher) Summaries(lessons.Learner) (all []lessons.Summary) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.catalog.Lessons() {
		s := t.states[l.ID]
		sum := lessons.Summary{Lesson: l.ID, Started: s.Started, Steps: len(s.Steps)}
		for _, step := range s.Steps {
			if step.Status == lessons.Passed {
				sum.Passed++
			}
		}
		all = append(all, sum)
	}
	return all
}

// State returns the state of a lesson.
func (t *Teacher) State(_ lessons.Learner, lesson string) lessons.State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return clone(t.states[lesson])
}

// Follow is State, with a channel that is closed at the next change of any.
func (t *Teacher) Follow(_ lessons.Learner, lesson string) (lessons.State, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return clone(t.states[lesson]), t.changed
}

// Start begins a lesson.
func (t *Teacher) Start(_ context.Context, _ lessons.Learner, lesson string) error {
	err := t.ask("start", lesson)
	if err == nil {
		t.Set(lesson, func(s *lessons.State) { s.Started = true })
	}
	return err
}

// Reset begins a lesson, or a step and those after it, anew.
func (t *Teacher) Reset(_ context.Context, _ lessons.Learner, lesson, step string) error {
	if err := t.ask("reset", lesson, step); err != nil {
		return err
	}
	l, _ := t.catalog.Lesson(lesson)
	t.Set(lesson, func(s *lessons.State) {
		found := step == ""
		for i, of := range l.Steps {
			if opens := of.ID == step || step == "" && i == 0; opens {
				found = true
				s.Steps[i] = newStep(of, lessons.Open)
			} else if found {
				s.Steps[i] = newStep(of, lessons.Locked)
			}
		}
	})
	return nil
}

// Predict keeps a prediction.
func (t *Teacher) Predict(_ lessons.Learner, lesson, step, choice string) error {
	err := t.ask("predict", lesson, step, choice)
	if err == nil {
		t.SetStep(lesson, step, func(s *lessons.StepState) { s.Prediction.Choice = choice })
	}
	return err
}

// Answer keeps an answer.
func (t *Teacher) Answer(_ lessons.Learner, lesson, step, value string) error {
	err := t.ask("answer", lesson, step, value)
	if err == nil {
		t.SetStep(lesson, step, func(s *lessons.StepState) { s.Answer = value; Wrong(s) })
	}
	return err
}

// Wrong judges a typed answer as wrong.
func Wrong(s *lessons.StepState) {
	for i := range s.Checks {
		if c := &s.Checks[i]; c.ID == lessons.AskID {
			c.MessageID, c.Message = "other-answer", lessons.Words{"en": "That is not it yet.", "zh-CN": "还不对。"}
		}
	}
}

// Hint shows one more hint.
func (t *Teacher) Hint(_ lessons.Learner, lesson, step string) error {
	err := t.ask("hint", lesson, step)
	if err == nil {
		t.SetStep(lesson, step, func(s *lessons.StepState) { s.HintsShown = min(s.HintsShown+1, 3) })
	}
	return err
}

// ShowSolution shows the solution.
func (t *Teacher) ShowSolution(_ lessons.Learner, lesson, step string) error {
	err := t.ask("solution", lesson, step)
	if err == nil {
		t.SetStep(lesson, step, func(s *lessons.StepState) { s.SolutionShown = true })
	}
	return err
}

// Import takes what Export gave.
func (t *Teacher) Import(_ lessons.Learner, data []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fails != nil {
		return t.fails
	}
	if err := json.Unmarshal(data, &t.states); err != nil {
		return fmt.Errorf("%w: %w", lessons.ErrNotProgress, err)
	}
	return nil
}

// Export gives all states.
func (t *Teacher) Export(lessons.Learner) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fails != nil {
		return nil, t.fails
	}
	return json.Marshal(t.states)
}
