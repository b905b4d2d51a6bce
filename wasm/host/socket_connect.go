package host

import (
	"net/netip"
	"syscall"
)

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
