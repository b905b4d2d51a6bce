package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ap = netip.MustParseAddrPort

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func makeSvc(name, ip string, ports ...corev1.ServicePort) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, ClusterIP: ip, Ports: ports},
	}
}

func with(s *corev1.Service, f func(*corev1.Service)) *corev1.Service { f(s); return s }

func tcp(port int32) corev1.ServicePort {
	return corev1.ServicePort{Protocol: corev1.ProtocolTCP, Port: port}
}

func nodePort(port, node int32) corev1.ServicePort {
	return corev1.ServicePort{Protocol: corev1.ProtocolTCP, Port: port, NodePort: node}
}

// makeSlice builds the EndpointSlice of a Service, for one unnamed TCP port.
func makeSlice(service string, port int32, eps ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	empty := ""
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: service + "-abcde",
			Labels: map[string]string{discoveryv1.LabelServiceName: service},
		},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: eps,
		Ports: []discoveryv1.EndpointPort{{Name: &empty, Port: &port}},
	}
}

// ep builds an endpoint; marks are any of "notready", "terminating", "serving".
func ep(ip, node string, marks ...string) discoveryv1.Endpoint {
	has := func(s string) *bool { b := strings.Contains(strings.Join(marks, " "), s); return &b }
	ready := !*has("notready") && !*has("terminating")
	serving := ready || *has("serving")
	e := discoveryv1.Endpoint{Addresses: []string{ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &serving, Terminating: has("terminating")}}
	if node != "" {
		e.NodeName = &node
	}
	return e
}

func node(name, ip, cidr string) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.NodeSpec{PodCIDR: cidr},
		Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: ip}}},
	}
}

// A bench is a cluster of two nodes with a kube-proxy on each.
type bench struct {
	t     testing.TB
	api   *clienttest.API
	wire  *network.Fabric
	clock *testclock.FakeClock
	trace *trace.Recorder
	log   *lockedBuffer
	n1    *network.Node
	n2    *network.Node
	c     *network.Namespace // a client pod on node-1
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newBench(t testing.TB, cfg string, objs ...client.Object) *bench {
	clk := testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	wire, err := network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clk})
	must(t, err)
	b := &bench{t: t, api: clienttest.New(), wire: wire, clock: clk, log: &lockedBuffer{}, trace: trace.New(clk, 1000)}
	for _, o := range objs {
		b.api.Add(o)
	}
	b.n1 = b.node("node-1", "172.18.0.3", "10.244.1.0/24", cfg)
	b.n2 = b.node("node-2", "172.18.0.4", "10.244.2.0/24", cfg)
	b.c = b.pod(b.n1, "client")
	return b
}

func (b *bench) node(name, ip, cidr, cfg string) *network.Node {
	n, err := b.wire.AddNode(name, netip.MustParseAddr(ip))
	must(b.t, err)
	must(b.t, n.SetPodCIDR(netip.MustParsePrefix(cidr)))
	b.api.Add(node(name, ip, cidr))
	b.start(n, cfg)
	return n
}

// start runs a kube-proxy for n until the test ends.
func (b *bench) start(n *network.Node, cfg string) {
	conf, err := Decode([]byte("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n" + cfg))
	must(b.t, err)
	setDefaults(conf)
	p, err := New(Config{NodeName: n.Name(), Proxy: conf}, Deps{
		API: b.api, Table: n, Clock: b.clock, Trace: b.trace,
		Listen: func(a netip.AddrPort) (net.Listener, error) { return n.Namespace().Listen(a) },
		Log:    slog.New(slog.NewTextHandler(b.log, nil)),
	})
	must(b.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	b.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("kube-proxy: %v", err)
		}
	})
}

// pod makes a pod that serves its own name at port 8080.
func (b *bench) pod(n *network.Node, name string) *network.Namespace {
	ns, err := n.Add(context.Background(), name, "default", name)
	must(b.t, err)
	l, err := ns.Listen(ap("0.0.0.0:8080"))
	must(b.t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprintf(c, "%s from %s", name, c.RemoteAddr().(*net.TCPAddr).IP)
			c.Close()
		}
	}()
	b.t.Cleanup(func() { l.Close(); <-done })
	return ns
}

func (b *bench) ask(from *network.Namespace, to string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := from.Dial(ctx, "tcp", ap(to))
	if err != nil {
		return "", err
	}
	defer c.Close()
	body, err := io.ReadAll(c)
	return string(body), err
}

// eventually waits for cond, which is looked at after each step of the trace.
func (b *bench) eventually(what string, cond func() bool) {
	b.t.Helper()
	end := time.After(30 * time.Second)
	for {
		_, more := b.trace.Since(1 << 62)
		if cond() {
			return
		}
		select {
		case <-more:
		case <-end:
			b.t.Fatalf("never happened: %s\n%s", what, b.log)
		}
	}
}

func (b *bench) programmed(key string, words string) {
	b.t.Helper()
	seen := map[string]bool{}
	b.eventually(key+" "+words+" on both nodes", func() bool {
		recs, _ := b.trace.Since(0)
		for _, r := range recs {
			if r.Step == trace.Programmed && r.Object.Namespace+"/"+r.Object.Name == key {
				seen[r.Node] = r.Words == words
			}
		}
		return seen["node-1"] && seen["node-2"]
	})
}

func TestClusterIPTakesTurns(t *testing.T) {
	b := newBench(t, "", makeSvc("web", "10.96.0.50", tcp(80)),
		makeSlice("web", 8080, ep("10.244.1.3", "node-1"), ep("10.244.2.2", "node-2"), ep("10.244.2.3", "node-2")))
	b.pod(b.n1, "a")
	b.pod(b.n2, "b")
	b.pod(b.n2, "c")
	b.programmed("default/web", "1 rules lead to 3 endpoints")
	got := map[string]int{}
	for range 9 {
		s, err := b.ask(b.c, "10.96.0.50:80")
		must(t, err)
		got[s]++
	}
	want := map[string]int{"a from 10.244.1.2": 3, "b from 10.244.1.2": 3, "c from 10.244.1.2": 3}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if s, err := b.ask(b.n2.Namespace(), "10.96.0.50:80"); err != nil || s == "" {
		t.Errorf("from the node: %q, %v", s, err)
	}
}

func TestNoEndpointsThenSome(t *testing.T) {
	b := newBench(t, "", makeSvc("web", "10.96.0.50", tcp(80)))
	b.programmed("default/web", "connections are refused: has no endpoints")
	if _, err := b.ask(b.c, "10.96.0.50:80"); !isErrno(err, syscall.ECONNREFUSED) {
		t.Errorf("without endpoints: %v", err)
	}
	b.pod(b.n2, "b")
	b.api.Add(makeSlice("web", 8080, ep("10.244.2.2", "node-2")))
	b.programmed("default/web", "1 rules lead to 1 endpoints")
	if s, err := b.ask(b.c, "10.96.0.50:80"); s != "b from 10.244.1.2" {
		t.Errorf("with endpoints: %q, %v", s, err)
	}
	_, err := b.api.Delete(t.Context(), client.Target{GroupVersionResource: client.ResourceOf[*corev1.Service](), Namespace: "default", Name: "web"}, metav1.DeleteOptions{})
	must(t, err)
	b.programmed("default/web", "removed its rules")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := b.c.Dial(ctx, "tcp", ap("10.96.0.50:80")); err == nil || !strings.Contains(err.Error(), "i/o timeout") {
		t.Errorf("without the Service: %v", err)
	}
}

func isErrno(err error, want syscall.Errno) bool {
	return err != nil && strings.HasSuffix(err.Error(), want.Error())
}

func TestNodePort(t *testing.T) {
	np := with(makeSvc("web", "10.96.0.50", nodePort(80, 30080)), func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeNodePort })
	local := with(makeSvc("near", "10.96.0.51", nodePort(80, 30081)), func(s *corev1.Service) {
		s.Spec.Type = corev1.ServiceTypeNodePort
		s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
	})
	b := newBench(t, "", np, local, makeSlice("web", 8080, ep("10.244.2.2", "node-2")), makeSlice("near", 8080, ep("10.244.2.2", "node-2")))
	b.pod(b.n2, "b")
	b.programmed("default/web", "3 rules lead to 1 endpoints")
	b.eventually("near", func() bool { _, err := b.ask(b.c, "172.18.0.4:30081"); return err == nil })
	out, err := b.wire.AddNode("outside", netip.MustParseAddr("172.18.0.99"))
	must(t, err)
	tests := []struct {
		name string
		from *network.Namespace
		to   string
		want string
	}{
		{"own node", b.c, "172.18.0.3:30080", "b from 172.18.0.3"},
		{"other node", b.c, "172.18.0.4:30080", "b from 10.244.2.1"},
		{"localhost of a node", b.n1.Namespace(), "127.0.0.1:30080", "b from 172.18.0.3"},
		{"from outside", out.Namespace(), "172.18.0.3:30080", "b from 172.18.0.3"},
		{"from outside, policy Local, there", out.Namespace(), "172.18.0.4:30081", "b from 172.18.0.99"},
		{"from a pod, policy Local, elsewhere", b.c, "172.18.0.3:30081", "b from 10.244.1.2"},
	}
	for _, tt := range tests {
		if got, err := b.ask(tt.from, tt.to); got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := out.Namespace().Dial(ctx, "tcp", ap("172.18.0.3:30081")); err == nil || !strings.Contains(err.Error(), "i/o timeout") {
		t.Errorf("from outside, policy Local, elsewhere: %v, want a drop", err)
	}
	if _, err := b.ask(b.c, "127.0.0.1:30080"); !isErrno(err, syscall.ECONNREFUSED) {
		t.Errorf("a pod's localhost has no nodePorts: %v", err)
	}
}

func TestSessionAffinity(t *testing.T) {
	s := with(makeSvc("web", "10.96.0.50", tcp(80)), func(s *corev1.Service) { s.Spec.SessionAffinity = corev1.ServiceAffinityClientIP })
	b := newBench(t, "", s, makeSlice("web", 8080, ep("10.244.1.3", "node-1"), ep("10.244.2.2", "node-2"), ep("10.244.2.3", "node-2")))
	b.pod(b.n1, "a")
	b.pod(b.n2, "b")
	b.pod(b.n2, "c")
	other := b.pod(b.n1, "client-2")
	b.programmed("default/web", "1 rules lead to 3 endpoints")
	ask := func(from *network.Namespace) string {
		got, err := b.ask(from, "10.96.0.50:80")
		must(t, err)
		return got[:1]
	}
	first := ask(b.c)
	for range 5 {
		if got := ask(b.c); got != first {
			t.Fatalf("got %s, want %s for ever", got, first)
		}
	}
	if got := ask(other); got == first {
		t.Errorf("the second client is at %s too", got)
	}
	b.clock.Step(3 * time.Hour)
	if got := ask(b.c); got == first {
		t.Errorf("after three hours still at %s", got)
	}
}

func TestHealthz(t *testing.T) {
	b := newBench(t, "")
	b.eventually("ready", func() bool { return strings.Count(b.log.String(), "Caches are synced") == 2 || tick(b) })
	h := &http.Client{Transport: &http.Transport{DialContext: b.c.DialContext, DisableKeepAlives: true}}
	resp, err := h.Get("http://172.18.0.3:10256/healthz")
	must(t, err)
	defer resp.Body.Close()
	var body struct{ NodeEligible bool }
	must(t, json.NewDecoder(resp.Body).Decode(&body))
	if resp.StatusCode != 200 || !body.NodeEligible {
		t.Errorf("healthz: %s, eligible %v", resp.Status, body.NodeEligible)
	}
	h.Transport = &http.Transport{DialContext: b.n1.Namespace().DialContext, DisableKeepAlives: true}
	resp2, err := h.Get("http://127.0.0.1:10249/proxyMode")
	must(t, err)
	defer resp2.Body.Close()
	if mode, _ := io.ReadAll(resp2.Body); string(mode) != "iptables" {
		t.Errorf("proxyMode: %q", mode)
	}
}

// tick makes eventually look again.
func tick(b *bench) bool { go b.trace.Emit(trace.Record{}); return false }
