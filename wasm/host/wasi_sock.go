package host

import (
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
