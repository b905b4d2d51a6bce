package coredns

// Upstream: core/dnsserver/server.go

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
)

// A block is one server block of the Corefile.
type block struct {
	zones zones
	links []func(Handler) Handler
	chain Handler // nil if the block has no plugin that answers
}

// A server answers at one port, for all blocks that have it.
type server struct {
	inst  *instance
	port  string
	zones map[string]*block
}

// run serves UDP and TCP until ctx is done.
func (s *server) run(ctx context.Context, ready func()) error {
	at, err := netip.ParseAddrPort("[::]:" + s.port)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	l, err := s.inst.Net.Listen(at)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	p, err := s.inst.Net.ListenPacket(at)
	if err != nil {
		l.Close()
		return fmt.Errorf("listen: %w", err)
	}
	ready()
	return s.serve(ctx, l, p)
}

func (s *server) serve(ctx context.Context, l net.Listener, p net.PacketConn) error {
	h := dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) { s.ServeDNS(context.Background(), w, r) })
	g, ctx := errgroup.WithContext(ctx)
	for _, srv := range []*dns.Server{
		{Listener: l, Net: "tcp", Handler: h, ReadTimeout: 3 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: func() time.Duration { return 10 * time.Second }, MaxTCPQueries: -1},
		{PacketConn: p, Net: "udp", Handler: h},
	} {
		up := make(chan struct{})
		srv.NotifyStartedFunc = func() { close(up) }
		done := make(chan struct{})
		g.Go(func() error {
			defer close(done)
			err := srv.ActivateAndServe()
			if ctx.Err() != nil {
				return nil
			}
			return err
		})
		g.Go(func() error { return stopServer(ctx, srv, up, done) })
	}
	return g.Wait()
}

// stopServer ends srv with ctx; what is being answered gets five seconds.
func stopServer(ctx context.Context, srv *dns.Server, up, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	select { // a server that has not started cannot be stopped
	case <-done:
		return nil
	case <-up:
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return ignore(srv.ShutdownContext(grace), context.DeadlineExceeded)
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// ServeDNS answers r. Whatever happens inside, there is an answer.
func (s *server) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) {
	if r == nil || len(r.Question) == 0 {
		if r != nil {
			_ = w.WriteMsg(reply(r, dns.RcodeServerFailure))
		}
		return
	}
	w = &scrubber{w, r}
	defer s.rescue(w, r)
	code := s.answer(ctx, w, r)
	if !wrote(code) {
		_ = w.WriteMsg(reply(r, code)) // the client has gone
	}
}

func (s *server) rescue(w dns.ResponseWriter, r *dns.Msg) {
	if p := recover(); p != nil {
		s.inst.log.errorf("Recovered from panic in server: %q %v", "dns://:"+s.port, p)
		s.inst.metrics.panicked()
		_ = w.WriteMsg(reply(r, dns.RcodeServerFailure))
	}
}

// answer sends r down the chain of the block with the longest matching zone.
func (s *server) answer(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) int {
	if c := r.Question[0].Qclass; c != dns.ClassINET {
		return dns.RcodeRefused
	}
	if o := r.IsEdns0(); o != nil && o.Version() != 0 {
		m := reply(r, dns.RcodeBadVers)
		m.SetEdns0(o.UDPSize(), o.Do())
		_ = w.WriteMsg(m)
		return dns.RcodeSuccess
	}
	b := s.find(strings.ToLower(r.Question[0].Name))
	if b == nil || b.chain == nil {
		return dns.RcodeRefused
	}
	code, _ := b.chain.ServeDNS(withServer(ctx, s), w, r) // plugin errors wrote the error down
	return code
}

func (s *server) find(name string) *block {
	for off, end := 0, false; !end; off, end = dns.NextLabel(name, off) {
		if b, ok := s.zones[name[off:]]; ok {
			return b
		}
	}
	return s.zones["."]
}

// maxLookups bounds the questions that one question may lead to.
const maxLookups = 10

type lookups struct {
	server *server
	depth  int
}

type lookupsKey struct{}

func withServer(ctx context.Context, s *server) context.Context {
	if l, ok := ctx.Value(lookupsKey{}).(lookups); ok && l.server == s {
		return ctx
	}
	return context.WithValue(ctx, lookupsKey{}, lookups{server: s})
}

// lookup asks the server that is answering another question, and returns nil
// if that goes on for too long.
func lookup(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) *dns.Msg {
	l, _ := ctx.Value(lookupsKey{}).(lookups)
	if l.server == nil || l.depth >= maxLookups {
		return nil
	}
	l.depth++
	q := new(dns.Msg)
	q.SetQuestion(name, qtype)
	out := &sink{ResponseWriter: w}
	l.server.ServeDNS(context.WithValue(ctx, lookupsKey{}, l), out, q)
	return out.msg
}
