package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
)

// ExitError ends a program with that exit code, and no word of it in the log.
type ExitError int

func (e ExitError) Error() string { return "exit status " + strconv.Itoa(int(e)) }

// container is a program that runs, will run or has run.
type container struct {
	program Program
	process Process
	log     *logFile
	ctx     context.Context
	cancel  context.CancelFunc
	ended   chan struct{}
	once    sync.Once
}

// CreateContainer implements cri.Runtime.
func (r *Runtime) CreateContainer(_ context.Context, sandbox string, cfg *v1.ContainerConfig, scfg *v1.PodSandboxConfig) (string, error) {
	program, name, err := r.find(cfg.GetImage().GetUserSpecifiedImage(), cfg.GetImage().GetImage())
	if err != nil {
		return "", err
	}
	argv := append(append([]string(nil), cfg.GetCommand()...), cfg.GetArgs()...)
	if len(cfg.GetCommand()) == 0 {
		argv = append([]string{path.Base(name)}, argv...) // the image's entrypoint
	} else if path.Base(argv[0]) != path.Base(name) && path.Base(argv[0]) != strings.TrimPrefix(path.Base(name), "kube-") {
		return "", fmt.Errorf("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: %q: executable file not found in $PATH", argv[0])
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &container{program: program, ctx: ctx, cancel: cancel, ended: make(chan struct{})}
	c.log = newLogFile(r.cfg.Root, path.Join(scfg.GetLogDirectory(), cfg.GetLogPath()), r.cfg.Clock.Now)
	c.process = Process{
		Args: argv[1:], Env: env(cfg, scfg, r.cfg.Node), Stdout: c.log.stream("stdout"), Stderr: c.log.stream("stderr"),
		FS: newView(r.cfg.Root, cfg, scfg, r.hostname(scfg)), Net: r.namespace(sandbox), Node: r.cfg.Node,
		Hostname: r.hostname(scfg), Grace: grace(cfg),
	}
	id := cri.NewID()
	if err := r.ledger.AddContainer(id, sandbox, cfg.GetImage().GetImage(), cfg); err != nil {
		cancel()
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.containers[id] = c
	return id, nil
}

func (r *Runtime) hostname(scfg *v1.PodSandboxConfig) string {
	if h := scfg.GetHostname(); h != "" {
		return h
	}
	return r.cfg.Node
}

func env(cfg *v1.ContainerConfig, scfg *v1.PodSandboxConfig, node string) []string {
	host := scfg.GetHostname()
	if host == "" {
		host = node
	}
	out := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=" + host}
	for _, e := range cfg.GetEnvs() {
		out = append(out, e.Key+"="+string(e.Value))
	}
	return out
}

// grace reads how long the pod has between SIGTERM and SIGKILL.
func grace(cfg *v1.ContainerConfig) time.Duration {
	s, err := strconv.ParseInt(cfg.GetAnnotations()["io.kubernetes.pod.terminationGracePeriod"], 10, 64)
	if err != nil {
		return 30 * time.Second
	}
	return time.Duration(s) * time.Second
}

func (r *Runtime) container(id string) (*container, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	if !ok {
		return nil, fmt.Errorf("container %q: %w", id, cri.ErrNotFound)
	}
	return c, nil
}

// StartContainer implements cri.Runtime.
func (r *Runtime) StartContainer(_ context.Context, id string) error {
	c, err := r.container(id)
	if err != nil {
		return err
	}
	if err := c.log.open(); err != nil {
		r.exited(id, c, cri.Exit{Code: 128, Reason: "StartError", Message: err.Error()})
		return fmt.Errorf("failed to create container log: %w", err)
	}
	if err := r.ledger.Start(id); err != nil {
		return err
	}
	go func() { r.exited(id, c, c.run()) }()
	return nil
}

// run is the life of the program.
func (c *container) run() (exit cri.Exit) {
	defer func() {
		if p := recover(); p != nil {
			_, _ = fmt.Fprintf(c.process.Stderr, "panic: %v\n\n%s", p, debug.Stack())
			exit = cri.Completed(2)
		}
	}()
	err := c.program(c.ctx, c.process)
	var code ExitError
	switch {
	case err == nil:
		return cri.Completed(0)
	case errors.As(err, &code):
		return cri.Completed(int32(code))
	case c.ctx.Err() != nil && errors.Is(err, context.Canceled):
		return cri.Completed(0) // it ended because it was told to
	}
	_, _ = fmt.Fprintf(c.process.Stderr, "Error: %v\n", err)
	return cri.Completed(1)
}

// exited writes down how the container ended, once.
func (r *Runtime) exited(id string, c *container, e cri.Exit) {
	c.once.Do(func() {
		c.cancel()
		c.log.close()
		r.ledger.Exited(id, e)
		close(c.ended)
	})
}

// StopContainer implements cri.Runtime. A program that does not end in time is
// given up: its container is dead, whatever its goroutine still does.
func (r *Runtime) StopContainer(ctx context.Context, id string, timeout time.Duration) error {
	c, err := r.container(id)
	if err != nil {
		return nil // it is gone, as wanted
	}
	st, _, _, err := r.ledger.Container(id)
	if err != nil || st.State != v1.ContainerState_CONTAINER_RUNNING {
		return nil // it does not run, as wanted
	}
	c.cancel()
	t := r.cfg.Clock.NewTimer(max(timeout, 0))
	defer t.Stop()
	select {
	case <-c.ended:
	case <-t.C():
		r.exited(id, c, cri.Exit{Code: 137, Reason: "Error"})
	case <-ctx.Done():
		return fmt.Errorf("stop container %q: %w", id, ctx.Err())
	}
	return nil
}

// RemoveContainer implements cri.Runtime.
func (r *Runtime) RemoveContainer(_ context.Context, id string) error {
	r.forget(id)
	r.ledger.RemoveContainer(id)
	return nil
}

func (r *Runtime) forget(id string) {
	c, err := r.container(id)
	if err != nil {
		return
	}
	r.exited(id, c, cri.Exit{Code: 137, Reason: "Error"})
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.containers, id)
}

// ListContainers implements cri.Runtime.
func (r *Runtime) ListContainers(_ context.Context, f *v1.ContainerFilter) ([]*v1.Container, error) {
	return r.ledger.Containers(f), nil
}

// ContainerStatus implements cri.Runtime.
func (r *Runtime) ContainerStatus(_ context.Context, id string) (*v1.ContainerStatus, error) {
	st, _, _, err := r.ledger.Container(id)
	return st, err
}

// UpdateContainerResources implements cri.Runtime: they are kept, not enforced.
func (r *Runtime) UpdateContainerResources(_ context.Context, id string, res *v1.ContainerResources) error {
	return r.ledger.SetResources(id, res)
}

// ReopenContainerLog implements cri.Runtime.
func (r *Runtime) ReopenContainerLog(_ context.Context, id string) error {
	c, err := r.container(id)
	if err != nil {
		return err
	}
	return c.log.open()
}

// noShell is what exec gets in an image with nothing but its program.
func noShell(cmd []string) error {
	name := ""
	if len(cmd) > 0 {
		name = cmd[0]
	}
	return fmt.Errorf("failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: %q: executable file not found in $PATH", name)
}

// ExecSync implements cri.Runtime.
func (r *Runtime) ExecSync(_ context.Context, id string, cmd []string, _ time.Duration) (stdout, stderr []byte, code int32, err error) {
	if _, err := r.container(id); err != nil {
		return nil, nil, 0, err
	}
	return nil, nil, 0, noShell(cmd)
}

// Exec implements cri.Runtime.
func (r *Runtime) Exec(_ context.Context, id string, cmd []string, _ cri.Streams) (int32, error) {
	if _, err := r.container(id); err != nil {
		return 0, err
	}
	return 0, noShell(cmd)
}

// Attach implements cri.Runtime: what the program writes from now on is copied.
func (r *Runtime) Attach(ctx context.Context, id string, s cri.Streams) error {
	c, err := r.container(id)
	if err != nil {
		return err
	}
	chunks, stop := c.log.listen()
	defer stop()
	for {
		select {
		case chunk := <-chunks:
			if err := chunk.copyTo(s.Stdout, s.Stderr); err != nil {
				return err
			}
		case <-c.ended:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// copyTo writes the chunk to the stream it belongs to.
func (c chunk) copyTo(stdout, stderr io.Writer) error {
	w := stdout
	if c.stream == "stderr" {
		w = stderr
	}
	if w == nil {
		return nil
	}
	_, err := w.Write(c.data)
	return err
}

// ContainerStats implements cri.Runtime: all zero, for a goroutine's share is not known.
func (r *Runtime) ContainerStats(_ context.Context, id string) (*v1.ContainerStats, error) {
	return r.ledger.Stats(id)
}

// ListContainerStats implements cri.Runtime.
func (r *Runtime) ListContainerStats(_ context.Context, f *v1.ContainerStatsFilter) ([]*v1.ContainerStats, error) {
	return r.ledger.AllStats(f), nil
}
