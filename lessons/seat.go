package lessons

import (
	"maps"
	"reflect"
	"slices"
)

// A seat is one learner at one lesson. It is guarded by Teacher.mu.
type seat struct {
	t      *Teacher
	pupil  *pupil
	lesson *Lesson
	who    Learner // as they came last

	changed  chan struct{}           // closed when the state is another
	checks   map[string][]CheckState // found last, by step
	busy     bool                    // the place is being made or reset
	opening  bool                    // a step is being prepared
	lifting  bool                    // the lesson's flags are being taken back, or that failed
	problem  string                  // of the work on the place
	watching *watcher                // nil: nobody looks, or nothing is to be seen
	looked   bool                    // somebody asked since the watcher's last round
}

func (s *seat) page() *page { return s.pupil.book.page(s.lesson.ID) }

// state is where the learner is.
func (s *seat) state() State {
	p := s.page()
	out := State{Lesson: s.lesson.ID, Started: p.Started, Busy: s.busy, Problem: s.trouble()}
	for _, step := range s.lesson.Steps {
		out.Steps = append(out.Steps, s.step(p, step))
	}
	return out
}

// trouble is what to tell the learner of the engine's own problems.
func (s *seat) trouble() string {
	if s.problem == "" && s.watching != nil {
		for _, resource := range slices.Sorted(maps.Keys(s.watching.blind)) {
			return s.watching.blind[resource]
		}
	}
	if s.problem == "" && s.bereft() {
		return withoutPresets
	}
	return s.problem
}

func (s *seat) step(p *page, step *Step) StepState {
	m := p.mark(step.ID)
	out := StepState{
		ID: step.ID, Status: p.status(s.lesson, step.ID), Ready: m.Ready, Answer: m.Answer, HintsShown: m.Hints, SolutionShown: m.Solution,
	}
	if step.Predict != nil {
		out.Prediction = step.Predict.prediction(m)
	}
	for i, c := range step.Checks {
		state := CheckState{ID: c.ID, Passed: m.Passed}
		if found := s.checks[step.ID]; out.Status == Open && i < len(found) && found[i].ID == c.ID {
			state = found[i]
		}
		out.Checks = append(out.Checks, state)
	}
	return out
}

// done reports whether nothing is left to be seen.
func (s *seat) done() bool {
	p := s.page()
	for _, step := range s.lesson.Steps {
		if !p.mark(step.ID).Passed {
			return false
		}
	}
	return true
}

// wake tells all who follow that the state is another.
func (s *seat) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// change does f, and wakes those who follow if the state is another then.
func (s *seat) change(f func()) {
	before := s.state()
	f()
	if !reflect.DeepEqual(before, s.state()) {
		s.wake()
	}
}

// look keeps the seat's watcher alive, or starts one if there is something to
// be seen.
func (s *seat) look() {
	s.looked = true
	s.lift()
	if s.watching == nil && s.who.API != nil && s.page().Started && !s.busy && !s.done() && !s.t.over {
		s.watching = newWatcher(s)
	}
}

// leave stops the watcher.
func (s *seat) leave() {
	if s.watching != nil {
		s.watching.cancel()
		s.watching = nil
	}
}

// again starts a new watcher in place of the old one: it sees the cluster as it
// is now, where the old one may lag behind.
func (s *seat) again() {
	s.leave()
	s.look()
}
