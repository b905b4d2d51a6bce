package network

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"
)

func listenUDP(t testing.TB, ns *Namespace, addr string) *PacketConn {
	t.Helper()
	p, err := ns.ListenPacket(ap(addr))
	must(t, err)
	t.Cleanup(func() { p.Close() })
	return p
}

func dialUDP(t testing.TB, ns *Namespace, addr string) *PacketConn {
	t.Helper()
	c, err := ns.Dial(t.Context(), "udp", ap(addr))
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c.(*PacketConn)
}

// receive reads what is there now.
func receive(t testing.TB, p *PacketConn) (string, netip.AddrPort) {
	t.Helper()
	b := make([]byte, maxDatagram)
	n, from, err := p.TryReadFrom(b)
	must(t, err)
	return string(b[:n]), from
}

func TestDatagrams(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	s := listenUDP(t, q, "[::]:53")
	c := dialUDP(t, p, "10.244.2.2:53")
	send(t, c, "one")
	send(t, c, "two")
	got, from := receive(t, s)
	if got != "one" || from.Addr() != p.IP() {
		t.Errorf("got %q from %s", got, from)
	}
	must(t, second(s.WriteTo([]byte("re: one"), net.UDPAddrFromAddrPort(from))))
	if got, from := receive(t, c); got != "re: one" || from != ap("10.244.2.2:53") {
		t.Errorf("got %q from %s", got, from)
	}
	small := make([]byte, 1)
	if n, _, _ := s.TryReadFrom(small); n != 1 {
		t.Error("a long datagram was not cut")
	}
	if _, _, err := s.TryReadFrom(small); err != ErrWouldBlock {
		t.Errorf("the rest of a datagram was kept: %v", err)
	}
	expectErr(t, second(c.Write(make([]byte, maxDatagram+1))), syscall.EMSGSIZE)
	expectErr(t, second(s.Write([]byte("x"))), syscall.EDESTADDRREQ)
}

func second(_ int, err error) error { return err }

func TestConnectedSocketHearsOnlyItsPeer(t *testing.T) {
	w := newWire(t)
	p, q, r := pod(t, w.a, "p"), pod(t, w.b, "q"), pod(t, w.b, "r")
	listenUDP(t, q, "0.0.0.0:53")
	c := dialUDP(t, p, "10.244.2.2:53")
	stranger := listenUDP(t, r, "0.0.0.0:53")
	_, err := stranger.TryWriteTo([]byte("psst"), c.local())
	must(t, err)
	if c.Readable() {
		t.Error("heard a stranger")
	}
}

func TestPortUnreachable(t *testing.T) {
	w := newWire(t)
	p := pod(t, w.a, "p")
	pod(t, w.b, "q")
	c := dialUDP(t, p, "10.244.2.2:99")
	send(t, c, "anybody?")
	_, err := c.Read(make([]byte, 1))
	expectErr(t, err, syscall.ECONNREFUSED)
	u := listenUDP(t, p, "0.0.0.0:0")
	_, err = u.TryWriteTo([]byte("x"), ap("10.244.2.2:99"))
	must(t, err)
	if u.Readable() {
		t.Error("an unconnected socket was told")
	}
	_, err = u.TryWriteTo([]byte("x"), ap("8.8.8.8:53"))
	expectErr(t, err, syscall.ENETUNREACH)
	_, err = u.TryWriteTo([]byte("x"), ap("10.96.0.99:53"))
	must(t, err) // swallowed
}

func TestReceiveBufferIsBounded(t *testing.T) {
	w := newWire(t)
	p := pod(t, w.a, "p")
	s := listenUDP(t, p, "0.0.0.0:53")
	c := dialUDP(t, p, "127.0.0.1:53")
	for range 1000 {
		must(t, second(c.TryWriteTo(make([]byte, 1000), netip.AddrPort{})))
	}
	n := 0
	for ; s.Readable(); n++ {
		receive(t, s)
	}
	if want := receiveBuffer / (1000 + overhead); n != want {
		t.Errorf("%d datagrams were kept, want %d", n, want)
	}
}

func TestUDPDeadline(t *testing.T) {
	w := newWire(t)
	s := listenUDP(t, pod(t, w.a, "p"), "0.0.0.0:53")
	must(t, s.SetDeadline(time.Now().Add(time.Millisecond)))
	_, _, err := s.ReadFrom(make([]byte, 1))
	expectErr(t, err, os.ErrDeadlineExceeded)
	must(t, s.Close())
	_, _, err = s.ReadFrom(make([]byte, 1))
	expectErr(t, err, net.ErrClosed)
}

// resolve sends a question to a service and tells who answered and from where
// the answer came.
func resolve(t *testing.T, c *PacketConn, backends map[string]*PacketConn) (who string, from netip.AddrPort) {
	t.Helper()
	send(t, c, "?")
	for name, s := range backends {
		if s.Readable() {
			_, client := receive(t, s)
			_, err := s.TryWriteTo([]byte(name), client)
			must(t, err)
		}
	}
	return receive(t, c)
}

func TestUDPService(t *testing.T) {
	w := newWire(t)
	p, q, r := pod(t, w.a, "p"), pod(t, w.b, "q"), pod(t, w.a, "r")
	backends := map[string]*PacketConn{"q": listenUDP(t, q, "0.0.0.0:53"), "r": listenUDP(t, r, "0.0.0.0:53")}
	table := NewServices()
	key := ServiceKey{UDP, ap("10.96.0.10:53")}
	table.Update(map[ServiceKey]*Service{key: turns("dns", Choice{}, "10.244.2.2:53", "10.244.1.3:53")})
	w.a.SetServices(table)
	c := dialUDP(t, p, "10.96.0.10:53")
	first, from := resolve(t, c, backends)
	if from != key.Addr {
		t.Fatalf("the answer came from %s", from)
	}
	for range 3 {
		if who, _ := resolve(t, c, backends); who != first {
			t.Errorf("one flow, two backends: %s and %s", first, who)
		}
	}
	if who, _ := resolve(t, dialUDP(t, p, "10.96.0.10:53"), backends); who == first {
		t.Errorf("two flows, both at %s", who)
	}
	if n := len(w.a.Flows()); n != 2 {
		t.Errorf("%d flows", n)
	}
	w.clock.Step(udpStreamTimeout + time.Second)
	if n := len(w.a.Flows()); n != 0 {
		t.Errorf("%d flows after the timeout", n)
	}
	// a backend that goes takes its flows along
	who, _ := resolve(t, c, backends)
	left := map[string]string{"q": "10.244.1.3:53", "r": "10.244.2.2:53"}[who]
	table.Update(map[ServiceKey]*Service{key: turns("dns", Choice{}, left)})
	if now, _ := resolve(t, c, backends); now == who {
		t.Errorf("still at %s, which is no backend any more", who)
	}
	table.Update(map[ServiceKey]*Service{key: rejecting("dns")})
	send(t, c, "?")
	_, err := c.Read(make([]byte, 1))
	expectErr(t, err, syscall.ECONNREFUSED)
}

func TestUDPMasqueradeAndHairpin(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	table := NewServices()
	table.Update(map[ServiceKey]*Service{
		{UDP, ap("10.96.0.10:53")}:    turns("dns", Choice{Masquerade: true}, "10.244.2.2:53"),
		{UDP, ap("10.96.0.11:53")}:    turns("self", Choice{}, "10.244.1.2:53"),
		{UDP, ap("172.18.0.3:30053")}: turns("np", Choice{Masquerade: true}, "10.244.2.2:53"),
	})
	w.a.SetServices(table)
	backends := map[string]*PacketConn{"q": listenUDP(t, q, "0.0.0.0:53"), "p": listenUDP(t, p, "0.0.0.0:53")}
	for _, tt := range []struct {
		from     *Namespace
		to, want string
	}{
		{p, "10.96.0.10:53", "q"},
		{p, "10.96.0.11:53", "p"},
		{w.a.Namespace(), "10.96.0.10:53", "q"},
		{p, "172.18.0.3:30053", "q"},
		{w.b.Namespace(), "172.18.0.3:30053", "q"},
	} {
		who, from := resolve(t, dialUDP(t, tt.from, tt.to), backends)
		if who != tt.want || from != ap(tt.to) {
			t.Errorf("%s to %s: %s answered from %s", tt.from.Name(), tt.to, who, from)
		}
	}
}

func TestServiceVerdicts(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	echo(t, listen(t, q, "0.0.0.0:80"), "q")
	table := NewServices()
	set := func(addr string, s *Service) { table.Update(map[ServiceKey]*Service{{TCP, ap(addr)}: s}) }
	w.a.SetServices(table)
	set("10.96.0.1:80", turns("q", Choice{}, "10.244.2.2:80"))
	set("10.96.0.2:80", rejecting("nobody"))
	set("10.96.0.3:80", turns("evil", Choice{}, "127.0.0.1:80"))
	set("10.96.0.4:80", turns("evil", Choice{}, "169.254.169.254:80"))
	if got := ask(t, p, ap("10.96.0.1:80")); got != "q\n" {
		t.Errorf("got %q", got)
	}
	_, err := p.Dial(t.Context(), "tcp", ap("10.96.0.2:80"))
	expectErr(t, err, syscall.ECONNREFUSED)
	for _, addr := range []string{"10.96.0.3:80", "10.96.0.4:80"} {
		c := p.Connect(ap(addr))
		if done, err := c.Established(); done {
			t.Errorf("%s: %v, want it to be swallowed", addr, err)
		}
		c.Close()
	}
	if got := ask(t, p, ap("10.96.0.1:80")); got != "q\n" {
		t.Errorf("got %q", got)
	}
	_, err = pod(t, w.b, "other-node").Dial(t.Context(), "udp", ap("10.96.0.1:80"))
	must(t, err)
}

// TestSwallowedSYNIsTriedAgain is a client that is earlier than kube-proxy.
func TestSwallowedSYNIsTriedAgain(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	listen(t, q, "0.0.0.0:80")
	early := p.Connect(ap("10.96.0.1:80"))
	late := p.Connect(ap("10.96.0.2:80"))
	defer early.Close()
	table := NewServices()
	w.a.SetServices(table)
	if done, _ := early.Established(); done {
		t.Fatal("established without a service")
	}
	table.Update(map[ServiceKey]*Service{{TCP, ap("10.96.0.1:80")}: turns("q", Choice{}, "10.244.2.2:80")})
	if done, err := early.Established(); !done || err != nil {
		t.Errorf("after the service came: %v, %v", done, err)
	}
	if name, backend := early.Service(); name != "q" || backend != ap("10.244.2.2:80") || early.RemoteAddr().String() != "10.96.0.1:80" {
		t.Errorf("led to %s %s, remote %s", name, backend, early.RemoteAddr())
	}
	w.clock.Step(127 * time.Second)
	waitFor(t, late)
	if _, err := late.Established(); !errors.Is(err, syscall.ETIMEDOUT) {
		t.Errorf("the other: %v", err)
	}
}

// turns is a rule that takes turns.
func turns(name string, c Choice, backends ...string) *Service {
	s := &Service{Name: name}
	for _, b := range backends {
		s.Backends = append(s.Backends, ap(b))
	}
	n := -1
	s.Pick = func(netip.Addr) Choice {
		n++
		c.Backend = s.Backends[n%len(backends)]
		return c
	}
	return s
}

func rejecting(name string) *Service {
	return &Service{Name: name, Pick: func(netip.Addr) Choice { return Choice{Verdict: Reject} }}
}
