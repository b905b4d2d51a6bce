package coredns

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// A paper is a ResponseWriter that keeps the answers.
type paper struct {
	dns.ResponseWriter
	tcp  bool
	msgs []*dns.Msg
}

func (p *paper) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4(10, 244, 2, 2), Port: 53} }

func (p *paper) RemoteAddr() net.Addr {
	if p.tcp {
		return &net.TCPAddr{IP: net.IPv4(10, 244, 1, 2), Port: 40000}
	}
	return &net.UDPAddr{IP: net.IPv4(10, 244, 1, 2), Port: 40000}
}

func (p *paper) WriteMsg(m *dns.Msg) error { p.msgs = append(p.msgs, m); return nil }

// seeds are packets to begin with.
func seeds(t testing.TB) (out [][]byte) {
	for _, name := range []string{"web.default.svc.cluster.local.", "cluster.local.", "_http._tcp.web.default.svc.cluster.local.", "8.1.244.10.in-addr.arpa.", "outside.default.svc.cluster.local.", ".", "-.a.pod.cluster.local."} {
		for _, typ := range []uint16{dns.TypeA, dns.TypeSRV, dns.TypePTR, dns.TypeTXT, dns.TypeNS, dns.TypeHINFO, dns.TypeAXFR, dns.TypeANY} {
			q := new(dns.Msg)
			q.SetQuestion(name, typ)
			q.SetEdns0(1232, typ == dns.TypeA)
			wire, err := q.Pack()
			must(t, err)
			out = append(out, wire)
		}
	}
	return out
}

// answerOnce sends a packet of any kind: if it can be read it is answered once,
// with something that can be sent.
func answerOnce(t testing.TB, in *instance, wire []byte, tcp bool) {
	q := new(dns.Msg)
	if q.Unpack(wire) != nil {
		return
	}
	p := &paper{tcp: tcp}
	in.servers[0].ServeDNS(context.Background(), p, q)
	if len(p.msgs) != 1 {
		t.Fatalf("%d answers to %v (%x)", len(p.msgs), q, wire)
	}
	out, err := p.msgs[0].Pack()
	if err != nil {
		t.Fatalf("%v: %v (%x)", err, p.msgs[0], wire)
	}
	if n := maxSize(p, q); len(out) > n {
		t.Errorf("%d bytes, at most %d may be: %v (%x)", len(out), n, p.msgs[0], wire)
	}
}

func fuzzInstance(t testing.TB) *instance {
	b := newBench(t, kubeadmCorefile, cluster()...)
	c := b.new()
	data, err := c.read()
	must(t, err)
	in, err := c.build(data)
	must(t, err)
	return in
}

func FuzzServeDNS(f *testing.F) {
	in := fuzzInstance(f)
	for i, wire := range seeds(f) {
		f.Add(wire, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, wire []byte, tcp bool) { answerOnce(t, in, wire, tcp) })
}

// TestMutants is a short walk from the seeds, the same each time.
func TestMutants(t *testing.T) {
	in, all := fuzzInstance(t), seeds(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		wire := slices.Clone(all[r.IntN(len(all))])
		for range 1 + r.IntN(4) {
			wire[r.IntN(len(wire))] = byte(r.Uint32())
		}
		answerOnce(t, in, wire, r.IntN(2) == 0)
	}
}
