package lessons

import "fmt"

// A finding is what one evaluation found of a step.
type finding struct {
	step    *Step
	checks  []CheckState
	holds   bool
	outcome string // of the prediction, if the step's checks hold
}

// evaluate judges all steps that are not passed, and settles what follows.
func (w *watcher) evaluate() {
	f, ok := w.facts()
	if !ok {
		return
	}
	page, ok := w.t.glance(w)
	if !ok {
		return
	}
	w.logs.begin()
	var found []finding
	for _, s := range w.lesson.Steps {
		if !page.mark(s.ID).Passed {
			found = append(found, w.find(s, f, page.mark(s.ID)))
		}
	}
	there, _ := w.own.list()
	w.t.settle(w, found, len(there) > 0)
	w.logs.fetch()
	w.probes.run(f, page, found)
}

func (w *watcher) find(s *Step, f *facts, m *mark) finding {
	out := finding{step: s}
	out.checks, out.holds = judge(s, f, m.Answer)
	if out.holds && s.Predict != nil {
		out.outcome = s.Predict.grade(f.vars(s.ID, "", m.Answer))
	}
	return out
}

// glance returns the learner's progress as it is, if the watcher still has its
// seat and may pass steps.
func (t *Teacher) glance(w *watcher) (*page, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := w.seat
	if s.watching != w || s.busy {
		return nil, false
	}
	return s.page().copy(), true
}

// settle takes what an evaluation found into the learner's progress. A place
// that is gone must be made again.
func (t *Teacher) settle(w *watcher, found []finding, there bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := w.seat
	if s.watching != w || s.busy {
		return
	}
	s.change(func() {
		if !there {
			s.page().gone()
			s.leave()
			s.lift()
			t.keep(s)
			return
		}
		passed := false
		for _, f := range found {
			s.checks[f.step.ID] = f.checks
			passed = s.pass(f) || passed
		}
		if passed {
			t.keep(s)
		}
		s.open()
		if s.done() {
			s.leave()
			s.lift()
		}
	})
}

// gone notes that the lesson's namespace is no more.
func (p *page) gone() {
	p.Started = false
	for _, m := range p.Steps {
		m.Ready = false
	}
}

// keep saves the learner's progress; what goes wrong is shown.
func (t *Teacher) keep(s *seat) {
	if err := t.save(s.pupil); err != nil {
		t.cfg.Log.Error("A learner's progress could not be saved", "learner", s.pupil.id, "err", err)
		s.problem = err.Error()
	}
}

// pass passes a step whose checks hold. An open step waits for its prediction;
// who is ahead of the lesson need not make one.
func (s *seat) pass(f finding) bool {
	p := s.page()
	m := p.mark(f.step.ID)
	unready := len(f.step.setup) > 0 && !m.Ready
	unasked := f.step.Predict != nil && m.Choice == "" && p.status(s.lesson, f.step.ID) == Open
	if !f.holds || m.Passed || unready || unasked {
		return false
	}
	m.Passed = true
	if m.Choice != "" {
		m.Outcome = f.outcome
	}
	return true
}

// trouble shows what keeps a watcher from seeing a resource; nil takes it away.
func (t *Teacher) trouble(w *watcher, resource string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.seat.watching != w {
		return
	}
	w.seat.change(func() {
		delete(w.blind, resource)
		if err != nil {
			w.blind[resource] = fmt.Sprintf("watch %s: %v", resource, err)
		}
	})
}
