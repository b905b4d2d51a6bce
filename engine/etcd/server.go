package etcd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kubergarten/engine/clock"
	"kubergarten/engine/component"
	"kubergarten/engine/trace"
)

// Name is the component's name.
const Name = "etcd"

// Config says where the store is and how large it may grow.
type Config struct {
	Dir          string // made if it does not exist; not needed by Memory
	Backend      string // BuntDB or Memory; empty: BuntDB
	HistoryBytes int    // of history kept for watches and old lists; 0: 16 MiB
	RequestBytes int    // of one value; 0: 1.5 MiB, as upstream
	QuotaBytes   int    // of all records; 0: 2 GiB, as upstream
	Clock        clock.Clock
	Trace        *trace.Recorder
	Log          *slog.Logger
}

// Server is the store. It implements KV while it runs; before, calls wait.
type Server struct {
	cfg     Config
	ops     chan *op
	kick    chan struct{} // a watcher wants the attention of Run
	ready   chan struct{}
	stopped chan struct{}
	backend backend // belongs to Run
	// Run's own:
	expireAfter time.Time // leases are not expired before, for the disk was full
	retry       int       // size of history at which compaction is tried again after it failed

	// mu guards what follows. Run alone writes index and lessor; it takes mu only
	// for the moment in which it shows a batch, never while it waits for the disk.
	mu       sync.RWMutex
	index    *index
	lessor   lessor
	watchers watchers
}

var (
	_ KV                  = (*Server)(nil)
	_ component.Component = (*Server)(nil)
	_ component.Readier   = (*Server)(nil)
)

// New returns a store that has not touched the disk yet.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.Backend == "":
		cfg.Backend = BuntDB
	case cfg.Backend != BuntDB && cfg.Backend != Memory:
		return nil, fmt.Errorf("etcd: unknown backend %q", cfg.Backend)
	}
	if cfg.Backend == BuntDB && cfg.Dir == "" {
		return nil, errors.New("etcd: no data directory")
	}
	if cfg.Clock == nil || cfg.Log == nil {
		return nil, errors.New("etcd: a clock and a log are needed")
	}
	setDefault(&cfg.HistoryBytes, 16<<20)
	setDefault(&cfg.RequestBytes, 3<<19)
	setDefault(&cfg.QuotaBytes, 2<<30)
	return &Server{
		cfg: cfg, ops: make(chan *op, 1024), kick: make(chan struct{}, 1),
		ready: make(chan struct{}), stopped: make(chan struct{}),
		index: newIndex(), watchers: newWatchers(),
	}, nil
}

func setDefault(n *int, value int) {
	if *n <= 0 {
		*n = value
	}
}

// Name implements component.Component.
func (s *Server) Name() string { return Name }

// Ready is closed when the store has been loaded.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Run loads the store and serves it until ctx is done, or the disk fails. It may
// be called once.
func (s *Server) Run(ctx context.Context) error {
	defer close(s.stopped)
	if err := s.open(); err != nil {
		return err
	}
	close(s.ready)
	err := s.serve(ctx)
	if cerr := s.backend.close(); err == nil {
		err = cerr
	}
	return err
}

func (s *Server) open() (err error) {
	if s.backend, err = s.newBackend(); err != nil {
		return err
	}
	x, leases, err := loadIndex(s.backend)
	if err != nil {
		_ = s.backend.close() // the first error says more
		return fmt.Errorf("load %s: %w", s.cfg.Dir, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.index = x
	s.lessor.restore(leases, x, s.cfg.Clock.Now())
	s.cfg.Log.Info("store loaded", "backend", s.cfg.Backend, "revision", x.rev, "compacted", x.compacted, "keys", x.keys.Len(), "bytes", x.all)
	return nil
}

func (s *Server) newBackend() (backend, error) {
	if s.cfg.Backend == Memory {
		return memory{}, nil
	}
	return openBunt(s.cfg.Dir, s.cfg.Log)
}

// serve is the store's one goroutine.
func (s *Server) serve(ctx context.Context) error {
	timer := s.cfg.Clock.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(s.untilExpiry())
		var err error
		select {
		case first := <-s.ops:
			err = s.commit(s.batch(first))
		case <-s.kick:
			s.syncWatchers()
		case <-timer.C():
			err = s.expire()
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return fmt.Errorf("etcd stops, for the disk has failed: %w", err)
		}
	}
}

// wait returns when the store can be read.
func (s *Server) wait(ctx context.Context) error {
	select {
	case <-s.stopped:
		return ErrStopped
	default:
	}
	select {
	case <-s.ready:
		return ctx.Err()
	case <-s.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}
