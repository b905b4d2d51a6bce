package guesttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/network"
	"kubergarten/wasm/guest"
	"kubergarten/wasm/image"
	"kubergarten/wasm/runtime"
)

// A lab is one node. All tests share it: compiling takes long.
type lab struct {
	*runtime.Runtime
	fabric *network.Fabric
	node   *network.Node
	dir    string
	err    error
	store  *image.Store
	pods   int
	mu     sync.Mutex
	busy   string // a container of busybox
	close  func()
}

var (
	theLab lab
	once   sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	if theLab.close != nil {
		theLab.close()
	}
	os.Exit(code)
}

func getLab(t testing.TB) *lab {
	t.Helper()
	for _, name := range []string{"busybox", "nginx", "pause"} {
		if _, err := guest.Module(name); errors.Is(err, guest.ErrNotBuilt) {
			t.Skip(err)
		}
	}
	once.Do(theLab.open)
	must(t, theLab.err)
	return &theLab
}

func (l *lab) open() {
	if l.dir, l.err = os.MkdirTemp("", "guesttest"); l.err != nil {
		return
	}
	clk := clock.New()
	var err error
	l.store, err = image.New(image.Config{})
	if l.err = err; err != nil {
		return
	}
	if l.fabric, l.err = network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clk}); l.err != nil {
		return
	}
	if l.node, l.err = l.fabric.AddNode("node-1", netip.MustParseAddr("172.18.0.3")); l.err != nil {
		return
	}
	if l.err = l.node.SetPodCIDR(netip.MustParsePrefix("10.244.1.0/24")); l.err != nil {
		return
	}
	root, err := os.OpenRoot(l.dir)
	if l.err = err; err != nil {
		return
	}
	if l.Runtime, l.err = runtime.New(runtime.Config{Root: root, Network: l.node, Images: l.store, Clock: clk}); l.err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = l.store.Run(ctx) })
	wg.Go(func() { _ = l.Run(ctx) })
	l.close = func() {
		list, _ := l.ListPodSandbox(context.Background(), nil)
		for _, s := range list {
			_ = l.RemovePodSandbox(context.Background(), s.Id)
		}
		cancel()
		wg.Wait()
		os.RemoveAll(l.dir)
	}
	l.err = l.serveDNS(ctx)
}

// names are what the lab's DNS knows.
func names() map[string]string {
	return map[string]string{
		"kubernetes.default.svc.cluster.local.":   "10.96.0.1",
		"web.default.svc.cluster.local.":          "10.244.1.77",
		"kube-dns.kube-system.svc.cluster.local.": "172.18.0.3",
	}
}

// serveDNS answers on the node's address, as coredns would.
func (l *lab) serveDNS(ctx context.Context) error {
	pc, err := l.node.Namespace().ListenPacket(netip.MustParseAddrPort("172.18.0.3:53"))
	if err != nil {
		return err
	}
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(answer)}
	go s.ActivateAndServe()
	context.AfterFunc(ctx, func() { s.Shutdown() })
	return nil
}

func answer(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	name := strings.ToLower(q.Question[0].Name)
	switch q.Question[0].Qtype {
	case dns.TypeA:
		if ip, ok := names()[name]; ok {
			rr, _ := dns.NewRR(name + " 5 IN A " + ip)
			m.Answer = append(m.Answer, rr)
		} else {
			m.Rcode = dns.RcodeNameError
		}
	case dns.TypePTR:
		m.Rcode = dns.RcodeNameError
		for host, ip := range names() {
			if arpa, _ := dns.ReverseAddr(ip); arpa == name {
				rr, _ := dns.NewRR(name + " 5 IN PTR " + host)
				m.Answer, m.Rcode = append(m.Answer, rr), dns.RcodeSuccess
			}
		}
	default:
		if _, ok := names()[name]; !ok {
			m.Rcode = dns.RcodeNameError
		}
	}
	_ = w.WriteMsg(m)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pod runs a sandbox and removes it with the test.
func (l *lab) pod(t testing.TB) string {
	t.Helper()
	l.mu.Lock()
	l.pods++
	name := fmt.Sprintf("pod-%d", l.pods)
	l.mu.Unlock()
	id, err := l.RunPodSandbox(context.Background(), &v1.PodSandboxConfig{
		Metadata: &v1.PodSandboxMetadata{Name: name, Namespace: "default", Uid: name}, Hostname: name, LogDirectory: "/var/log/pods/default_" + name,
		DnsConfig: &v1.DNSConfig{Servers: []string{"172.18.0.3"}, Searches: []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"}, Options: []string{"ndots:5"}},
	}, "wasm")
	must(t, err)
	return id
}

// run starts a container of an image.
func (l *lab) run(t testing.TB, pod, img string, command ...string) string {
	t.Helper()
	_, err := l.PullImage(context.Background(), &v1.ImageSpec{Image: img}, nil, nil)
	must(t, err)
	id, err := l.CreateContainer(context.Background(), pod, &v1.ContainerConfig{
		Metadata: &v1.ContainerMetadata{Name: "c"}, Image: &v1.ImageSpec{Image: img}, LogPath: cri.NewID()[:8] + "/0.log", Command: command,
		Linux: &v1.LinuxContainerConfig{SecurityContext: &v1.LinuxContainerSecurityContext{NamespaceOptions: &v1.NamespaceOption{Pid: v1.NamespaceMode_CONTAINER}}},
	}, nil)
	must(t, err)
	must(t, l.StartContainer(context.Background(), id))
	return id
}

// busybox is a container that sleeps, for commands to run in.
func (l *lab) busybox(t testing.TB) string {
	t.Helper()
	l.mu.Lock()
	id := l.busy
	l.mu.Unlock()
	if id == "" {
		id = l.run(t, l.pod(t), "busybox:1.28", "sleep", "3600")
		l.mu.Lock()
		l.busy = id
		l.mu.Unlock()
	}
	return id
}

// sh runs a script and returns its standard output and error as one, and its
// exit code.
func (l *lab) sh(t testing.TB, id, script string) (string, int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	code, err := l.Exec(ctx, id, []string{"sh", "-c", "exec 2>&1\n" + script}, cri.Streams{Stdout: &out, Stderr: &errs})
	if err != nil {
		t.Fatalf("sh -c %q: %v\n%s%s", script, err, out.String(), errs.String())
	}
	return out.String() + errs.String(), code
}

// logs returns a container's log without times and streams.
func (l *lab) logs(t testing.TB, id string) string {
	t.Helper()
	s, err := l.ContainerStatus(context.Background(), id)
	must(t, err)
	b, err := os.ReadFile(filepath.Join(l.dir, s.LogPath))
	must(t, err)
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		if f := strings.SplitN(line, " ", 4); len(f) == 4 {
			out.WriteString(f[3])
		}
	}
	return out.String()
}

// eventually waits until text is in what get returns.
func eventually(t testing.TB, get func() string, text string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(get(), text) {
		if time.Now().After(deadline) {
			t.Fatalf("no %q in:\n%s", text, get())
		}
		time.Sleep(20 * time.Millisecond)
	}
}
