package host

import (
	"encoding/binary"
)

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
