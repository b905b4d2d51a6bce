package host

import (
	"io"
	"net/netip"
)

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
