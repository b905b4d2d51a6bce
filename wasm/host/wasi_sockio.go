package host

import (
	"net/netip"
)

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
