package lessons

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxAnswer is how long a typed answer may be.
const maxAnswer = 1000

// again is how long after a failure to read a learner's progress it is tried anew.
const again = 10 * time.Second

// Summaries returns the learner's progress in each lesson, in order. Progress
// that cannot be read is none.
func (t *Teacher) Summaries(who Learner) (out []Summary) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, err := t.pupil(who.ID)
	if err != nil {
		p = &pupil{book: book{}}
	}
	for _, l := range t.catalog.lessons {
		page := p.book.page(l.ID)
		sum := Summary{Lesson: l.ID, Started: page.Started, Steps: len(l.Steps)}
		for _, s := range l.Steps {
			if page.mark(s.ID).Passed {
				sum.Passed++
			}
		}
		out = append(out, sum)
	}
	return out
}

// State returns where the learner is in a lesson. It is zero for a lesson that
// there is not.
func (t *Teacher) State(who Learner, lesson string) State {
	state, _ := t.Follow(who, lesson)
	return state
}

// Follow is State, and a channel that is closed when there is a newer one. To
// keep following, call it again then. While the learner's progress cannot be
// read, the state is a problem and nothing else.
func (t *Teacher) Follow(who Learner, lesson string) (State, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.seat(who, lesson)
	if errors.Is(err, ErrNoLesson) {
		return State{}, nil
	} else if err != nil {
		changed := make(chan struct{})
		t.cfg.Clock.AfterFunc(again, func() { close(changed) })
		return State{Lesson: lesson, Problem: err.Error()}, changed
	}
	s.look()
	return s.state(), s.changed
}

// Predict answers a step's prediction, once.
func (t *Teacher) Predict(who Learner, lesson, step, choice string) error {
	return t.write(who, lesson, step, func(s *Step, m *mark, shut error) error {
		switch {
		case s.Predict == nil:
			return ErrNoQuestion
		case !slices.Contains(s.Predict.Choices, choice):
			return fmt.Errorf("%w: %q", ErrNoChoice, choice)
		case m.Choice != "" || m.Passed:
			return ErrPredicted
		case shut != nil:
			return shut
		}
		m.Choice = choice
		return nil
	})
}

// Hint shows the step's next hint.
func (t *Teacher) Hint(who Learner, lesson, step string) error {
	return t.write(who, lesson, step, func(_ *Step, m *mark, _ error) error {
		m.Hints = min(m.Hints+1, 3)
		return nil
	})
}

// ShowSolution shows the step's solution.
func (t *Teacher) ShowSolution(who Learner, lesson, step string) error {
	return t.write(who, lesson, step, func(_ *Step, m *mark, _ error) error {
		m.Solution = true
		return nil
	})
}

// Answer answers a step's question by typing.
func (t *Teacher) Answer(who Learner, lesson, step, value string) error {
	return t.write(who, lesson, step, func(s *Step, m *mark, shut error) error {
		switch {
		case !s.Ask:
			return ErrNoQuestion
		case shut != nil:
			return shut
		case len(value) > maxAnswer:
			return fmt.Errorf("an answer has at most %d bytes", maxAnswer)
		case !m.Passed:
			m.Answer = value
		}
		return nil
	})
}

// write changes a learner's mark of a step, keeps it, and evaluates anew.
func (t *Teacher) write(who Learner, lesson, step string, f func(s *Step, m *mark, shut error) error) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.seat(who, lesson)
	if err != nil {
		return err
	}
	st, ok := s.lesson.Step(step)
	if !ok {
		return fmt.Errorf("%w: %q", ErrNoStep, step)
	}
	s.change(func() {
		if err = f(st, s.page().mark(step), s.page().shut(s.lesson, step)); err == nil {
			err = t.save(s.pupil)
		}
	})
	s.look()
	if s.watching != nil {
		s.watching.poke()
	}
	return err
}

// Export returns the learner's progress as JSON.
func (t *Teacher) Export(who Learner) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, err := t.pupil(who.ID)
	if err != nil {
		return nil, err
	}
	return encode(who.ID, p.book)
}

// Import replaces the learner's progress by what Export gave. What the progress
// says about a cluster is left out: lessons must be started in this one. Data that
// is no progress is an ErrNotProgress, and changes nothing.
func (t *Teacher) Import(who Learner, data []byte) error {
	b, err := parseBook(data)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p, err := t.pupil(who.ID)
	if err != nil {
		return err
	}
	for lesson, page := range b {
		old := p.book.page(lesson)
		page.Started, page.Preset = old.Started, old.Preset
		for id, m := range page.Steps {
			m.Ready = old.mark(id).Ready
		}
	}
	for lesson, old := range p.book {
		if b[lesson] == nil && (old.Started || old.Preset) {
			b.page(lesson).Started, b.page(lesson).Preset = old.Started, old.Preset
		}
	}
	p.book = b
	for _, s := range p.seats {
		s.again()
		s.wake()
	}
	return t.save(p)
}
