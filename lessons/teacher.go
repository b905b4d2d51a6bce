package lessons

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"kubergarten/engine/trace"
)

// Name is the component's name.
const Name = "lessons"

// Config is what a Teacher needs.
type Config struct {
	Catalog *Catalog
	Probe   Prober          // nil: checks that need it fail
	Presets Presets         // nil: lessons that need them cannot be started
	Trace   *trace.Recorder // may be nil
	Clock   clock.WithTickerAndDelayedExecution
	Dir     *os.Root // where progress is kept; nil: nowhere
	Log     *slog.Logger
}

// Errors for what the catalogue does not hold, and for what cannot be done now.
var (
	ErrNoLesson   = errors.New("there is no such lesson")
	ErrNoStep     = errors.New("there is no such step")
	ErrNoChoice   = errors.New("there is no such choice")
	ErrNoQuestion = errors.New("the step asks nothing")
	ErrPredicted  = errors.New("the prediction is already made")
	ErrNotStarted = errors.New("the lesson is not started")
	ErrLocked     = errors.New("the step is locked")
	ErrBusy       = errors.New("the lesson is being prepared")
	ErrNotOwner   = errors.New("only the cluster's owner may start this lesson: it changes flags of the control plane")
	ErrNoPresets  = errors.New("the lesson cannot be started here: the flags of this control plane cannot be changed")
)

// A Teacher takes all learners of a server through the lessons. Its methods are
// safe for concurrent use, and what they change is on disk when they return.
type Teacher struct {
	cfg   Config
	shelf shelf
	ctx   context.Context // of all that goes on in the background
	stop  context.CancelFunc
	wg    sync.WaitGroup

	presets sync.Mutex // held while flags are set; taken before mu

	mu      sync.Mutex // held for short, never while the cluster is asked
	catalog *Catalog
	pupils  map[string]*pupil
	over    bool // Run has ended: nothing new begins
}

// A pupil is a learner whom the Teacher has met. Guarded by Teacher.mu.
type pupil struct {
	id    string
	book  book
	seats map[string]*seat // by lesson
}

// New returns a Teacher. It does nothing of itself: what runs begins with a
// learner's call, and ends with Run.
func New(cfg Config) (*Teacher, error) {
	if cfg.Catalog == nil || cfg.Clock == nil || cfg.Log == nil {
		return nil, errors.New("lessons: catalog, clock and log are needed")
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Teacher{
		cfg: cfg, shelf: shelf{cfg.Dir}, ctx: ctx, stop: stop,
		catalog: cfg.Catalog, pupils: map[string]*pupil{},
	}, nil
}

// Name returns the component's name.
func (t *Teacher) Name() string { return Name }

// Run teaches until ctx is done.
func (t *Teacher) Run(ctx context.Context) error {
	<-ctx.Done()
	t.stop()
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	t.wg.Wait()
	return nil
}

// begin runs f in the background, and keeps its panic from the server. mu is
// held.
func (t *Teacher) begin(f func()) {
	if t.over {
		return
	}
	t.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				t.cfg.Log.Error("A lesson panicked", "panic", r)
			}
		}()
		f()
	})
}

// Catalog returns the lessons there are now.
func (t *Teacher) Catalog() *Catalog {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.catalog
}

// Use changes the lessons, for authors. Progress stays.
func (t *Teacher) Use(c *Catalog) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catalog = c
	for _, p := range t.pupils {
		for id, s := range p.seats {
			l, ok := c.Lesson(id)
			s.leave()
			s.wake()
			if !ok {
				delete(p.seats, id)
				continue
			}
			s.lesson = l
		}
	}
}

// seat returns the learner's seat at a lesson, taking it if need be. mu is held.
func (t *Teacher) seat(who Learner, lesson string) (*seat, error) {
	l, ok := t.catalog.Lesson(lesson)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNoLesson, lesson)
	}
	p, err := t.pupil(who.ID)
	if err != nil {
		return nil, err
	}
	s, ok := p.seats[lesson]
	if !ok {
		s = &seat{t: t, pupil: p, lesson: l, changed: make(chan struct{}), checks: map[string][]CheckState{}}
		p.seats[lesson] = s
	}
	if who.API != nil {
		s.who = who
	}
	return s, nil
}

// pupil returns the learner of that id. One whose book cannot be read now is met
// again at the next call. mu is held.
func (t *Teacher) pupil(id string) (*pupil, error) {
	if p, ok := t.pupils[id]; ok {
		return p, nil
	}
	b, err := t.shelf.take(id)
	if err != nil {
		t.cfg.Log.Warn("A learner's progress could not be read", "learner", id, "err", err)
	}
	if b == nil {
		return nil, err
	}
	p := &pupil{id: id, book: b, seats: map[string]*seat{}}
	t.pupils[id] = p
	return p, nil
}

// save writes the learner's progress. mu is held.
func (t *Teacher) save(p *pupil) error { return t.shelf.put(p.id, p.book) }

// within returns ctx with an end after d of the Teacher's clock; the cause of
// that end says so.
func (t *Teacher) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := t.cfg.Clock.AfterFunc(d, func() { cancel(fmt.Errorf("given up after %s", d)) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}
