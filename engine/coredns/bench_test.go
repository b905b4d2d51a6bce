package coredns

import (
	"context"
	"io/fs"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// kubeadmCorefile is what kubeadm writes.
const kubeadmCorefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

// A lines is a log that can be waited on.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func newLines() *lines { return &lines{more: make(chan struct{})} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.more)
	l.more = make(chan struct{})
	return l.text.Write(p)
}

func (l *lines) get() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String(), l.more
}

// wait waits until the log has n of what.
func (l *lines) wait(t testing.TB, what string, n int) string {
	t.Helper()
	end := time.After(30 * time.Second)
	for {
		text, more := l.get()
		if strings.Count(text, what) >= n {
			return text
		}
		select {
		case <-more:
		case <-end:
			t.Fatalf("the log never had %q %d times:\n%s", what, n, text)
		}
	}
}

// files is the file system of the pod, whose Corefile can change.
type files struct {
	mu sync.Mutex
	fs fstest.MapFS
}

func (f *files) set(corefile string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fs = fstest.MapFS{
		"etc/coredns/Corefile": {Data: []byte(corefile)},
		"etc/resolv.conf":      {Data: []byte("nameserver 172.18.0.1\n")},
	}
}

func (f *files) Open(name string) (fs.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fs.Open(name)
}

// A bench is a CoreDNS in its pod, and a client in another.
type bench struct {
	t      testing.TB
	api    *clienttest.API
	clock  *testclock.FakeClock
	wire   *network.Fabric
	n1, n2 *network.Node
	dns    *network.Namespace
	client *network.Namespace
	log    *lines
	files  *files
	trace  *trace.Recorder
	hurry  chan struct{}
	done   chan error
	cancel context.CancelFunc
}

func newBench(t testing.TB, corefile string, objs ...kruntime.Object) *bench {
	clk := testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	wire, err := network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clk})
	must(t, err)
	b := &bench{t: t, api: clienttest.New(objs...), clock: clk, wire: wire, log: newLines(), hurry: make(chan struct{}), done: make(chan error, 1)}
	b.n1, b.n2 = b.node("node-1", "172.18.0.3", "10.244.1.0/24"), b.node("node-2", "172.18.0.4", "10.244.2.0/24")
	b.client, b.dns = b.pod(b.n1, "default", "client"), b.pod(b.n2, "kube-system", "coredns-1")
	b.files = &files{}
	b.files.set(corefile)
	b.trace = trace.New(clk, 100)
	return b
}

func (b *bench) node(name, ip, cidr string) *network.Node {
	n, err := b.wire.AddNode(name, netip.MustParseAddr(ip))
	must(b.t, err)
	must(b.t, n.SetPodCIDR(netip.MustParsePrefix(cidr)))
	return n
}

func (b *bench) pod(n *network.Node, ns, name string) *network.Namespace {
	p, err := n.Add(context.Background(), name, ns, name)
	must(b.t, err)
	return p
}

func (b *bench) new() *CoreDNS {
	f, err := ParseFlags([]string{"-conf", "/etc/coredns/Corefile"})
	must(b.t, err)
	c, err := New(f, Deps{
		API: b.api, Net: b.dns, FS: b.files, Out: b.log, Clock: b.clock, Trace: b.trace, Node: "node-2",
		Env: []string{"ZONE=example.org"}, Hurry: b.hurry,
	})
	must(b.t, err)
	return c
}

// start runs CoreDNS until the test ends.
func (b *bench) start() {
	c := b.new()
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	go func() { b.done <- c.Run(ctx) }()
	b.t.Cleanup(func() {
		cancel()
		close(b.hurry)
		if err := <-b.done; err != nil {
			b.t.Errorf("coredns: %v", err)
		}
	})
	b.log.wait(b.t, "CoreDNS-", 1)
}

// tick lets cluster time pass, once somebody waits for it.
func (b *bench) tick(d time.Duration) {
	for !b.clock.HasWaiters() {
		runtime.Gosched()
	}
	b.clock.Step(d)
}

// ask asks over the wire.
func (b *bench) ask(proto, name string, qtype uint16) *dns.Msg {
	b.t.Helper()
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(name), qtype)
	return b.exchange(proto, q)
}

func (b *bench) exchange(proto string, q *dns.Msg) *dns.Msg {
	b.t.Helper()
	conn, err := b.client.Dial(b.t.Context(), proto, netip.AddrPortFrom(b.dns.IP(), 53))
	must(b.t, err)
	defer conn.Close()
	m, _, err := (&dns.Client{Timeout: 20 * time.Second}).ExchangeWithConn(q, &dns.Conn{Conn: conn, UDPSize: dns.MaxMsgSize - 1})
	must(b.t, err)
	return m
}

func ns(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func svc(namespace, name, ip string, ports ...corev1.ServicePort) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, ClusterIP: ip, Ports: ports},
	}
	if ip != "" {
		s.Spec.ClusterIPs = []string{ip}
	}
	return s
}

func port(name string, proto corev1.Protocol, n int32) corev1.ServicePort {
	return corev1.ServicePort{Name: name, Protocol: proto, Port: n}
}

func external(namespace, name, target string) *corev1.Service {
	s := svc(namespace, name, "")
	s.Spec.Type, s.Spec.ExternalName = corev1.ServiceTypeExternalName, target
	return s
}

// slice builds an EndpointSlice with one named TCP port.
func slice(namespace, service, portName string, n int32, eps ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	proto := corev1.ProtocolTCP
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: service + "-x",
			Labels: map[string]string{discoveryv1.LabelServiceName: service},
		},
		AddressType: discoveryv1.AddressTypeIPv4, Endpoints: eps,
		Ports: []discoveryv1.EndpointPort{{Name: &portName, Port: &n, Protocol: &proto}},
	}
}

func ep(ip, host string, ready bool) discoveryv1.Endpoint {
	e := discoveryv1.Endpoint{Addresses: []string{ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}
	if host != "" {
		e.Hostname = &host
	}
	return e
}
