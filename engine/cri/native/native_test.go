package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/cri"
)

// node is a runtime with one sandbox.
type node struct {
	t       *testing.T
	root    *os.Root
	r       *Runtime
	sandbox string
	scfg    *v1.PodSandboxConfig
}

func newNode(t *testing.T, clk clock.WithTickerAndDelayedExecution, programs map[string]Program) *node {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	r, err := New(Config{Size: 12345, Node: "n1", Root: root, Clock: clk, Programs: programs})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, root: root, r: r}
	n.scfg = &v1.PodSandboxConfig{
		Metadata: &v1.PodSandboxMetadata{Name: "p", Namespace: "kube-system", Uid: "u1"}, LogDirectory: "/var/log/pods/x",
		DnsConfig: &v1.DNSConfig{Servers: []string{"10.96.0.10"}, Options: []string{"ndots:5"}},
	}
	if n.sandbox, err = r.RunPodSandbox(t.Context(), n.scfg, "native"); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) start(image string, args ...string) string {
	n.t.Helper()
	cfg := &v1.ContainerConfig{
		Metadata: &v1.ContainerMetadata{Name: "c"}, Image: &v1.ImageSpec{Image: image}, Args: args, LogPath: "c/0.log",
		Mounts: []*v1.Mount{{HostPath: "/etc/kubernetes/x.conf", ContainerPath: "/etc/kubernetes/x.conf"}},
	}
	id, err := n.r.CreateContainer(n.t.Context(), n.sandbox, cfg, n.scfg)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.r.StartContainer(n.t.Context(), id); err != nil {
		n.t.Fatal(err)
	}
	return id
}

// exit waits for the end of the container.
func (n *node) exit(id string) *v1.ContainerStatus {
	n.t.Helper()
	c, err := n.r.container(id)
	if err != nil {
		n.t.Fatal(err)
	}
	select {
	case <-c.ended:
	case <-time.After(20 * time.Second):
		n.t.Fatal("container did not end")
	}
	st, err := n.r.ContainerStatus(n.t.Context(), id)
	if err != nil {
		n.t.Fatal(err)
	}
	return st
}

func (n *node) log() string {
	data, err := n.root.ReadFile("var/log/pods/x/c/0.log")
	if err != nil {
		n.t.Fatal(err)
	}
	return string(data)
}

func TestExits(t *testing.T) {
	for name, tt := range map[string]struct {
		program Program
		code    int32
		reason  string
		log     string // a part of it
	}{
		"nil is 0":           {func(context.Context, Process) error { return nil }, 0, "Completed", ""},
		"error is 1, logged": {func(context.Context, Process) error { return errors.New("unknown flag: --x") }, 1, "Error", "stderr F Error: unknown flag: --x\n"},
		"ExitError":          {func(context.Context, Process) error { return fmt.Errorf("ends: %w", ExitError(3)) }, 3, "Error", ""},
		"panic is 2":         {func(context.Context, Process) error { panic("boom") }, 2, "Error", "stderr F panic: boom\n"},
		"arguments": {func(_ context.Context, p Process) error {
			_, err := fmt.Fprintln(p.Stdout, strings.Join(p.Args, " "), p.Node)
			return err
		}, 0, "Completed", "stdout F --a --b n1\n"},
		"files": {func(_ context.Context, p Process) error {
			data, err := fs.ReadFile(p.FS, "etc/kubernetes/x.conf")
			dns, _ := fs.ReadFile(p.FS, "etc/resolv.conf")
			fmt.Fprint(p.Stdout, string(data), string(dns))
			return err
		}, 0, "Completed", "stdout F hello\n"},
		"no other files": {func(_ context.Context, p Process) error {
			_, err := fs.ReadFile(p.FS, "etc/kubernetes/y.conf")
			return err
		}, 1, "Error", "file does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t, clock.RealClock{}, map[string]Program{"registry.k8s.io/x": tt.program})
			if err := n.root.MkdirAll("etc/kubernetes", 0o755); err != nil {
				t.Fatal(err)
			}
			for _, f := range []string{"x.conf", "y.conf"} {
				if err := n.root.WriteFile("etc/kubernetes/"+f, []byte("hello\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			st := n.exit(n.start("registry.k8s.io/x:v1", "--a", "--b"))
			if st.ExitCode != tt.code || st.Reason != tt.reason {
				t.Errorf("exit code %d, %s, want %d, %s", st.ExitCode, st.Reason, tt.code, tt.reason)
			}
			if !strings.Contains(n.log(), tt.log) {
				t.Errorf("log is %q, want %q in it", n.log(), tt.log)
			}
		})
	}
}

func TestStopGivesUpTheDeaf(t *testing.T) {
	clk := clocktesting.NewFakeClock(time.Now())
	release := make(chan struct{})
	defer close(release)
	n := newNode(t, clk, map[string]Program{
		"registry.k8s.io/deaf": func(context.Context, Process) error { <-release; return nil },
		"registry.k8s.io/good": func(ctx context.Context, _ Process) error { <-ctx.Done(); return nil },
	})
	good, deaf := n.start("registry.k8s.io/good"), n.start("registry.k8s.io/deaf")
	if err := n.r.StopContainer(t.Context(), good, time.Hour); err != nil {
		t.Fatal(err)
	}
	if st := n.exit(good); st.ExitCode != 0 {
		t.Errorf("good one ended with %d", st.ExitCode)
	}
	done := make(chan error)
	go func() { done <- n.r.StopContainer(t.Context(), deaf, 30*time.Second) }()
	for !clk.HasWaiters() {
		time.Sleep(time.Millisecond) // the fake clock tells nobody that it is waited for
	}
	clk.Step(30 * time.Second)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if st := n.exit(deaf); st.ExitCode != 137 {
		t.Errorf("deaf one ended with %d, want 137", st.ExitCode)
	}
}

func TestImages(t *testing.T) {
	n := newNode(t, clock.RealClock{}, map[string]Program{"registry.k8s.io/x": nil})
	ctx := t.Context()
	if _, err := n.r.PullImage(ctx, &v1.ImageSpec{Image: "registry.k8s.io/y:v1"}, nil, nil); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("unknown image: %v", err)
	}
	ref, err := n.r.PullImage(ctx, &v1.ImageSpec{Image: "registry.k8s.io/x:v1"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if image, err := n.r.ImageStatus(ctx, &v1.ImageSpec{Image: "registry.k8s.io/x:v1"}); err != nil || image == nil || image.Id != ref || image.Size != 12345 {
		t.Errorf("status after pull: %v, %v", image, err)
	}
}

func TestExecHasNoShell(t *testing.T) {
	n := newNode(t, clock.RealClock{}, map[string]Program{"registry.k8s.io/x": func(ctx context.Context, _ Process) error { <-ctx.Done(); return nil }})
	id := n.start("registry.k8s.io/x")
	_, err := n.r.Exec(t.Context(), id, []string{"sh"}, cri.Streams{})
	if err == nil || !strings.Contains(err.Error(), `exec: "sh": executable file not found in $PATH`) {
		t.Errorf("exec: %v", err)
	}
	if err := n.r.RemovePodSandbox(t.Context(), n.sandbox); err != nil {
		t.Fatal(err)
	}
	if _, err := n.r.ContainerStatus(t.Context(), id); !errors.Is(err, cri.ErrNotFound) {
		t.Errorf("after removal: %v, want not found", err)
	}
}

func TestRunEndsPrograms(t *testing.T) {
	n := newNode(t, clock.RealClock{}, map[string]Program{"registry.k8s.io/x": func(ctx context.Context, _ Process) error { <-ctx.Done(); return ExitError(4) }})
	id := n.start("registry.k8s.io/x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if st := n.exit(id); st.ExitCode != 4 {
		t.Errorf("ended with %d, want 4", st.ExitCode)
	}
}

func TestLongLinesComeInParts(t *testing.T) {
	n := newNode(t, clock.RealClock{}, map[string]Program{"registry.k8s.io/x": func(_ context.Context, p Process) error {
		_, err := io.WriteString(p.Stdout, strings.Repeat("x", maxLine+5)+"\n")
		return err
	}})
	n.exit(n.start("registry.k8s.io/x"))
	lines := strings.Split(strings.TrimSpace(n.log()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], " stdout P x") || !strings.HasSuffix(lines[1], " stdout F xxxxx") {
		t.Errorf("got %d lines, ends %q", len(lines), lines[len(lines)-1][max(0, len(lines[len(lines)-1])-40):])
	}
}
