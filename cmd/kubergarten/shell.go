package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/lessons"
	"kubergarten/ui/terminal"
	"kubergarten/wasm/image"
	"kubergarten/wasm/workbench"
)

// shells are the shells of the page's visitors: each has a place of its own at
// the workbench, and a kubectl that may do what the visitor may.
type shells struct {
	bench *workbench.Workbench
	lull  *lull // in the work of all shells
	log   *slog.Logger

	mu       sync.Mutex
	learners map[string]*learner
}

// A learner is what the shells of one visitor share.
type learner struct {
	mu       sync.Mutex // held while their kubeconfig is written
	children slots      // of their kubectl
}

// learner returns what the shells of the visitor of that name share.
func (s *shells) learner(id string) *learner {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.learners[id]
	if l == nil {
		if s.learners == nil {
			s.learners = map[string]*learner{}
		}
		l = &learner{children: make(slots, maxKubectl)}
		s.learners[id] = l
	}
	return l
}

// newShells makes a workbench whose files are kept in data, on the network of
// the cluster, which is ready. Its time is real: at a paused cluster one can
// still work.
func newShells(data string, c *cluster.Cluster, images *image.Store, log *slog.Logger) (*shells, error) {
	dir := filepath.Join(data, "workbench")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	w, err := workbench.New(workbench.Config{Root: root, Network: c.Network(cluster.ControlPlane), Images: images, Clock: clock.New(), Log: log})
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &shells{bench: w, lull: newLull(clock.New(), 3*time.Second, images.Rest), log: log}, nil
}

// Open implements terminal.Workbench.
func (s *shells) Open(ctx context.Context, who *terminal.Visitor, size terminal.Size) (terminal.Session, error) {
	id := who.User.GetName()
	_, dir, err := s.bench.Home(id)
	if err != nil {
		return nil, err
	}
	if err := s.Renew(who); err != nil {
		s.log.Error("a shell has no kubeconfig", "learner", id, "err", err) // its owner can see to that in it
	}
	k, err := newConfinedKubectl(dir, "/root", who.REST.Host, s.log)
	if err != nil {
		return nil, err
	}
	k.children = s.learner(id).children
	defer s.lull.stir()
	shell, err := s.bench.Open(ctx, id, k.native, size.Cols, size.Rows)
	if err != nil {
		return nil, err
	}
	return session{shell, s.lull}, nil
}

// Renew implements terminal.Workbench: kubectl in who's shells may do what they
// may do at the page.
func (s *shells) Renew(who *terminal.Visitor) error {
	id := who.User.GetName()
	home, _, err := s.bench.Home(id)
	if err != nil {
		return err
	}
	l := s.learner(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := writeKubeconfig(home, who.REST); err != nil {
		return fmt.Errorf("kubeconfig of the terminal: %w", err)
	}
	return nil
}

// session is a shell as the page has it.
type session struct {
	*workbench.Session
	lull *lull
}

// Read implements terminal.Session. Where there is something to read, somebody
// works.
func (s session) Read(p []byte) (int, error) {
	n, err := s.Session.Read(p)
	s.lull.stir()
	return n, err
}

// Resize implements terminal.Session.
func (s session) Resize(to terminal.Size) { s.Session.Resize(to.Cols, to.Rows) }

// native is kubectl as the workbench runs it.
func (k *confinedKubectl) native(ctx context.Context, c workbench.Command) int {
	dir, ok := workbench.InHome(c.Dir)
	if !ok {
		fmt.Fprintf(c.Stderr, "error: kubectl cannot work in %s: it has the files in %s alone\n", c.Dir, k.mount)
		return 1
	}
	return k.Run(ctx, kubectlCommand{
		Args: c.Args[1:], Env: environMap(c.Env), Dir: dir, Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr,
		TTY: c.TTY, Rows: c.Rows, Cols: c.Cols, Resize: c.Resize,
	})
}

func environMap(env []string) map[string]string {
	m := make(map[string]string, len(env))
	for _, line := range env {
		k, v, _ := strings.Cut(line, "=")
		m[k] = v
	}
	return m
}

// Desk is where the files of a learner's lessons lie: their home.
func (s *shells) Desk(learner string) lessons.Desk { return desk{s.bench, learner} }

type desk struct {
	bench   *workbench.Workbench
	learner string
}

// Put implements lessons.Desk.
func (d desk) Put(_ context.Context, name string, data []byte, fresh bool) error {
	home, _, err := d.bench.Home(d.learner)
	if err != nil {
		return err
	}
	if dir := path.Dir(name); dir != "." {
		if err := home.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if fresh {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := home.OpenFile(name, flags, 0o644)
	if errors.Is(err, fs.ErrExist) && !fresh {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
