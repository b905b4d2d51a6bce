package workbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/wasm/guest"
	"kubergarten/wasm/host"
	"kubergarten/wasm/image"
)

// theStore is the images of all tests: to load them takes long.
var theStore struct {
	once sync.Once
	*image.Store
	err  error
	stop func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if theStore.stop != nil {
		theStore.stop()
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func openStore() {
	theStore.Store, theStore.err = image.New(image.Config{})
	if theStore.err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = theStore.Run(ctx) }()
	theStore.stop = func() { cancel(); <-done }
}

// lab is a workbench in a small cluster: a node, a pod that serves HTTP, and
// DNS.
type lab struct {
	*Workbench
	t    testing.TB
	dir  string
	node *network.Node
	stop func()
}

func newLab(t testing.TB, change ...func(*Config)) *lab {
	t.Helper()
	for _, name := range []string{"busybox", "pause"} {
		if _, err := guest.Module(name); errors.Is(err, guest.ErrNotBuilt) {
			t.Skip(err)
		}
	}
	theStore.once.Do(openStore)
	must(t, theStore.err)
	l := &lab{t: t, dir: t.TempDir()}
	l.network()
	must(t, l.node.SetPodCIDR(podCIDR()))
	l.start(change...)
	return l
}

// start runs the workbench; it can be stopped and started again.
func (l *lab) start(change ...func(*Config)) {
	l.t.Helper()
	root, err := os.OpenRoot(l.dir)
	must(l.t, err)
	cfg := Config{Root: root, Network: l.node, Images: theStore.Store, Clock: clock.New()}
	for _, f := range change {
		f(&cfg)
	}
	l.Workbench, err = New(cfg)
	must(l.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	l.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			l.t.Error(err)
		}
		root.Close()
	})
	l.t.Cleanup(l.stop)
}

func (l *lab) network() {
	fabric, err := network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clock.New()})
	must(l.t, err)
	l.node, err = fabric.AddNode("control-plane", netip.MustParseAddr("172.18.0.2"))
	must(l.t, err)
	pc, err := l.node.Namespace().ListenPacket(netip.MustParseAddrPort("172.18.0.2:53"))
	must(l.t, err)
	services := network.NewServices()
	services.Update(map[network.ServiceKey]*network.Service{
		{Protocol: network.UDP, Addr: netip.MustParseAddrPort(dnsServer + ":53")}: {
			Name: "kube-system/kube-dns:dns", Pick: func(netip.Addr) network.Choice {
				return network.Choice{Backend: netip.MustParseAddrPort("172.18.0.2:53")}
			},
		},
	})
	l.node.SetServices(services)
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(answer)}
	served := make(chan struct{})
	go func() { defer close(served); _ = s.ActivateAndServe() }()
	web, err := l.node.Namespace().Listen(netip.MustParseAddrPort("172.18.0.2:8080"))
	must(l.t, err)
	site := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })}
	closed := make(chan struct{})
	go func() { defer close(closed); _ = site.Serve(web) }()
	l.t.Cleanup(func() {
		_ = s.Shutdown()
		<-served
		_ = site.Close()
		<-closed
		fabric.RemoveNode("control-plane")
	})
}

// answer knows one service.
func answer(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	switch name := q.Question[0].Name; {
	case name != "web.default.svc.cluster.local.":
		m.Rcode = dns.RcodeNameError
	case q.Question[0].Qtype == dns.TypeA:
		rr, _ := dns.NewRR(name + " 5 IN A 172.18.0.2")
		m.Answer = append(m.Answer, rr)
	}
	_ = w.WriteMsg(m)
}

// kubectl is what the tests have in place of it.
func kubectl(ctx context.Context, c host.Command) int {
	word := append(c.Args[1:], "")[0]
	switch word {
	case "echo":
		fmt.Fprintln(c.Stdout, strings.Join(c.Args[2:], " "))
	case "where":
		dir, ok := InHome(c.Dir)
		fmt.Fprintln(c.Stdout, dir, ok)
	case "wait":
		fmt.Fprintln(c.Stdout, "waiting")
		<-ctx.Done()
		fmt.Fprintln(c.Stderr, "interrupted")
	case "exec":
		fmt.Fprintf(c.Stdout, "tty %v %dx%d\r\n", c.TTY, c.Cols, c.Rows)
		key := make([]byte, 1)
		_, _ = c.Stdin.Read(key)
		fmt.Fprintf(c.Stdout, "key %q\r\n", key)
	case "apply":
		n, _ := io.Copy(io.Discard, c.Stdin)
		fmt.Fprintf(c.Stdout, "%d bytes\n", n)
	case "yes":
		for _, err := fmt.Fprintln(c.Stdout, "y"); err == nil; {
			_, err = fmt.Fprintln(c.Stdout, "y")
		}
	case "__complete":
		complete(ctx, c)
	case "fail":
		return 4
	}
	return 0
}

// complete answers as kubectl does to its shell's completion.
func complete(ctx context.Context, c host.Command) {
	switch strings.Join(c.Args[2:], " ") {
	case "g":
		fmt.Fprint(c.Stdout, "get\tDisplay one or many resources\n:4\n")
	case "get pods we", "get pods web-":
		fmt.Fprint(c.Stdout, "web-1\nweb-2\nweb-`reboot`\n:4\n")
	case "get pods web-2 -n ku":
		fmt.Fprint(c.Stdout, "kube-system\n:4\n")
	case "get pods --namespace=ku":
		fmt.Fprint(c.Stdout, "kube-system\n:6\n")
	case "get pods slow":
		<-ctx.Done() // as while a server accepts and does not answer
	case "apply -f ", "apply --filename=po":
		fmt.Fprint(c.Stdout, "json\nyaml\nyml\n:8\n")
	case "cp ", "cp n":
		fmt.Fprint(c.Stdout, ":0\n")
	default:
		fmt.Fprint(c.Stdout, ":1\n")
	}
	fmt.Fprintln(c.Stderr, "Completion ended with directive: ShellCompDirectiveNoFileComp")
}

// term is a session as a person sees it.
type term struct {
	*Session
	t testing.TB

	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
	end  chan struct{}
}

func (l *lab) open(id string) *term {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
	defer cancel()
	s, err := l.Open(ctx, id, kubectl, 80, 24)
	must(l.t, err)
	t := &term{Session: s, t: l.t, more: make(chan struct{}, 1), end: make(chan struct{})}
	go t.watch()
	l.t.Cleanup(func() { s.Close(); <-t.end })
	t.await("# ")
	return t
}

func (t *term) watch() {
	defer close(t.end)
	b := make([]byte, 4096)
	for {
		n, err := t.Read(b)
		t.mu.Lock()
		t.text.Write(b[:n])
		t.mu.Unlock()
		select {
		case t.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (t *term) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// await waits until the terminal shows s, and forgets what came before.
func (t *term) await(s string) string {
	t.t.Helper()
	for late := time.After(time.Minute); ; {
		if before, after, ok := strings.Cut(t.shown(), s); ok {
			t.mu.Lock()
			defer t.mu.Unlock()
			rest := after + t.text.String()[len(before)+len(s)+len(after):]
			t.text.Reset()
			t.text.WriteString(rest)
			return before
		}
		select {
		case <-t.more:
		case <-t.end:
			if !strings.Contains(t.shown(), s) {
				t.t.Fatalf("the terminal ended without %q: %q", s, t.shown())
			}
		case <-late:
			t.t.Fatalf("the terminal does not show %q: %q", s, t.shown())
		}
	}
}

func (t *term) keys(keys string) {
	t.t.Helper()
	_, err := io.WriteString(t, keys)
	must(t.t, err)
}

// run runs a line and returns what it shows, and its exit code.
func (t *term) run(line string) (shown, code string) {
	t.t.Helper()
	t.keys("echo sta''rt; { " + line + "\n}; echo en''d $?.\r")
	t.await("start\r\n")
	shown = t.await("end ")
	code = t.await(".\r\n")
	t.await("# ")
	return shown, code
}

// says runs a line and holds what it shows.
func (t *term) says(line, shown, code string) {
	t.t.Helper()
	got, gotCode := t.run(line)
	if got = strings.ReplaceAll(got, "\r\n", "\n"); got != shown || gotCode != code {
		t.t.Errorf("%s: shows %q, code %s; want %q, code %s", line, got, gotCode, shown, code)
	}
}

// home is the path of a file of a learner's on the host.
func (l *lab) home(id, name string) string {
	l.t.Helper()
	_, dir, err := l.Home(id)
	must(l.t, err)
	return filepath.Join(dir, name)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func podCIDR() netip.Prefix { return netip.MustParsePrefix("10.244.0.0/24") }

// newBareNode is a node that has no network for pods yet.
func newBareNode(t testing.TB) *network.Node {
	t.Helper()
	fabric, err := network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clock.New()})
	must(t, err)
	node, err := fabric.AddNode("control-plane", netip.MustParseAddr("172.18.0.2"))
	must(t, err)
	t.Cleanup(func() { fabric.RemoveNode("control-plane") })
	return node
}
