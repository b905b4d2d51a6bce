package lessons

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"k8s.io/utils/clock"

	"kubergarten/engine/trace"
)

// Name is the component's name.
const Name = "lessons"

// Config is what a Teacher needs.
type Config struct {
	Catalog *Catalog
	Probe   Prober          // nil: checks that need it fail
	Trace   *trace.Recorder // may be nil
	Clock   clock.WithTickerAndDelayedExecution
	Dir     *os.Root // where progress is kept
	Log     *slog.Logger
}

// ErrNoLesson is returned for a lesson or step that the catalogue does not hold.
var ErrNoLesson = errors.New("there is no such lesson")

// A Teacher takes all learners of a server through the lessons. Its methods are
// safe for concurrent use, and what they change is on disk when they return.
type Teacher struct {
	cfg Config
}

// New returns a Teacher that does nothing before Run.
func New(cfg Config) (*Teacher, error) { return &Teacher{cfg: cfg}, nil }

// Name returns the component's name.
func (t *Teacher) Name() string { return Name }

// Run teaches until ctx is done.
func (t *Teacher) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Catalog returns the lessons there are now.
func (t *Teacher) Catalog() *Catalog { return t.cfg.Catalog }

// Use changes the lessons, for authors. Progress stays.
func (t *Teacher) Use(c *Catalog) {}

// Summaries returns the learner's progress in each lesson, in order.
func (t *Teacher) Summaries(who Learner) []Summary { return nil }

// State returns where the learner is in a lesson. It is zero for a lesson that
// there is not.
func (t *Teacher) State(who Learner, lesson string) State { return State{} }

// Follow is State, and a channel that is closed when there is a newer one. To
// keep following, call it again then.
func (t *Teacher) Follow(who Learner, lesson string) (State, <-chan struct{}) {
	return State{}, nil
}

// Start makes the lesson's place in the cluster: namespace, manifests, files. A
// lesson that has been started goes on where it was.
func (t *Teacher) Start(ctx context.Context, who Learner, lesson string) error { return nil }

// Reset takes everything away that is in the lesson's namespace and makes the
// place anew, for the lesson (step is empty: all progress in it is gone) or for
// one of its steps (which is then open again). Files are as they were at first.
func (t *Teacher) Reset(ctx context.Context, who Learner, lesson, step string) error { return nil }

// Predict answers a step's prediction, once.
func (t *Teacher) Predict(who Learner, lesson, step, choice string) error { return nil }

// Hint shows the step's next hint.
func (t *Teacher) Hint(who Learner, lesson, step string) error { return nil }

// ShowSolution shows the step's solution.
func (t *Teacher) ShowSolution(who Learner, lesson, step string) error { return nil }

// Answer answers a step's question by typing.
func (t *Teacher) Answer(who Learner, lesson, step, value string) error { return nil }

// Export returns the learner's progress as JSON.
func (t *Teacher) Export(who Learner) ([]byte, error) { return nil, nil }

// Import replaces the learner's progress by what Export gave.
func (t *Teacher) Import(who Learner, data []byte) error { return nil }
