package network

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/trace"
)

func TestAddressesRestBeforeReuse(t *testing.T) {
	w := newWire(t)
	n := w.node(t, "small", "172.18.0.9", "10.244.9.0/29") // .1 is the bridge, .2 to .6 are for pods
	var got []string
	for i := range 5 {
		ns := pod(t, n, string(rune('a'+i)))
		got = append(got, ns.IP().String())
		if i < 3 {
			must(t, n.Del(t.Context(), ns.sandbox))
		}
	}
	got = append(got, pod(t, n, "f").IP().String())
	want := []string{"10.244.9.2", "10.244.9.3", "10.244.9.4", "10.244.9.5", "10.244.9.6", "10.244.9.2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	pod(t, n, "g")
	pod(t, n, "h")
	_, err := n.Add(t.Context(), "i", "default", "i")
	wantErr := `plugin type="ptp" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.9.1-10.244.9.6`
	if err == nil || err.Error() != wantErr {
		t.Errorf("full: %v", err)
	}
	must(t, n.Del(t.Context(), "sandbox-g"))
	if got := pod(t, n, "i").IP().String(); got != "10.244.9.3" {
		t.Errorf("the only one free is 10.244.9.3, got %s", got)
	}
}

func TestAddRefuses(t *testing.T) {
	w := newWire(t)
	pod(t, w.a, "p")
	if _, err := w.a.Add(t.Context(), "sandbox-p", "default", "p"); err == nil {
		t.Error("the same sandbox was added twice")
	}
	n, err := w.AddNode("new", netip.MustParseAddr("172.18.0.8"))
	must(t, err)
	if _, err := n.Add(t.Context(), "x", "default", "x"); !errors.Is(err, ErrNotReady) || n.Ready() {
		t.Errorf("without a pod CIDR: %v", err)
	}
	must(t, n.SetPodCIDR(netip.MustParsePrefix("10.244.8.0/24")))
	must(t, n.SetPodCIDR(netip.MustParsePrefix("10.244.8.0/24")))
	if err := n.SetPodCIDR(netip.MustParsePrefix("10.244.7.0/24")); err == nil {
		t.Error("the pod CIDR changed")
	}
	for _, ip := range []string{"172.18.0.3", "127.0.0.1", "10.96.0.1", "10.244.1.2", "::1", "0.0.0.0"} {
		if _, err := w.AddNode("x", netip.MustParseAddr(ip)); err == nil {
			t.Errorf("a node got %s", ip)
		}
	}
	must(t, w.a.Del(t.Context(), "never was"))
}

func TestDelClosesEverything(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, q, "0.0.0.0:80")
	c := dial(t, p, netip.AddrPortFrom(q.IP(), 80))
	s := accept(t, l)
	u, err := q.ListenPacket(ap("0.0.0.0:53"))
	must(t, err)
	must(t, w.b.Del(t.Context(), "sandbox-q"))
	_, err = c.Read(make([]byte, 1))
	if err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("peer reads %v", err)
	}
	_, err = s.Read(make([]byte, 1))
	expectErr(t, err, net.ErrClosed)
	_, err = l.Accept()
	expectErr(t, err, net.ErrClosed)
	_, _, err = u.ReadFrom(make([]byte, 1))
	expectErr(t, err, net.ErrClosed)
	_, err = q.Listen(ap("0.0.0.0:81"))
	expectErr(t, err, syscall.ENETDOWN)
	_, err = p.Dial(t.Context(), "tcp", ap("10.244.2.2:80"))
	expectErr(t, err, syscall.EHOSTUNREACH)
	expectErr(t, q.Ping(t.Context(), p.IP()), syscall.ENETDOWN)
}

func TestRemoveNode(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	listen(t, q, "0.0.0.0:80")
	dial(t, p, netip.AddrPortFrom(q.IP(), 80))
	w.RemoveNode("node-2")
	w.RemoveNode("node-2")
	for _, to := range []string{"10.244.2.2:80", "172.18.0.4:10250"} {
		_, err := p.Dial(t.Context(), "tcp", ap(to))
		if !errors.Is(err, syscall.EHOSTUNREACH) && !errors.Is(err, syscall.ENETUNREACH) {
			t.Errorf("%s: %v", to, err)
		}
	}
	if _, ok := w.Node("node-2"); ok || len(w.Nodes()) != 1 {
		t.Error("the node is still there")
	}
}

func TestResultAndTrace(t *testing.T) {
	clk := testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	rec := trace.New(clk, 10)
	w := newWire(t, func(c *Config) { c.Trace = rec })
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	listen(t, q, "0.0.0.0:80")
	dial(t, p, netip.AddrPortFrom(q.IP(), 80))
	got, err := json.Marshal(p.Result())
	must(t, err)
	want := `{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","mac":"02:42:0a:f4:01:02","sandbox":"/var/run/netns/sandbox-p"}],` +
		`"ips":[{"interface":0,"address":"10.244.1.2/24","gateway":"10.244.1.1"}],"routes":[{"dst":"0.0.0.0/0","gw":"10.244.1.1"}]}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	recs, _ := rec.Since(0)
	var words []string
	for _, r := range recs {
		words = append(words, string(r.Step)+" "+r.Node+" "+r.Object.Name+": "+r.Words)
	}
	if d := cmp.Diff([]string{
		"attached node-1 p: attached sandbox sandbox-p, with address 10.244.1.2",
		"attached node-2 q: attached sandbox sandbox-q, with address 10.244.2.2",
		"connected node-1 p: connected from 10.244.1.2:32768 to default/q (10.244.2.2:80)",
	}, words); d != "" {
		t.Error(d)
	}
}

func TestPing(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	for _, to := range []netip.Addr{q.IP(), p.IP(), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("172.18.0.4"), netip.MustParseAddr("10.244.1.1")} {
		if err := p.Ping(t.Context(), to); err != nil {
			t.Errorf("ping %s: %v", to, err)
		}
	}
	expectErr(t, p.Ping(t.Context(), netip.MustParseAddr("10.244.2.99")), syscall.EHOSTUNREACH)
	expectErr(t, p.Ping(t.Context(), netip.MustParseAddr("1.1.1.1")), syscall.ENETUNREACH)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := p.Ping(ctx, netip.MustParseAddr("10.96.0.1")); err == nil {
		t.Error("a service address answered a ping")
	}
}

// TestBridge lets a connection of the real host in, and nothing out.
func TestBridge(t *testing.T) {
	w := newWire(t)
	q := pod(t, w.b, "q")
	echo(t, listen(t, q, "0.0.0.0:80"), "q")
	host, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- Bridge(ctx, host, w.a.Namespace(), netip.AddrPortFrom(q.IP(), 80)) }()
	c, err := net.Dial("tcp", host.Addr().String())
	must(t, err)
	got, err := io.ReadAll(c)
	must(t, err)
	c.Close()
	if string(got) != "q\n" {
		t.Errorf("got %q", got)
	}
	canary := host.Addr().(*net.TCPAddr).AddrPort()
	if _, err := q.Dial(t.Context(), "tcp", canary); err == nil {
		t.Error("a pod reached the host's loopback")
	}
	cancel()
	must(t, <-done)
}
