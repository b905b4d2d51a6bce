package host

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"kubergarten/engine/network"
)

// socket is an endpoint in the process's network namespace. A TCP socket is
// bound by listening at once, so that bind tells if the address is taken;
// connections come in only after listen.
type socket struct {
	ns      *network.Namespace
	stream  bool
	inet6   bool // addresses are told as ::ffff:a.b.c.d
	holders waiters

	mu     sync.Mutex
	bound  netip.AddrPort
	listen *network.Listener // bound, or listening
	ready  bool              // listening
	conn   *network.Conn
	packet *network.PacketConn
	opts   map[uint32]uint32
	told   bool // the error of a failed connect was told
}

var _ object = (*socket)(nil)

func newSocket(ns *network.Namespace, stream, inet6 bool) *socket {
	return &socket{ns: ns, stream: stream, inet6: inet6}
}

// any is the address that stands for all of the namespace's.
func anyPort() netip.AddrPort { return netip.AddrPortFrom(netip.IPv4Unspecified(), 0) }

func (s *socket) bind(at netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bound.IsValid() || s.conn != nil || s.packet != nil {
		return syscall.EINVAL
	}
	if !s.stream {
		return s.bindPacket(at)
	}
	l, err := s.ns.Listen(at)
	if err != nil {
		return err
	}
	l.SetBacklog(0)
	s.listen, s.bound = l, addrOf(l.Addr())
	return nil
}

// bindPacket is called with mu held.
func (s *socket) bindPacket(at netip.AddrPort) error {
	c, err := s.ns.ListenPacket(at)
	if err != nil {
		return err
	}
	c.OnReady(s.holders.wake)
	s.packet, s.bound = c, addrOf(c.LocalAddr())
	return nil
}

// autobind gives a datagram socket an address when it needs one.
func (s *socket) autobind() (*network.PacketConn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.packet == nil {
		if err := s.bindPacket(anyPort()); err != nil {
			return nil, err
		}
	}
	return s.packet, nil
}

func (s *socket) startListening(backlog uint32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.stream:
		return syscall.ENOTSUP
	case s.conn != nil:
		return syscall.EINVAL
	}
	if s.listen == nil {
		l, err := s.ns.Listen(anyPort())
		if err != nil {
			return err
		}
		s.listen, s.bound = l, addrOf(l.Addr())
	}
	s.listen.SetBacklog(int(min(max(backlog, 1), 4096)))
	s.listen.OnReady(s.holders.wake)
	s.ready = true
	return nil
}

func (s *socket) tcp() *network.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

func (s *socket) filetype() uint8 {
	if s.stream {
		return typeStream
	}
	return typeDgram
}

func (s *socket) label() string { return fmt.Sprintf("socket:[%s]", s.local()) }

func (s *socket) watch(p *Process) { s.holders.watch(p) }

func (s *socket) unwatch(p *Process) { s.holders.unwatch(p) }

func (s *socket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range []io.Closer{closer(s.conn), closer(s.listen), closer(s.packet)} {
		if c != nil {
			_ = c.Close()
		}
	}
}

// closer is nil for a nil pointer.
func closer[T any, P interface {
	*T
	io.Closer
}](p P) io.Closer {
	if p == nil {
		return nil
	}
	return p
}

func (s *socket) local() netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.conn != nil:
		return addrOf(s.conn.LocalAddr())
	case s.packet != nil:
		return addrOf(s.packet.LocalAddr())
	case s.bound.IsValid():
		return s.bound
	}
	return anyPort()
}

func (s *socket) peer() (netip.AddrPort, errno) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var a net.Addr
	switch {
	case s.conn != nil:
		if done, err := s.conn.Established(); !done || err != nil {
			return netip.AddrPort{}, eNOTCONN
		}
		a = s.conn.RemoteAddr()
	case s.packet != nil:
		a = s.packet.RemoteAddr()
	}
	if a == nil {
		return netip.AddrPort{}, eNOTCONN
	}
	return addrOf(a), ok
}

func addrOf(a net.Addr) netip.AddrPort {
	if ap, may := a.(interface{ AddrPort() netip.AddrPort }); may {
		return netip.AddrPortFrom(ap.AddrPort().Addr().Unmap(), ap.AddrPort().Port())
	}
	return netip.AddrPort{}
}
