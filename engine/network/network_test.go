package network

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	testclock "k8s.io/utils/clock/testing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ap = netip.MustParseAddrPort

// A wire is a fabric of two nodes for tests.
type wire struct {
	*Fabric
	clock *testclock.FakeClock
	a, b  *Node
}

func newWire(t testing.TB, change ...func(*Config)) *wire {
	t.Helper()
	clk := testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	cfg := Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clk}
	for _, f := range change {
		f(&cfg)
	}
	f, err := New(cfg)
	must(t, err)
	w := &wire{Fabric: f, clock: clk}
	w.a = w.node(t, "node-1", "172.18.0.3", "10.244.1.0/24")
	w.b = w.node(t, "node-2", "172.18.0.4", "10.244.2.0/24")
	return w
}

func (w *wire) node(t testing.TB, name, ip, cidr string) *Node {
	t.Helper()
	n, err := w.AddNode(name, netip.MustParseAddr(ip))
	must(t, err)
	must(t, n.SetPodCIDR(netip.MustParsePrefix(cidr)))
	return n
}

func pod(t testing.TB, n *Node, name string) *Namespace {
	t.Helper()
	ns, err := n.Add(context.Background(), "sandbox-"+name, "default", name)
	must(t, err)
	return ns
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func listen(t testing.TB, ns *Namespace, addr string) *Listener {
	t.Helper()
	l, err := ns.Listen(ap(addr))
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(t testing.TB, ns *Namespace, to netip.AddrPort) *Conn {
	t.Helper()
	c, err := ns.Dial(context.Background(), "tcp", to)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c.(*Conn)
}

func accept(t testing.TB, l *Listener) *Conn {
	t.Helper()
	c, err := l.TryAccept()
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// pair returns the two ends of a connection between two pods on two nodes.
func pair(t testing.TB) (client, server *Conn) {
	t.Helper()
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, q, "0.0.0.0:80")
	client = dial(t, p, netip.AddrPortFrom(q.IP(), 80))
	return client, accept(t, l)
}

func send(t testing.TB, c net.Conn, s string) {
	t.Helper()
	_, err := io.WriteString(c, s)
	must(t, err)
}

func expect(t testing.TB, c net.Conn, s string) {
	t.Helper()
	b := make([]byte, len(s))
	_, err := io.ReadFull(c, b)
	must(t, err)
	if string(b) != s {
		t.Fatalf("read %q, want %q", b, s)
	}
}

func expectErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// echo answers each connection with "name\n" until l is closed.
func echo(t testing.TB, l *Listener, name string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, name+"\n")
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
}

func ask(t testing.TB, ns *Namespace, to netip.AddrPort) string {
	t.Helper()
	c := dial(t, ns, to)
	b, err := io.ReadAll(c)
	must(t, err)
	return string(b)
}

func TestReach(t *testing.T) {
	w := newWire(t)
	p, q, r := pod(t, w.a, "p"), pod(t, w.b, "q"), pod(t, w.a, "r")
	echo(t, listen(t, q, "0.0.0.0:80"), "q")
	echo(t, listen(t, p, "[::]:80"), "p")
	echo(t, listen(t, p, "127.0.0.1:81"), "p-lo")
	echo(t, listen(t, w.a.Namespace(), "0.0.0.0:10250"), "kubelet-1")
	tests := []struct {
		name string
		from *Namespace
		to   string
		want string
		err  error
	}{
		{"pod to pod across nodes", p, "10.244.2.2:80", "q\n", nil},
		{"pod to pod on one node", r, "10.244.1.2:80", "p\n", nil},
		{"hairpin", p, "10.244.1.2:80", "p\n", nil},
		{"own loopback", p, "127.0.0.1:81", "p-lo\n", nil},
		{"own loopback, wildcard listener", p, "127.0.0.1:80", "p\n", nil},
		{"own IPv6 loopback, dual listener", p, "[::1]:80", "p\n", nil},
		{"IPv6 loopback, IPv4 listener", q, "[::1]:80", "", syscall.ECONNREFUSED},
		{"mapped address", p, "[::ffff:10.244.2.2]:80", "q\n", nil},
		{"another's loopback", q, "127.0.0.1:81", "", syscall.ECONNREFUSED},
		{"listener on loopback is not outside", q, "10.244.1.2:81", "", syscall.ECONNREFUSED},
		{"node to pod", w.a.Namespace(), "10.244.2.2:80", "q\n", nil},
		{"pod to node", q, "172.18.0.3:10250", "kubelet-1\n", nil},
		{"pod to gateway", p, "10.244.1.1:10250", "kubelet-1\n", nil},
		{"nobody in the pod network", p, "10.244.2.99:80", "", syscall.EHOSTUNREACH},
		{"nobody in the node network", p, "172.18.0.99:80", "", syscall.EHOSTUNREACH},
		{"the host's loopback is not ours", p, "192.168.1.1:80", "", syscall.ENETUNREACH},
		{"the internet", p, "8.8.8.8:53", "", syscall.ENETUNREACH},
		{"link-local", p, "169.254.169.254:80", "", syscall.ENETUNREACH},
		{"port 0", p, "10.244.2.2:0", "", syscall.ECONNREFUSED},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := tt.from.Dial(t.Context(), "tcp", ap(tt.to))
			if tt.err != nil {
				expectErr(t, err, tt.err)
				return
			}
			must(t, err)
			defer c.Close()
			got, err := io.ReadAll(c)
			must(t, err)
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	w := newWire(t)
	p := pod(t, w.a, "p")
	listen(t, p, "0.0.0.0:80")
	tests := []struct {
		name string
		do   func() error
		want string
	}{
		{"refused", func() error { _, err := p.Dial(t.Context(), "tcp", ap("10.244.1.2:81")); return err }, "dial tcp 10.244.1.2:81: connect: connection refused"},
		{"no route", func() error { _, err := p.Dial(t.Context(), "tcp", ap("10.244.1.9:81")); return err }, "dial tcp 10.244.1.9:81: connect: no route to host"},
		{"in use", func() error { _, err := p.Listen(ap("0.0.0.0:80")); return err }, "listen tcp 0.0.0.0:80: bind: address already in use"},
		{"not ours", func() error { _, err := p.Listen(ap("10.244.9.9:80")); return err }, "listen tcp 10.244.9.9:80: bind: cannot assign requested address"},
		{"unknown network", func() error { _, err := p.Dial(t.Context(), "sctp", ap("10.244.1.2:81")); return err }, "dial sctp: unknown network sctp"},
	}
	for _, tt := range tests {
		if got := tt.do(); got == nil || got.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, got, tt.want)
		}
	}
}

func TestBindCollisions(t *testing.T) {
	tests := []struct {
		first, second string
		want          error
	}{
		{"0.0.0.0:80", "0.0.0.0:80", syscall.EADDRINUSE},
		{"0.0.0.0:80", "127.0.0.1:80", syscall.EADDRINUSE},
		{"127.0.0.1:80", "0.0.0.0:80", syscall.EADDRINUSE},
		{"127.0.0.1:80", "10.244.1.2:80", nil},
		{"[::]:80", "0.0.0.0:80", syscall.EADDRINUSE},
		{"0.0.0.0:80", "[::]:80", syscall.EADDRINUSE},
		{"[::1]:80", "0.0.0.0:80", nil},
		{"0.0.0.0:80", "0.0.0.0:81", nil},
		{"0.0.0.0:0", "0.0.0.0:0", nil},
	}
	for _, tt := range tests {
		w := newWire(t)
		p := pod(t, w.a, "p")
		listen(t, p, tt.first)
		l, err := p.Listen(ap(tt.second))
		if !errors.Is(err, tt.want) {
			t.Errorf("%s then %s: %v, want %v", tt.first, tt.second, err, tt.want)
		}
		if err == nil {
			l.Close()
		}
		u1, err := p.ListenPacket(ap(tt.first))
		must(t, err)
		u2, err := p.ListenPacket(ap(tt.second))
		if !errors.Is(err, tt.want) {
			t.Errorf("udp %s then %s: %v, want %v", tt.first, tt.second, err, tt.want)
		}
		u1.Close()
		if err == nil {
			u2.Close()
		}
	}
}

func TestSources(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, p, "0.0.0.0:80")
	tests := []struct {
		from *Namespace
		to   string
		want string
	}{
		{q, "10.244.1.2:80", "10.244.2.2"},
		{p, "127.0.0.1:80", "127.0.0.1"},
		{w.a.Namespace(), "10.244.1.2:80", "10.244.1.1"},
		{w.b.Namespace(), "10.244.1.2:80", "172.18.0.4"},
	}
	for _, tt := range tests {
		dial(t, tt.from, ap(tt.to))
		s := accept(t, l)
		if got := s.RemoteAddr().(*net.TCPAddr).IP.String(); got != tt.want {
			t.Errorf("from %s to %s: seen as %s, want %s", tt.from.Name(), tt.to, got, tt.want)
		}
	}
}
