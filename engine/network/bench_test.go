package network

import (
	"io"
	"net/netip"
	"testing"
)

// BenchmarkStream measures bytes through one connection, writer and reader in
// two goroutines.
func BenchmarkStream(b *testing.B) {
	c, s := pair(b)
	buf := make([]byte, 64<<10)
	b.SetBytes(int64(len(buf)))
	done := make(chan struct{})
	go func() { defer close(done); io.Copy(io.Discard, onlyReader{s}) }()
	for b.Loop() {
		if _, err := c.Write(buf); err != nil {
			b.Fatal(err)
		}
	}
	c.Close()
	<-done
}

type onlyReader struct{ r *Conn }

func (o onlyReader) Read(p []byte) (int, error) { return o.r.Read(p) }

// BenchmarkConnect measures connections through a service, made, accepted and
// closed.
func BenchmarkConnect(b *testing.B) {
	w := newWire(b)
	p, q := pod(b, w.a, "p"), pod(b, w.b, "q")
	l := listen(b, q, "0.0.0.0:80")
	table := NewServices()
	table.Update(map[ServiceKey]*Service{{TCP, ap("10.96.0.1:80")}: turns("q", Choice{}, "10.244.2.2:80")})
	w.a.SetServices(table)
	to := ap("10.96.0.1:80")
	b.ReportAllocs()
	for b.Loop() {
		c := p.Connect(to)
		s, err := l.TryAccept()
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
		c.Close()
	}
}

// BenchmarkDatagram measures a question and an answer through a service.
func BenchmarkDatagram(b *testing.B) {
	w := newWire(b)
	p, q := pod(b, w.a, "p"), pod(b, w.b, "q")
	s, c := listenUDP(b, q, "0.0.0.0:53"), listenUDP(b, p, "0.0.0.0:0")
	table := NewServices()
	table.Update(map[ServiceKey]*Service{{UDP, ap("10.96.0.10:53")}: turns("dns", Choice{}, "10.244.2.2:53")})
	w.a.SetServices(table)
	to, buf := ap("10.96.0.10:53"), make([]byte, 512)
	b.ReportAllocs()
	for b.Loop() {
		c.TryWriteTo(buf[:64], to)
		_, from, err := s.TryReadFrom(buf)
		if err != nil {
			b.Fatal(err)
		}
		s.TryWriteTo(buf[:128], from)
		if _, from, err = c.TryReadFrom(buf); err != nil || from != to {
			b.Fatal(from, err)
		}
	}
}

// BenchmarkAddDel measures a sandbox's coming and going.
func BenchmarkAddDel(b *testing.B) {
	w := newWire(b)
	var last netip.Addr
	b.ReportAllocs()
	for b.Loop() {
		last = pod(b, w.a, "p").IP()
		w.a.Del(b.Context(), "sandbox-p")
	}
	_ = last
}
