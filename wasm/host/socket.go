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

// connect begins a connection, or sets a datagram socket's peer.
func (s *socket) connect(to netip.AddrPort) error {
	if !s.stream {
		c, err := s.autobind()
		if err != nil {
			return err
		}
		return c.Connect(to)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ready:
		return syscall.EISCONN
	case s.conn != nil:
		if done, err := s.conn.Established(); !done {
			return syscall.EALREADY
		} else if err == nil {
			return syscall.EISCONN
		}
	}
	var from []netip.AddrPort
	if s.listen != nil {
		from = []netip.AddrPort{s.bound}
		_ = s.listen.Close()
		s.listen = nil
	}
	s.told = false
	s.conn = s.ns.Connect(to, from...)
	s.conn.OnReady(s.holders.wake)
	return nil
}

// connected tells how connect went: EAGAIN while it goes on.
func (s *socket) connected() errno {
	if !s.stream {
		return ok
	}
	c := s.tcp()
	if c == nil {
		return eNOTCONN
	}
	done, err := c.Established()
	if !done {
		return eAGAIN
	}
	if err != nil {
		s.mu.Lock()
		s.told = true
		s.mu.Unlock()
	}
	return toErrno(err)
}

// failure is SO_ERROR: it is told once.
func (s *socket) failure() errno {
	c := s.tcp()
	if c == nil {
		return ok
	}
	_, err := c.Established()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil || s.told {
		return ok
	}
	s.told = true
	return toErrno(err)
}

func (s *socket) tcp() *network.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

func (s *socket) udp() *network.PacketConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.packet
}

// accept returns a connection as a socket of its own.
func (s *socket) accept() (*socket, errno) {
	s.mu.Lock()
	l, ready := s.listen, s.ready
	s.mu.Unlock()
	if !ready {
		return nil, eINVAL
	}
	c, err := l.TryAccept()
	if err != nil {
		return nil, toErrno(err)
	}
	got := &socket{ns: s.ns, stream: true, inet6: s.inet6, conn: c, bound: addrOf(c.LocalAddr())}
	c.OnReady(got.holders.wake)
	return got, ok
}

func (s *socket) read(_ *Process, b []byte) (int, errno) {
	n, _, e := s.receive(b)
	return n, e
}

// receive reads from the connection, or a datagram and where it is from.
func (s *socket) receive(b []byte) (int, netip.AddrPort, errno) {
	if !s.stream {
		c, err := s.autobind()
		if err != nil {
			return 0, netip.AddrPort{}, toErrno(err)
		}
		n, from, err := c.TryReadFrom(b)
		return n, from, toErrno(err)
	}
	c := s.tcp()
	if c == nil {
		return 0, netip.AddrPort{}, eNOTCONN
	}
	n, err := c.TryRead(b)
	if err == io.EOF {
		err = nil
	}
	return n, netip.AddrPort{}, toErrno(err)
}

func (s *socket) write(_ *Process, b []byte) (int, errno) { return s.send(b, netip.AddrPort{}) }

// send writes to the connection, or a datagram to an address; the zero one is
// the connected peer's.
func (s *socket) send(b []byte, to netip.AddrPort) (int, errno) {
	if !s.stream {
		c, err := s.autobind()
		if err != nil {
			return 0, toErrno(err)
		}
		n, err := c.TryWriteTo(b, to)
		return n, toErrno(err)
	}
	c := s.tcp()
	if c == nil {
		return 0, eNOTCONN
	}
	n, err := c.TryWrite(b)
	return n, toErrno(err)
}

func (s *socket) poll(*Process) readiness {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.conn != nil:
		r := readiness{read: s.conn.Readable(), write: s.conn.Writable(), n: 1}
		_, err := s.conn.Established()
		r.hangup = err != nil
		return r
	case s.ready:
		return readiness{read: s.listen.Readable(), n: 1}
	case s.packet != nil:
		return readiness{read: s.packet.Readable(), write: true, n: 1}
	}
	return readiness{write: true, hangup: s.stream}
}

func (s *socket) filetype() uint8 {
	if s.stream {
		return typeStream
	}
	return typeDgram
}

func (s *socket) label() string      { return fmt.Sprintf("socket:[%s]", s.local()) }
func (s *socket) watch(p *Process)   { s.holders.watch(p) }
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

// shutdown ends one direction, or both.
func (s *socket) shutdown(read, write bool) errno {
	c := s.tcp()
	if c == nil {
		return eNOTCONN
	}
	if read {
		if err := c.CloseRead(); err != nil {
			return toErrno(err)
		}
	}
	if write {
		return toErrno(c.CloseWrite())
	}
	return ok
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
