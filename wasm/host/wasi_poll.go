package host

import (
	"encoding/binary"
	"math"
	"time"
)

func pollFunctions() []function {
	return []function{{"poll_oneoff", "iiii", pollOneoff}}
}

// The sizes of WASI's structures, and the kinds of events.
const (
	subSize   = 48
	eventSize = 32

	eventClock = 0
	eventRead  = 1
	eventWrite = 2

	eventHangup = 1 // flag
)

// pollOneoff waits until at least one of the subscriptions has come true, and
// writes an event for each one that has.
func pollOneoff(p *Process, a args) errno {
	n := a.u32(2)
	if n == 0 || n > maxPolls {
		return eINVAL
	}
	subs, e := p.mem.bytes(a.u32(0), n*subSize)
	if e != ok {
		return e
	}
	out, e := p.mem.bytes(a.u32(1), n*eventSize)
	if e != ok {
		return e
	}
	poll := poll{p: p, subs: subs, out: out}
	if e := poll.wait(); e != ok {
		return e
	}
	return p.mem.putU32(a.u32(3), poll.n)
}

// poll is one call of poll_oneoff. The subscriptions are read from the guest's
// memory each time: nobody changes them, and nothing is allocated.
type poll struct {
	p         *Process
	subs, out []byte
	n         uint32 // events written
	base      int64  // when the call began, for relative timeouts
	now       int64
	hasTimer  bool
	soonest   time.Duration // until the first timeout
}

// wait looks, and waits, until there are events.
func (w *poll) wait() errno {
	p := w.p
	if w.look(true); w.n > 0 {
		return ok
	}
	p.parked.Store(true) // before looking again, so that no change is missed
	defer p.parked.Store(false)
	defer p.silence()
	for {
		if w.look(false); w.n > 0 {
			return ok
		}
		var expired <-chan time.Time
		if w.hasTimer {
			expired = p.alarm(w.soonest).C()
		}
		p.park(expired)
	}
}

// look writes the events of all subscriptions that have come true.
func (w *poll) look(first bool) {
	w.n, w.hasTimer, w.soonest = 0, false, math.MaxInt64
	monotonic, _ := w.p.time(clockMonotonic)
	if w.now = monotonic; first {
		w.base = monotonic
	}
	for s := w.subs; len(s) > 0; s = s[subSize:] {
		switch kind := s[8]; kind {
		case eventClock:
			w.clock(s)
		case eventRead, eventWrite:
			w.fd(s, kind)
		default:
			w.event(s, eINVAL, 0, 0)
		}
	}
}

// clock looks at a timeout.
func (w *poll) clock(s []byte) {
	le := binary.LittleEndian
	id, timeout, flags := le.Uint32(s[16:]), le.Uint64(s[24:]), le.Uint16(s[40:])
	limit := int64(min(timeout, math.MaxInt64/2))
	switch {
	case id > clockMonotonic || flags > 1:
		w.event(s, eINVAL, 0, 0)
		return
	case flags == 0:
		limit += w.base - w.now
	case id == clockRealtime:
		limit -= w.p.cfg.Clock.Now().UnixNano()
	default:
		limit -= w.now
	}
	if limit <= 0 {
		w.event(s, ok, 0, 0)
		return
	}
	w.hasTimer, w.soonest = true, min(w.soonest, time.Duration(limit))
}

// fd looks at a descriptor.
func (w *poll) fd(s []byte, kind byte) {
	d, found := w.p.descriptor(binary.LittleEndian.Uint32(s[16:]))
	if !found {
		w.event(s, eBADF, 0, 0)
		return
	}
	r := d.open.obj.poll(w.p)
	if kind == eventRead && !r.read || kind == eventWrite && !r.write {
		return
	}
	flags := uint16(0)
	if r.hangup {
		flags = eventHangup
	}
	if kind == eventWrite {
		r.n = pipeAtomic
	}
	w.event(s, ok, r.n, flags)
}

func (w *poll) event(s []byte, e errno, n uint64, flags uint16) {
	le := binary.LittleEndian
	b := w.out[w.n*eventSize:][:eventSize]
	kind, user := s[8], le.Uint64(s) // read first: the guest may give the same memory for both
	clear(b)
	le.PutUint64(b, user)
	le.PutUint16(b[8:], uint16(e))
	b[10] = kind
	le.PutUint64(b[16:], n)
	le.PutUint16(b[24:], flags)
	w.n++
}
