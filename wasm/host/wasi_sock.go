package host

import (
	"encoding/binary"
	"net/netip"
)

func sockFunctions() []function {
	return []function{
		{"sock_accept", "iii", sockAccept},
		{"sock_recv", "iiiiii", sockRecv},
		{"sock_send", "iiiii", sockSend},
		{"sock_shutdown", "ii", sockShutdown},

		// WasmEdge's.
		{"sock_open", "iii", sockOpen},
		{"sock_bind", "iii", sockBind},
		{"sock_listen", "ii", sockListen},
		{"sock_connect", "iii", sockConnect},
		{"sock_recv_from", "iiiiiiii", sockRecvFrom},
		{"sock_send_to", "iiiiiii", sockSendTo},
		{"sock_getlocaladdr", "iiii", sockLocal},
		{"sock_getpeeraddr", "iiii", sockPeer},
		{"sock_getsockopt", "iiiii", sockGetopt},
		{"sock_setsockopt", "iiiii", sockSetopt},
		{"sock_getaddrinfo", "iiiiiiii", sockAddrinfo},
	}
}

// socket finds the socket behind a descriptor.
func (p *Process) socket(fd uint32) (*socket, descriptor, errno) {
	d, found := p.descriptor(fd)
	if !found {
		return nil, d, eBADF
	}
	s, isSocket := d.open.obj.(*socket)
	if !isSocket {
		return nil, d, eNOTSOCK
	}
	return s, d, ok
}

func sockOpen(p *Process, a args) errno {
	family, typ := a.u32(0), a.u32(1)
	switch {
	case family != familyInet4 && family != familyInet6:
		return eAFNOSUPPORT
	case typ != sockDgram && typ != sockStream:
		return ePROTONOSUPPOR
	case p.cfg.Net == nil:
		return eNETDOWN
	}
	if e := p.fits(1); e != ok {
		return e
	}
	fd, e := p.newFD(newDescriptor(newSocket(p.cfg.Net, typ == sockStream, family == familyInet6)))
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(2), fd)
}

func sockBind(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	at, e := p.readAddress(a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	return toErrno(s.bind(at))
}

func sockListen(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	return toErrno(s.startListening(a.u32(1)))
}

func sockConnect(p *Process, a args) errno {
	s, d, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	to, e := p.readAddress(a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	if err := s.connect(to); err != nil {
		return toErrno(err)
	}
	e = p.until(d.nonblock, s.connected)
	if e == eAGAIN {
		return eINPROGRESS
	}
	return e
}

func sockAccept(p *Process, a args) errno {
	s, d, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	if e := p.fits(1); e != ok {
		return e
	}
	if _, e := p.mem.bytes(a.u32(2), 4); e != ok {
		return e
	}
	var got *socket
	e = p.until(d.nonblock, func() (e errno) {
		got, e = s.accept()
		return e
	})
	if e != ok {
		return e
	}
	conn := newDescriptor(got)
	conn.nonblock = a.u32(1)&flagNonblock != 0
	fd, _ := p.newFD(conn)
	return p.mem.putU32(a.u32(2), fd)
}

// Flags of sock_recv, and what it says in return.
const (
	recvPeek    = 1
	recvWaitall = 2
)

func sockRecv(p *Process, a args) errno {
	n, _, e := p.receive(a, a.u32(3))
	if e != ok {
		return e
	}
	if e := p.mem.putU32(a.u32(4), uint32(n)); e != ok {
		return e
	}
	if !p.mem.WriteUint16Le(a.u32(5), 0) {
		return eFAULT
	}
	return ok
}

func sockRecvFrom(p *Process, a args) errno {
	n, from, e := p.receive(a, a.u32(4))
	if e != ok {
		return e
	}
	s, _, _ := p.socket(a.u32(0))
	if from.IsValid() {
		if e := p.writeAddress(a.u32(3), from.Addr(), s.inet6); e != ok {
			return e
		}
	}
	for i, v := range []uint32{uint32(from.Port()), uint32(n), 0} {
		if e := p.mem.putU32(a.u32(5+i), v); e != ok {
			return e
		}
	}
	return ok
}

// receive reads from a socket into the buffers that the second and third
// parameter name.
func (p *Process) receive(a args, flags uint32) (n int, from netip.AddrPort, e errno) {
	s, d, e := p.socket(a.u32(0))
	if e != ok {
		return 0, from, e
	}
	if flags&^recvWaitall != 0 {
		return 0, from, eNOTSUP // peeking
	}
	bufs, e := p.readIovs(a.u32(1), a.u32(2))
	if e != ok || len(bufs) == 0 {
		return 0, from, e
	}
	for i, b := range bufs {
		for len(b) > 0 {
			m := 0
			e = p.until(d.nonblock || n > 0 && flags&recvWaitall == 0, func() (e errno) {
				m, from, e = s.receive(b)
				return e
			})
			n, b = n+m, b[m:]
			if e != ok || m == 0 || !s.stream || flags&recvWaitall == 0 && len(b) > 0 {
				break
			}
		}
		if e != ok || len(b) > 0 || !s.stream && i == 0 {
			break // a datagram goes into the first buffer
		}
	}
	if n > 0 {
		e = ok
	}
	return n, from, e
}

func sockSend(p *Process, a args) errno {
	if a.u32(3) != 0 {
		return eNOTSUP
	}
	return p.send(a, netip.AddrPort{}, a.u32(4))
}

func sockSendTo(p *Process, a args) errno {
	if a.u32(5) != 0 {
		return eNOTSUP
	}
	var to netip.AddrPort
	if s, _, e := p.socket(a.u32(0)); e != ok {
		return e
	} else if !s.stream {
		if to, e = p.readAddress(a.u32(3), a.u32(4)); e != ok {
			return e
		}
	}
	return p.send(a, to, a.u32(6))
}

// send writes to a socket from the buffers that the second and third parameter
// name; the buffers of a datagram must be few bytes, or one.
func (p *Process) send(a args, to netip.AddrPort, out uint32) errno {
	s, d, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	if s.stream {
		n, e := p.writev(a.u32(0), a.u32(1), a.u32(2))
		if e != ok {
			return e
		}
		return p.mem.putU32(out, uint32(n))
	}
	bufs, e := p.readIovs(a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	bufs = p.gather(bufs)
	var b []byte
	switch len(bufs) {
	case 0:
	case 1:
		b = bufs[0]
	default:
		return eMSGSIZE
	}
	n := 0
	e = p.until(d.nonblock, func() (e errno) {
		n, e = s.send(b, to)
		return e
	})
	if e != ok {
		return e
	}
	return p.mem.putU32(out, uint32(n))
}

func sockShutdown(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	how := a.u32(1)
	if how == 0 || how > 3 {
		return eINVAL
	}
	return s.shutdown(how&1 != 0, how&2 != 0)
}

func sockLocal(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	return p.tellAddress(a, s, s.local())
}

func sockPeer(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	peer, e := s.peer()
	if e != ok {
		return e
	}
	return p.tellAddress(a, s, peer)
}

// tellAddress writes an address, its kind (4 or 6) and port.
func (p *Process) tellAddress(a args, s *socket, at netip.AddrPort) errno {
	if e := p.writeAddress(a.u32(1), at.Addr(), s.inet6); e != ok {
		return e
	}
	kind := uint32(4)
	if s.inet6 {
		kind = 6
	}
	if e := p.mem.putU32(a.u32(2), kind); e != ok {
		return e
	}
	return p.mem.putU32(a.u32(3), uint32(at.Port()))
}

// Options of sockets: level 0 is the socket's, 6 TCP's.
const (
	optReuse     = 0
	optType      = 1
	optError     = 2
	optDontroute = 3
	optBroadcast = 4
	optSndbuf    = 5
	optRcvbuf    = 6
	optKeepalive = 7
	optAccept    = 13
)

func sockGetopt(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	size, e := p.mem.bytes(a.u32(4), 4)
	if e != ok {
		return e
	}
	if binary.LittleEndian.Uint32(size) < 4 {
		return eINVAL
	}
	v, e := s.option(a.u32(1), a.u32(2))
	if e != ok {
		return e
	}
	binary.LittleEndian.PutUint32(size, 4)
	return p.mem.putU32(a.u32(3), v)
}

// option reads an option. Those that change nothing on this wire are kept as
// they were set: addresses can always be reused, and buffers have one size.
func (s *socket) option(level, name uint32) (uint32, errno) {
	if level != 0 {
		return 0, eNOPROTOOPT
	}
	switch name {
	case optType:
		if s.stream {
			return sockStream, ok
		}
		return sockDgram, ok
	case optError:
		return uint32(s.failure()), ok
	case optAccept:
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ready {
			return 1, ok
		}
		return 0, ok
	case optReuse, optDontroute, optBroadcast, optSndbuf, optRcvbuf, optKeepalive:
		s.mu.Lock()
		defer s.mu.Unlock()
		if v, set := s.opts[name]; set {
			return v, ok
		}
		if name == optSndbuf || name == optRcvbuf {
			return 212992, ok // net.core.rmem_default
		}
		return 0, ok
	}
	return 0, eNOPROTOOPT
}

func sockSetopt(p *Process, a args) errno {
	s, _, e := p.socket(a.u32(0))
	if e != ok {
		return e
	}
	if a.u32(4) < 4 {
		return eINVAL
	}
	v, fine := p.mem.ReadUint32Le(a.u32(3))
	if !fine {
		return eFAULT
	}
	if a.u32(1) != 0 {
		return eNOPROTOOPT
	}
	switch name := a.u32(2); name {
	case optReuse, optDontroute, optBroadcast, optSndbuf, optRcvbuf, optKeepalive:
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.opts == nil {
			s.opts = map[uint32]uint32{}
		}
		s.opts[name] = v
		return ok
	}
	return eNOPROTOOPT
}
