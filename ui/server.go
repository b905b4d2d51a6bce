package ui

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
	"kubergarten/ui/session"
	"kubergarten/ui/terminal"
)

// Name is the page's name in logs.
const Name = "ui"

// Config is what a Server needs.
type Config struct {
	// Listen is the address, "127.0.0.1:8080"; port 0 takes any free one. On
	// loopback the page is plain HTTP, elsewhere HTTPS, always.
	Listen string
	// Hosts are further names, with their ports, that the server answers to.
	Hosts []string
	Log   *slog.Logger
	// Clock is real time, except in tests.
	Clock clock.WithTickerAndDelayedExecution
	// Owner is the credential of the owner, whom the login link stands for.
	Owner *rest.Config
	// As is the API in this process, as a user.
	As func(user.Info) client.Interface
	// Dir is where sessions and the certificate are kept; nil forgets them at
	// the end.
	Dir *os.Root

	Rooms
}

// A Server serves the page.
type Server struct {
	cfg       Config
	log       *slog.Logger
	mux       *http.ServeMux
	frame     *frame.Frame
	sessions  *session.Store
	once      *session.Once
	gate      *session.Gate
	owner     user.Info
	check     func(ctx context.Context, token string) (user.Info, error)
	asked     turns
	terminals *terminal.Terminals // nil: none

	ready chan struct{} // closed when addr and hosts are set
	addr  *net.TCPAddr
	hosts map[string]bool
	cert  *tls.Certificate // nil: plain HTTP
}

// New returns a server that does not listen yet.
func New(c Config) (*Server, error) {
	owner, err := userOf(c.Owner)
	if err != nil {
		return nil, fmt.Errorf("owner of the page: %w", err)
	}
	sessions, err := session.New(session.Config{Dir: c.Dir, Clock: c.Clock, Log: c.Log})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s := &Server{
		mux: mux, cfg: c, log: c.Log, sessions: sessions, owner: owner,
		frame: frame.New(frame.Config{Clock: c.Clock, Log: c.Log, Offers: offers(mux)}),
		once:  session.NewOnce(), gate: session.NewGate(c.Clock), terminals: c.terminals(),
		ready: make(chan struct{}),
	}
	s.check = s.review
	return s, nil
}

// offers tells whether mux has a page at a path.
func offers(mux *http.ServeMux) func(path string) bool {
	return func(path string) bool {
		_, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
		return pattern != "/"
	}
}

// userOf is whom a client certificate stands for: its common name, in the
// groups of its organizations.
func userOf(c *rest.Config) (user.Info, error) {
	loaded := rest.CopyConfig(c)
	if err := rest.LoadTLSFiles(loaded); err != nil {
		return nil, err
	}
	block, _ := pem.Decode(loaded.CertData)
	if block == nil {
		return nil, errors.New("the kubeconfig has no client certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	return &user.DefaultInfo{Name: cert.Subject.CommonName, Groups: append(cert.Subject.Organization, user.AllAuthenticated)}, nil
}

// Ready is closed when the server listens and Link is known.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Addr is where the server listens, after Ready.
func (s *Server) Addr() net.Addr { <-s.ready; return s.addr }

// URL is the page's address, after Ready.
func (s *Server) URL() string {
	<-s.ready
	host := s.addr.IP
	if host.IsUnspecified() {
		host = net.IPv4(127, 0, 0, 1)
	}
	return s.scheme() + "://" + (&net.TCPAddr{IP: host, Port: s.addr.Port}).String()
}

// Others are the page's addresses for other computers, when it listens at every
// address of this one.
func (s *Server) Others() (urls []string) {
	<-s.ready
	if !s.addr.IP.IsUnspecified() {
		return nil
	}
	ips, _ := reachable(s.addr.IP) // it could be told when the server began to listen
	for _, ip := range ips {
		if !ip.IsLoopback() && (ip.To4() != nil || s.addr.IP.To4() == nil) { // there may be no IPv6
			urls = append(urls, s.scheme()+"://"+(&net.TCPAddr{IP: ip, Port: s.addr.Port}).String())
		}
	}
	return urls
}

func (s *Server) scheme() string {
	if s.cert != nil {
		return "https"
	}
	return "http"
}

// Fingerprint is that of the page's certificate, for who opens the page from
// elsewhere to compare; "" when the page is plain HTTP. It is known after Ready.
func (s *Server) Fingerprint() string {
	<-s.ready
	if s.cert == nil {
		return ""
	}
	return fingerprint(s.cert)
}

// Link logs the owner in, once. It waits until the server listens.
func (s *Server) Link() string { return s.URL() + "/login?once=" + s.once.Token() }

// Name returns the component's name.
func (s *Server) Name() string { return Name }

// Run serves until ctx is done.
func (s *Server) Run(ctx context.Context) error {
	var rooms sync.WaitGroup
	defer rooms.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	if s.terminals != nil {
		rooms.Go(func() { _ = s.terminals.Run(ctx) })
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return err
	}
	s.addr = l.Addr().(*net.TCPAddr)
	if s.hosts, err = hostsOf(s.addr, s.cfg.Hosts); err != nil {
		return err
	}
	if s.cert, err = pageCertificate(s.cfg.Dir, s.addr.IP, s.cfg.Clock.Now()); err != nil {
		return err
	}
	handler := s.handler()
	close(s.ready)
	srv := &http.Server{
		Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(stopped)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if srv.Shutdown(last) != nil {
			_ = srv.Close()
		}
	})
	if err := s.serve(srv, l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

// serve serves with the page's certificate, if it has one.
func (s *Server) serve(srv *http.Server, l net.Listener) error {
	if s.cert == nil {
		return srv.Serve(l)
	}
	// HTTP/2 has no WebSockets of the kind that the terminal speaks.
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*s.cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	return srv.ServeTLS(l, "", "")
}

// hostsOf are the exact Host headers that the server answers to: its addresses,
// the names of loopback if it listens there, and further ones.
func hostsOf(addr *net.TCPAddr, further []string) (map[string]bool, error) {
	hosts := map[string]bool{}
	names := []string{addr.IP.String()}
	if addr.IP.IsUnspecified() {
		ips, err := reachable(addr.IP)
		if err != nil {
			return nil, err
		}
		names = names[:0]
		for _, ip := range ips {
			names = append(names, ip.String())
		}
	}
	if addr.IP.IsLoopback() || addr.IP.IsUnspecified() {
		names = append(names, "127.0.0.1", "localhost", "::1")
	}
	for _, name := range names {
		host := net.JoinHostPort(name, fmt.Sprint(addr.Port))
		hosts[host] = true
		if addr.Port == usualPort(addr.IP) { // browsers leave it out
			hosts[strings.TrimSuffix(host, fmt.Sprint(":", addr.Port))] = true
		}
	}
	for _, h := range further {
		hosts[h] = true
	}
	return hosts, nil
}

// usualPort is the port of an address without one: of plain HTTP on loopback, of
// HTTPS elsewhere.
func usualPort(ip net.IP) int {
	if ip.IsLoopback() {
		return 80
	}
	return 443
}
