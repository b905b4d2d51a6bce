package terminal

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"

	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
)

// Most is how many terminals a visitor has at once.
const Most = 8

var (
	errMany  = errors.New("too many terminals")
	errOver  = errors.New("the server ends")
	errMoved = errors.New("another window took the terminal")
)

// Config is what Terminals needs.
type Config struct {
	Workbench Workbench
	Clock     clock.WithTickerAndDelayedExecution
	Log       *slog.Logger
}

// Terminals are the shells of all visitors.
type Terminals struct {
	cfg     Config
	tickets *tickets
	running chan struct{} // closed by Run
	life    context.Context
	shells  sync.WaitGroup

	mu   sync.Mutex
	over bool
	all  map[string]*shell // by id; without a session while it opens
}

// New returns an empty room: before Run no shell opens.
func New(c Config) *Terminals {
	return &Terminals{cfg: c, tickets: newTickets(c.Clock), running: make(chan struct{}), all: map[string]*shell{}}
}

// Run lets shells open until ctx ends, and returns when all have ended.
func (t *Terminals) Run(ctx context.Context) error {
	t.life = ctx
	close(t.running)
	<-ctx.Done()
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	t.shells.Wait()
	return nil
}

// find is the owner's shell of that id, or nil.
func (t *Terminals) find(owner, id string) *shell {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.all[id]; ok && s.owner == owner && s.session != nil {
		return s
	}
	return nil
}

// open starts a shell. When ctx ends before it is there, it is not to come.
func (t *Terminals) open(ctx context.Context, v *frame.Visitor, size Size) (*shell, error) {
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-t.running:
	}
	life, stop := context.WithCancel(t.life)
	s := &shell{id: rand.Text(), owner: bearerOf(v).owner, clock: t.cfg.Clock, stop: stop, bell: make(chan struct{})}
	if err := t.reserve(s); err != nil {
		stop()
		return nil, err
	}
	unhook := context.AfterFunc(ctx, stop)
	session, err := t.cfg.Workbench.Open(life, v, size)
	if err == nil && !unhook() {
		_ = session.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		stop()
		t.forget(s)
		return nil, err
	}
	t.mu.Lock()
	s.session = session
	t.mu.Unlock()
	go func() { defer t.forget(s); s.run(life) }()
	return s, nil
}

// reserve gives s a place. A visitor who has all of them loses the one that
// nobody looks at for the longest time, if there is one.
func (t *Terminals) reserve(s *shell) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return errOver
	}
	var mine []*shell
	for _, other := range t.all {
		if other.owner == s.owner {
			mine = append(mine, other)
		}
	}
	if len(mine) >= Most {
		idle := idlest(mine)
		if idle == nil {
			return errMany
		}
		delete(t.all, idle.id)
		idle.stop()
	}
	t.all[s.id] = s
	t.shells.Add(1)
	return nil
}

// forget takes back the place of s.
func (t *Terminals) forget(s *shell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, s.id)
	t.shells.Done()
}
