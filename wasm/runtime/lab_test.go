package runtime

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ocispec "github.com/google/go-containerregistry/pkg/v1"
	"go.uber.org/goleak"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/network"
	"kubergarten/wasm/guest"
	"kubergarten/wasm/image"
)

func TestMain(m *testing.M) {
	code := m.Run()
	shared.close()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// shared is the store of all tests: compiling takes long.
var shared stores

type stores struct {
	once  sync.Once
	dir   string
	err   error
	guest []byte
	store *image.Store
	stop  context.CancelFunc
	done  chan error
}

// open makes the store. Every image of the catalog has the test guest, but for
// the infra containers' own.
func (s *stores) open() {
	if s.dir, s.err = os.MkdirTemp("", "runtime"); s.err != nil {
		return
	}
	out := filepath.Join(s.dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", out, "./testdata/guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if b, err := cmd.CombinedOutput(); err != nil {
		s.err = fmt.Errorf("build the guest: %w\n%s", err, b)
		return
	}
	if s.guest, s.err = os.ReadFile(out); s.err != nil {
		return
	}
	s.store, s.err = image.New(image.Config{Dir: filepath.Join(s.dir, "cache"), Modules: s.module, Memory: 1 << 30})
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.done = stop, make(chan error, 1)
	go func() { s.done <- s.store.Run(ctx) }()
}

func (s *stores) module(name string) ([]byte, error) {
	if name == "pause" {
		if m, err := guest.Module(name); err == nil {
			return m, nil
		}
	}
	return s.guest, nil
}

func (s *stores) close() {
	if s.stop != nil {
		s.stop()
		<-s.done
	}
	os.RemoveAll(s.dir)
}

// lab is a node with a runtime.
type lab struct {
	*Runtime
	t    testing.TB
	dir  string
	node *network.Node
	pods int
}

func newLab(t testing.TB, change ...func(*Config)) *lab {
	t.Helper()
	shared.once.Do(shared.open)
	must(t, shared.err)
	clk := clock.New()
	fabric, err := network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clk})
	must(t, err)
	node, err := fabric.AddNode("node-1", netip.MustParseAddr("172.18.0.3"))
	must(t, err)
	must(t, node.SetPodCIDR(netip.MustParsePrefix("10.244.1.0/24")))
	l := &lab{t: t, dir: t.TempDir(), node: node}
	root, err := os.OpenRoot(l.dir)
	must(t, err)
	cfg := Config{Root: root, Network: node, Images: shared.store, Clock: clk}
	for _, f := range change {
		f(&cfg)
	}
	l.Runtime, err = New(cfg)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = l.Run(ctx) }()
	t.Cleanup(func() {
		for _, s := range l.ledger.Sandboxes(nil) {
			if err := l.RemovePodSandbox(context.Background(), s.Id); err != nil {
				t.Error(err)
			}
		}
		cancel()
		<-done
		root.Close()
		fabric.RemoveNode("node-1")
	})
	_, err = l.PullImage(t.Context(), &v1.ImageSpec{Image: "busybox"}, nil, nil)
	must(t, err)
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pod runs a sandbox; change alters its configuration.
func (l *lab) pod(change ...func(*v1.PodSandboxConfig)) string {
	l.t.Helper()
	l.pods++
	name := fmt.Sprintf("pod-%d", l.pods)
	cfg := &v1.PodSandboxConfig{
		Metadata: &v1.PodSandboxMetadata{Name: name, Namespace: "default", Uid: name}, Hostname: name, LogDirectory: "/var/log/pods/default_" + name,
		DnsConfig: &v1.DNSConfig{Servers: []string{"10.96.0.10"}, Searches: []string{"default.svc.cluster.local", "svc.cluster.local"}, Options: []string{"ndots:5"}},
	}
	for _, f := range change {
		f(cfg)
	}
	id, err := l.RunPodSandbox(context.Background(), cfg, "wasm")
	must(l.t, err)
	return id
}

// create makes a container that runs words of the test guest.
func (l *lab) create(pod string, words string, change ...func(*v1.ContainerConfig)) string {
	l.t.Helper()
	cfg := &v1.ContainerConfig{
		Metadata: &v1.ContainerMetadata{Name: "c"}, Image: &v1.ImageSpec{Image: "busybox"}, LogPath: cri.NewID()[:8] + "/0.log",
		Command: []string{"busybox"}, Args: strings.Fields(words),
		Linux: &v1.LinuxContainerConfig{SecurityContext: &v1.LinuxContainerSecurityContext{
			NamespaceOptions: &v1.NamespaceOption{Pid: v1.NamespaceMode_CONTAINER},
		}},
	}
	for _, f := range change {
		f(cfg)
	}
	id, err := l.CreateContainer(context.Background(), pod, cfg, nil)
	must(l.t, err)
	return id
}

// start creates and starts a container.
func (l *lab) start(pod string, words string, change ...func(*v1.ContainerConfig)) string {
	l.t.Helper()
	id := l.create(pod, words, change...)
	must(l.t, l.StartContainer(context.Background(), id))
	return id
}

// end waits for the end of a container.
func (l *lab) end(id string) *v1.ContainerStatus {
	l.t.Helper()
	c, ok := l.container(id)
	if !ok {
		l.t.Fatalf("no container %s", id)
	}
	select {
	case <-c.gone:
	case <-time.After(3 * time.Minute):
		l.t.Fatalf("container %s does not end", id)
	}
	return l.status(id)
}

func (l *lab) status(id string) *v1.ContainerStatus {
	l.t.Helper()
	s, err := l.ContainerStatus(context.Background(), id)
	must(l.t, err)
	return s
}

// logs returns a container's log without the times.
func (l *lab) logs(id string) string {
	l.t.Helper()
	b, err := os.ReadFile(filepath.Join(l.dir, l.status(id).LogPath))
	must(l.t, err)
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		stamp, rest, _ := strings.Cut(line, " ")
		if _, err := time.Parse(time.RFC3339Nano, stamp); err != nil {
			l.t.Errorf("log has %q: %v", line, err)
		}
		out.WriteString(rest)
	}
	return out.String()
}

// exec runs words of the test guest in a container.
func (l *lab) exec(id string, words ...string) (stdout string, code int32) {
	l.t.Helper()
	out, errs, code, err := l.ExecSync(context.Background(), id, append([]string{"busybox"}, words...), 0)
	must(l.t, err)
	return string(out) + string(errs), code
}

// bring makes a module an image of the node.
func (l *lab) bring(name string, wasm []byte) {
	l.t.Helper()
	_, err := shared.store.Import(name, wasm, ocispec.Config{})
	must(l.t, err)
	_, err = l.PullImage(context.Background(), &v1.ImageSpec{Image: name}, nil, nil)
	must(l.t, err)
}

// of makes a container run an image as it is.
func of(image string) func(*v1.ContainerConfig) {
	return func(c *v1.ContainerConfig) {
		c.Image.Image, c.Command, c.Args = image, nil, nil
	}
}

func limits(quota, memory int64) func(*v1.ContainerConfig) {
	return func(c *v1.ContainerConfig) {
		c.Linux.Resources = &v1.LinuxContainerResources{CpuPeriod: 100_000, CpuQuota: quota, MemoryLimitInBytes: memory}
	}
}

// buffer is a client's end of a stream, that can be waited for.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{}
}

func newBuffer() *buffer { return &buffer{more: make(chan struct{}, 1)} }

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Write(p)
	select {
	case b.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// await waits until the buffer has s.
func (b *buffer) await(t testing.TB, s string) {
	t.Helper()
	for late := time.After(time.Minute); !strings.Contains(b.String(), s); {
		select {
		case <-b.more:
		case <-late:
			t.Fatalf("%q never came: %q", s, b.String())
		}
	}
}
