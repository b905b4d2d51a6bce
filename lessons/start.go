package lessons

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// patience is how long the making or clearing of a place may take.
const patience = 2 * time.Minute

// Start makes the lesson's place in the cluster: namespace, manifests, files. A
// lesson that has been started goes on where it was.
func (t *Teacher) Start(ctx context.Context, who Learner, lesson string) error {
	return t.busily(ctx, who, lesson, func(ctx context.Context, s *seat, l *Lesson) error {
		if err := t.preset(ctx, s, t.wanted(s, l)); err != nil {
			return err
		}
		return t.make(ctx, s, l)
	})
}

// Reset takes everything away that is in the lesson's namespace and makes the
// place anew, for the lesson (step is empty: all progress in it is gone) or for
// one of its steps (which is then open again). Files are as they were at first.
func (t *Teacher) Reset(ctx context.Context, who Learner, lesson, step string) error {
	return t.busily(ctx, who, lesson, func(ctx context.Context, s *seat, l *Lesson) error {
		if _, ok := l.Step(step); !ok && step != "" {
			return fmt.Errorf("%w: %q", ErrNoStep, step)
		}
		if err := t.preset(ctx, s, l.Presets); err != nil {
			return err
		}
		if err := (&place{who.API, l}).clear(ctx); err != nil {
			return err
		}
		t.forget(s, step)
		if err := t.make(ctx, s, l); err != nil {
			return err
		}
		return t.renew(ctx, who, l, step)
	})
}

// busily does f while the lesson evaluates nothing. If ctx ends before f does,
// f goes on without the caller.
func (t *Teacher) busily(ctx context.Context, who Learner, lesson string, f func(context.Context, *seat, *Lesson) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, err := t.free(ctx, who, lesson)
	if err != nil {
		return err
	}
	l, done := s.lesson, make(chan error, 1)
	s.leave()
	s.change(func() { s.busy, s.lifting, s.problem = true, false, "" })
	t.begin(func() { done <- t.labour(s, l, f) })
	t.mu.Unlock()
	defer t.mu.Lock()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// free returns the learner's seat when nothing is being done to it. Teacher.mu is
// held, but not while it waits for a step to be prepared.
func (t *Teacher) free(ctx context.Context, who Learner, lesson string) (*seat, error) {
	for {
		s, err := t.seat(who, lesson)
		switch {
		case err != nil:
			return nil, err
		case s.busy:
			return nil, ErrBusy
		case t.over || ctx.Err() != nil:
			return nil, context.Canceled
		case s.who.API == nil:
			return nil, errors.New("the learner has no access to the cluster")
		case !s.opening:
			return s, nil
		}
		t.await(ctx, s.changed)
	}
}

// await waits for a channel with Teacher.mu unlocked.
func (t *Teacher) await(ctx context.Context, changed <-chan struct{}) {
	t.mu.Unlock()
	defer t.mu.Lock()
	select {
	case <-changed:
	case <-ctx.Done():
	case <-t.ctx.Done():
	}
}

// labour does f and frees the seat again, whatever f does.
func (t *Teacher) labour(s *seat, l *Lesson, f func(context.Context, *seat, *Lesson) error) (err error) {
	ctx, cancel := t.within(t.ctx, patience)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", l.ID, r)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		s.change(func() {
			s.busy = false
			if err != nil {
				s.problem = err.Error()
			}
			s.look()
		})
	}()
	return f(ctx, s, l)
}

// make makes the lesson's place and prepares the step that is open.
func (t *Teacher) make(ctx context.Context, s *seat, l *Lesson) error {
	p := &place{s.who.API, l}
	made, err := p.ensure(ctx)
	t.mu.Lock()
	if made {
		s.page().gone()
	}
	known := s.page().Started
	t.mu.Unlock()
	if err != nil {
		return err
	}
	if !known {
		if err := p.apply(ctx, l.setup); err != nil {
			return err
		}
	}
	t.mu.Lock()
	s.page().Started = true
	s.checks = map[string][]CheckState{}
	step := s.unready()
	t.mu.Unlock()
	if step == nil {
		return nil
	}
	return t.prepare(ctx, s, l, step, s.who)
}

// forget takes the marks of a step, or of all, out of the learner's progress.
func (t *Teacher) forget(s *seat, step string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := s.page()
	p.gone()
	if step == "" {
		p.Steps = nil
	}
	delete(p.Steps, step)
	t.keep(s)
}

// renew puts the files of a step, or of all steps, as they were at first.
func (t *Teacher) renew(ctx context.Context, who Learner, l *Lesson, step string) error {
	for _, s := range l.Steps {
		if step == "" || s.ID == step {
			if err := put(ctx, who.Desk, l, s, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// put lays a step's files on the learner's desk.
func put(ctx context.Context, desk Desk, l *Lesson, s *Step, fresh bool) error {
	if desk == nil {
		return nil
	}
	for i, file := range s.files {
		data, err := fs.ReadFile(l.files, file)
		if err == nil {
			err = desk.Put(ctx, s.Files[i], data, fresh)
		}
		if err != nil {
			return fmt.Errorf("put %s on the desk: %w", s.Files[i], err)
		}
	}
	return nil
}

// unready is the step that is open and not yet prepared, or nil. Teacher.mu is
// held.
func (s *seat) unready() *Step {
	p := s.page()
	for _, step := range s.lesson.Steps {
		if p.status(s.lesson, step.ID) == Open {
			if p.mark(step.ID).Ready {
				return nil
			}
			return step
		}
	}
	return nil
}

// open prepares the step that is open now, if it needs it. Teacher.mu is held.
func (s *seat) open() {
	step := s.unready()
	if step == nil || s.opening || s.t.over {
		return
	}
	if len(step.setup)+len(step.files) == 0 {
		s.page().mark(step.ID).Ready = true
		return
	}
	s.opening = true
	l, who := s.lesson, s.who
	s.t.begin(func() {
		err := errors.New("the step could not be prepared") // unless it could
		defer func() { s.t.opened(s, err) }()
		ctx, cancel := s.t.within(s.t.ctx, patience)
		defer cancel()
		err = s.t.prepare(ctx, s, l, step, who)
	})
}

// prepare applies a step's manifests and puts its files on the desk.
func (t *Teacher) prepare(ctx context.Context, s *seat, l *Lesson, step *Step, who Learner) error {
	err := errors.Join((&place{who.API, l}).apply(ctx, step.setup), put(ctx, who.Desk, l, step, false))
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.page().mark(step.ID).Ready = true
	return t.save(s.pupil)
}

// opened notes that a step was prepared, or why it was not. A new watcher looks
// at the place as it is now.
func (t *Teacher) opened(s *seat, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.opening, s.problem = false, ""
	if err != nil {
		s.problem = err.Error()
	} else if s.watching != nil {
		s.again()
	}
	s.wake() // also for who waits for the end of the opening
}
