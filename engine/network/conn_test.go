package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestHalfClose(t *testing.T) {
	c, s := pair(t)
	send(t, c, "question")
	must(t, c.CloseWrite())
	b, err := io.ReadAll(s)
	must(t, err)
	if string(b) != "question" {
		t.Errorf("got %q", b)
	}
	send(t, s, "answer")
	must(t, s.Close())
	if b, err = io.ReadAll(c); err != nil || string(b) != "answer" {
		t.Errorf("got %q, %v", b, err)
	}
	_, err = c.Write([]byte("more"))
	expectErr(t, err, syscall.EPIPE)
}

func TestCloseWithBytesUnreadResets(t *testing.T) {
	c, s := pair(t)
	send(t, c, "never read")
	must(t, s.Close())
	_, err := c.Read(make([]byte, 10))
	expectErr(t, err, syscall.ECONNRESET)
	if !strings.HasPrefix(err.Error(), "read tcp 10.244.1.2:32768->10.244.2.2:80: read: connection reset by peer") {
		t.Errorf("text: %v", err)
	}
	_, err = c.Write([]byte("x"))
	expectErr(t, err, syscall.ECONNRESET)
}

func TestFirstWriteToAClosedPeerIsLost(t *testing.T) {
	c, s := pair(t)
	must(t, s.Close())
	send(t, c, "lost")
	_, err := c.Write([]byte("x"))
	expectErr(t, err, syscall.EPIPE)
	_, err = c.Read(make([]byte, 1))
	expectErr(t, err, io.EOF)
}

func TestBackPressure(t *testing.T) {
	c, s := pair(t)
	var wrote atomic.Int64
	done := make(chan error, 1)
	go func() {
		n, err := c.Write(make([]byte, 2*ringMax))
		wrote.Store(int64(n))
		done <- err
	}()
	total := 0
	for buf := make([]byte, 1000); total < 2*ringMax; {
		n, err := s.Read(buf)
		must(t, err)
		total += n
	}
	must(t, <-done)
	if wrote.Load() != 2*ringMax {
		t.Errorf("wrote %d", wrote.Load())
	}
}

func TestWritableAgainOnlyWhenHalfEmpty(t *testing.T) {
	c, s := pair(t)
	n, err := c.TryWrite(make([]byte, 2*ringMax))
	if n != ringMax || err != nil || c.Writable() {
		t.Fatalf("wrote %d, %v, writable %v", n, err, c.Writable())
	}
	var calls int
	c.OnReady(func() { calls++ })
	buf := make([]byte, ringMax/4)
	s.TryRead(buf)
	if c.Writable() || calls != 0 {
		t.Error("writable after a quarter was read")
	}
	s.TryRead(buf)
	if !c.Writable() || calls != 1 {
		t.Errorf("after half: writable %v, %d calls", c.Writable(), calls)
	}
}

func TestDeadlines(t *testing.T) {
	c, s := pair(t)
	must(t, c.SetReadDeadline(time.Unix(1, 0)))
	_, err := c.Read(make([]byte, 1))
	expectErr(t, err, os.ErrDeadlineExceeded)
	var ne net.Error
	if !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("%v is no timeout", err)
	}
	must(t, c.SetReadDeadline(time.Now().Add(time.Millisecond)))
	_, err = c.Read(make([]byte, 1))
	expectErr(t, err, os.ErrDeadlineExceeded)
	must(t, c.SetReadDeadline(time.Time{}))
	send(t, s, "x")
	expect(t, c, "x")
	must(t, c.SetWriteDeadline(time.Now().Add(time.Millisecond)))
	n, err := c.Write(make([]byte, 2*ringMax))
	expectErr(t, err, os.ErrDeadlineExceeded)
	if n != ringMax {
		t.Errorf("wrote %d before the deadline", n)
	}
}

func TestCloseWakesReadersAndWriters(t *testing.T) {
	c, _ := pair(t)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { _, errs[0] = c.Read(make([]byte, 1)) })
	wg.Go(func() { _, errs[1] = c.Write(make([]byte, 2*ringMax)) })
	for c.Writable() { // until the writer has filled the ring
		time.Sleep(time.Millisecond)
	}
	must(t, c.Close())
	wg.Wait()
	for _, err := range errs {
		expectErr(t, err, net.ErrClosed)
	}
}

func TestOnReady(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, q, "0.0.0.0:80")
	var accepts, reads, dials int
	l.OnReady(func() { accepts++ })
	c := p.Connect(netip.AddrPortFrom(q.IP(), 80))
	c.OnReady(func() { dials++ })
	if done, err := c.Established(); !done || err != nil || !c.Writable() || accepts != 1 {
		t.Fatalf("established %v %v, writable %v, %d accepts", done, err, c.Writable(), accepts)
	}
	s := accept(t, l)
	s.OnReady(func() { reads++ })
	if s.Readable() {
		t.Error("readable before anything was sent")
	}
	c.TryWrite([]byte("a"))
	c.TryWrite([]byte("b"))
	if !s.Readable() || reads != 1 {
		t.Errorf("readable %v after %d calls", s.Readable(), reads)
	}
	c.Close()
	if reads < 2 {
		t.Errorf("%d calls after the close", reads)
	}
}

func TestBacklog(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, q, "0.0.0.0:80")
	l.SetBacklog(2)
	var cs []*Conn
	for range 4 {
		cs = append(cs, p.Connect(netip.AddrPortFrom(q.IP(), 80)))
	}
	if done, _ := cs[2].Established(); done {
		t.Fatal("the third is established though two wait")
	}
	accept(t, l)
	if done, err := cs[2].Established(); !done || err != nil {
		t.Errorf("the third after one was accepted: %v, %v", done, err)
	}
	w.clock.Step(127 * time.Second)
	waitFor(t, cs[3])
	_, err := cs[3].Established()
	expectErr(t, err, syscall.ETIMEDOUT)
	accept(t, l)
	accept(t, l)
	if _, err := l.TryAccept(); err != ErrWouldBlock {
		t.Errorf("who timed out was let in: %v", err)
	}
	for _, c := range cs {
		c.Close()
	}
}

// waitFor waits until c is no longer connecting.
func waitFor(t *testing.T, c *Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_ = c.wait(ctx)
}

func TestListenerCloseResetsAndRefuses(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, q, "0.0.0.0:80")
	l.SetBacklog(1)
	c := dial(t, p, netip.AddrPortFrom(q.IP(), 80))
	knocking := p.Connect(netip.AddrPortFrom(q.IP(), 80))
	must(t, l.Close())
	_, err := c.Read(make([]byte, 1))
	expectErr(t, err, syscall.ECONNRESET)
	_, err = knocking.Established()
	expectErr(t, err, syscall.ECONNREFUSED)
	_, err = l.Accept()
	expectErr(t, err, net.ErrClosed)
}

func TestSocketLimit(t *testing.T) {
	w := newWire(t, func(c *Config) { c.MaxSockets = 3 })
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l := listen(t, q, "0.0.0.0:80") // one of q's three
	to := netip.AddrPortFrom(q.IP(), 80)
	first, second := dial(t, p, to), dial(t, p, to)
	third := p.Connect(to)
	if done, _ := third.Established(); done {
		t.Fatal("q has no socket left, yet took a connection")
	}
	_, err := p.Dial(t.Context(), "tcp", to)
	expectErr(t, err, syscall.EMFILE)
	_, err = p.ListenPacket(ap("0.0.0.0:0"))
	expectErr(t, err, syscall.EMFILE)
	accept(t, l).Close()
	if done, err := third.Established(); !done || err != nil {
		t.Errorf("after q closed one: %v, %v", done, err)
	}
	first.Close()
	second.Close()
	third.Close()
}

func TestEphemeralPortsGoRound(t *testing.T) {
	w := newWire(t)
	p := pod(t, w.a, "p")
	l := listen(t, p, "0.0.0.0:80")
	seen := map[uint16]bool{}
	for range 100 {
		c := dial(t, p, netip.AddrPortFrom(p.IP(), 80))
		port := c.local.Port()
		if seen[port] || port < firstPort || port > lastPort {
			t.Fatalf("port %d", port)
		}
		seen[port] = true
		c.Close()
		accept(t, l).Close()
	}
	p.next = lastPort
	dial(t, p, netip.AddrPortFrom(p.IP(), 80))
	if c := dial(t, p, netip.AddrPortFrom(p.IP(), 80)); c.local.Port() != firstPort {
		t.Errorf("after the last came %d", c.local.Port())
	}
}

func TestDialContext(t *testing.T) {
	w := newWire(t)
	p := pod(t, w.a, "p")
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := p.DialContext(ctx, "tcp", "10.96.0.99:80")
	if err == nil || err.Error() != "dial tcp 10.96.0.99:80: i/o timeout" {
		t.Errorf("got %v", err)
	}
	if n := len(p.Sockets()); n != 0 {
		t.Errorf("%d sockets left", n)
	}
	_, err = p.DialContext(t.Context(), "tcp", "example.org:80")
	if err == nil {
		t.Error("a name was dialed")
	}
}

// TestHTTP is the standard library on the wire, both ways.
func TestHTTP(t *testing.T) {
	w := newWire(t)
	p, q := pod(t, w.a, "p"), pod(t, w.b, "q")
	l, err := q.Listen(ap("0.0.0.0:80"))
	must(t, err)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.RemoteAddr, body)
	})}
	done := make(chan error)
	go func() { done <- srv.Serve(l) }()
	tr := &http.Transport{DialContext: p.DialContext}
	body := strings.Repeat("x", 1<<20)
	for range 3 {
		resp, err := (&http.Client{Transport: tr}).Post("http://10.244.2.2/", "text/plain", strings.NewReader(body))
		must(t, err)
		got, err := io.ReadAll(resp.Body)
		must(t, err)
		resp.Body.Close()
		if string(got) != "10.244.1.2:32768 "+body { // keep-alive: one port
			t.Errorf("got %d bytes: %.30q", len(got), got)
		}
	}
	tr.CloseIdleConnections()
	must(t, srv.Shutdown(t.Context()))
	if err := <-done; err != http.ErrServerClosed {
		t.Error(err)
	}
}
