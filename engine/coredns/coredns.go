package coredns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

// Name is what CoreDNS calls itself everywhere.
const Name = "coredns"

// version is that of the CoreDNS that kubeadm v1.36 deploys.
const version = "1.14.2"

// Deps are what CoreDNS needs from its surroundings.
type Deps struct {
	API   client.Interface   // for plugin/kubernetes
	Net   *network.Namespace // of its pod
	FS    fs.FS              // with the Corefile and etc/resolv.conf
	Env   []string           // "KEY=value"
	Out   io.Writer          // the log
	Clock clock.Clock
	Trace *trace.Recorder // may be nil
	Node  string          // where the pod runs
	// Hurry, if closed, ends plugin/health's lameduck time at once. May be nil.
	Hurry <-chan struct{}
}

func (d Deps) getenv(name string) string {
	for _, kv := range d.Env {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v
		}
	}
	return ""
}

// A CoreDNS is one process of CoreDNS.
type CoreDNS struct {
	Deps
	flags Flags
	out   logger
}

// New returns a CoreDNS that does nothing yet.
func New(f Flags, deps Deps) (*CoreDNS, error) {
	if deps.Net == nil || deps.FS == nil || deps.Out == nil || deps.Clock == nil {
		return nil, errors.New("coredns: network, files, output and clock are required")
	}
	if f.Port == "" {
		f.Port = "53"
	}
	return &CoreDNS{deps, f, newLogger(deps.Out)}, nil
}

// Name is "coredns".
func (c *CoreDNS) Name() string { return Name }

// Run serves what the Corefile says until ctx is done. An error is what
// upstream ends with.
func (c *CoreDNS) Run(ctx context.Context) error {
	data, err := c.read()
	if err != nil {
		return err
	}
	in, err := c.build(data)
	if err != nil {
		return err
	}
	for first := true; in != nil && ctx.Err() == nil; first = false {
		if in, err = c.generation(ctx, in, first); err != nil {
			return err
		}
	}
	return nil
}

// build makes an instance of a Corefile.
func (c *CoreDNS) build(data []byte) (*instance, error) {
	in, err := newInstance(c.Deps, c.logger(), c.flags, data)
	if err == nil && in.reload != nil {
		in.reload.sum, err = c.fingerprint(data)
	}
	return in, err
}

// generation runs one instance, until ctx is done or a changed Corefile has
// made the next one, which it returns.
func (c *CoreDNS) generation(ctx context.Context, in *instance, first bool) (*instance, error) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done, up := make(chan error, 1), make(chan struct{})
	go func() { done <- in.run(run, func() { c.greet(in, first); close(up) }) }()
	successor := c.await(ctx, in, up, done)
	if ctx.Err() != nil {
		in.lameduck()
	}
	cancel()
	return successor, <-done
}

// await returns when the instance must end; with the next one, if there is one.
func (c *CoreDNS) await(ctx context.Context, in *instance, up <-chan struct{}, done chan error) *instance {
	select {
	case <-up:
	case <-ctx.Done():
		return nil
	case err := <-done:
		done <- err
		return nil
	}
	if in.reload != nil {
		return in.reload.watch(ctx, c, done)
	}
	select {
	case <-ctx.Done():
	case err := <-done:
		done <- err
	}
	return nil
}

func (in *instance) lameduck() {
	for _, f := range in.linger {
		f()
	}
}

// defaultCorefile is what runs if there is no file and none was asked for.
const defaultCorefile = ".:53 {\nwhoami\nlog\n}\n"

func (c *CoreDNS) read() ([]byte, error) {
	name := c.flags.file()
	data, err := fs.ReadFile(c.FS, strings.TrimPrefix(name, "/"))
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.flags.Conf == "":
		return []byte(defaultCorefile), nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("open %s: no such file or directory", name)
	}
	return data, err
}

func (c *CoreDNS) logger() logger { return c.out }

// greet writes down what runs.
func (c *CoreDNS) greet(in *instance, first bool) {
	if c.flags.Quiet {
		return
	}
	if !first {
		in.log.infof("Reloading complete")
	}
	in.log.line(in.banner())
	if in.reload != nil {
		in.reload.announce()
	}
	if first {
		in.log.line("CoreDNS-" + version)
		in.log.line(runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version() + ", ")
	}
}
