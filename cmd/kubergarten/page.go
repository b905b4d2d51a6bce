package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/engine/component"
	"kubergarten/lessons"
	"kubergarten/ui"
	"kubergarten/wasm/image"
)

// page is the cluster's page in the browser, as a component: with it come the
// lessons, and the shells of who works there. It starts when the cluster is
// ready, for only then is there an API server to speak to.
type page struct {
	listen  string
	dir     string // the data directory
	cluster *cluster.Cluster
	images  *image.Store
	log     *slog.Logger
	author  *author         // whose lessons there are; nil: those that are built in
	ready   chan *ui.Server // gets the server when it listens
}

func newPage(listen, dir string, c *cluster.Cluster, images *image.Store, log *slog.Logger) *page {
	return &page{listen: listen, dir: dir, cluster: c, images: images, log: log, ready: make(chan *ui.Server, 1)}
}

// Name returns the component's name.
func (p *page) Name() string { return ui.Name }

// Run serves the page until ctx is done.
func (p *page) Run(ctx context.Context) error {
	owner, err := clientcmd.BuildConfigFromFlags("", p.cluster.Kubeconfig())
	if err != nil {
		return err
	}
	dir, err := openPageDir(p.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	shells, err := newShells(p.dir, p.cluster, p.images, p.log)
	if err != nil {
		return err
	}
	teacher, err := p.teacher(dir, owner, shells)
	if err != nil {
		return err
	}
	// The clock is real time: a paused cluster must still be looked at.
	server, err := ui.New(ui.Config{
		Listen: p.listen, Log: p.log, Clock: clock.New(), Owner: owner, As: p.cluster.As, Dir: dir,
		Rooms: ui.Rooms{Trace: p.cluster.Trace(), Lessons: teacher, Desk: shells.Desk, Terminal: shells},
	})
	if err != nil {
		return err
	}
	go p.tell(ctx, server)
	school := component.Stage{shells.bench, teacher}
	if p.author != nil {
		p.author.teacher = teacher
		school = append(school, p.author)
	}
	return component.Run(ctx, p.log, school, component.Stage{server})
}

// teacher takes the learners through the lessons; progress is kept in dir.
func (p *page) teacher(dir *os.Root, owner *rest.Config, s *shells) (*lessons.Teacher, error) {
	catalog, err := p.catalog()
	if err != nil {
		return nil, err
	}
	probe, err := newProber(owner, s.bench.Dial)
	if err != nil {
		return nil, err
	}
	clk := clock.New()
	return lessons.New(lessons.Config{
		Catalog: catalog, Probe: probe, Presets: p.presets(clk.Now(), dir), Trace: p.cluster.Trace(), Clock: clk, Dir: dir, Log: p.log,
	})
}

// presets change the flags of the control plane. Where that cannot be done, the
// page is there all the same.
func (p *page) presets(now time.Time, dir *os.Root) lessons.Presets {
	flags, err := newPresets(p.dir, p.cluster.Kubeconfig(), now, dir)
	if err != nil {
		p.log.Warn("Lessons cannot change flags of the control plane", "err", err)
		return nil
	}
	return flags
}

// catalog loads the lessons.
func (p *page) catalog() (*lessons.Catalog, error) {
	if p.author != nil {
		return p.author.first()
	}
	return lessons.Load(lessons.Content(), cluster.CheckFlag)
}

// tell hands the server on when it listens.
func (p *page) tell(ctx context.Context, s *ui.Server) {
	select {
	case <-s.Ready():
		p.ready <- s
	case <-ctx.Done():
	}
}

// announce tells the user where the page is. The link works once: who opens it
// is the owner.
func (p *page) announce(ctx context.Context, out io.Writer) {
	select {
	case s := <-p.ready:
		fmt.Fprintf(out, "Page        %s\n", s.Link())
		for _, other := range s.Others() {
			fmt.Fprintf(out, "            %s from elsewhere\n", other)
		}
		if f := s.Fingerprint(); f != "" {
			fmt.Fprintf(out, "            The browser will ask about its certificate, whose SHA-256 fingerprint is\n            %s\n", f)
		}
	case <-ctx.Done():
	}
}

// openPageDir opens where the page keeps what must outlive a restart.
func openPageDir(data string) (*os.Root, error) {
	dir := filepath.Join(data, "page")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}
