package lessons

import (
	"context"
	"errors"
)

// withoutPresets is what is said in a lesson whose flags another one took.
const withoutPresets = "the flags that this lesson gives the control plane do not hold now, as after the start of another lesson: reset this one to have them again"

// preset gives the control plane the flags of the seat's lesson, in the place
// of those that a lesson of this learner gave it before.
func (t *Teacher) preset(ctx context.Context, s *seat, flags Flags) error {
	t.presets.Lock()
	defer t.presets.Unlock()
	if len(flags) == 0 && !t.holds(s) {
		return nil
	}
	if err := t.setFlags(ctx, s, flags); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range s.pupil.book {
		p.Preset = false
	}
	s.page().Preset = len(flags) > 0
	for _, other := range s.pupil.seats {
		other.wake()
	}
	return t.save(s.pupil)
}

// holds reports whether flags of one of the learner's lessons hold.
func (t *Teacher) holds(s *seat) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range s.pupil.book {
		if p.Preset {
			return true
		}
	}
	return false
}

func (t *Teacher) setFlags(ctx context.Context, s *seat, flags Flags) error {
	if t.cfg.Presets == nil {
		return ErrNoPresets
	}
	return t.cfg.Presets.Set(ctx, s.pupil.id, flags.copy())
}

// wanted are the flags that the lesson needs for what is left of it.
func (t *Teacher) wanted(s *seat, l *Lesson) Flags {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.done() {
		return nil
	}
	return l.Presets
}

// overdue reports whether the lesson's flags hold, but the lesson is over.
// Teacher.mu is held.
func (s *seat) overdue() bool {
	p := s.page()
	return p.Preset && !s.busy && (!p.Started || s.done())
}

// bereft reports whether the lesson is under way without the flags it needs.
// Teacher.mu is held.
func (s *seat) bereft() bool {
	p := s.page()
	return p.Started && !p.Preset && !s.busy && len(s.lesson.Presets) > 0 && !s.done()
}

// lift takes the lesson's flags back when it is over. Teacher.mu is held.
func (s *seat) lift() {
	if s.lifting || s.t.over || !s.overdue() {
		return
	}
	s.lifting = true
	s.t.begin(func() {
		err := errors.New("the flags of the control plane could not be taken back") // unless they could
		defer func() { s.t.lifted(s, err) }()
		ctx, cancel := s.t.within(s.t.ctx, patience)
		defer cancel()
		err = s.t.lift(ctx, s)
	})
}

// lift is what goes on in the background. Meanwhile another lesson may have
// taken over.
func (t *Teacher) lift(ctx context.Context, s *seat) error {
	t.presets.Lock()
	defer t.presets.Unlock()
	t.mu.Lock()
	overdue := s.overdue()
	t.mu.Unlock()
	if !overdue {
		return nil
	}
	if err := t.setFlags(ctx, s, nil); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.page().Preset = false
	return t.save(s.pupil)
}

// lifted notes that the flags were taken back, or why not. What failed is not
// tried again before the learner does something.
func (t *Teacher) lifted(s *seat, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.change(func() {
		if s.lifting = err != nil; err != nil {
			s.problem = err.Error()
		}
	})
}
