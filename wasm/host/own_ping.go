package host

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"
)

// ping sends one ICMP echo request and waits for the answer.
func ping(p *Process, a args) errno {
	raw, e := p.mem.bytes(a.u32(0), a.u32(1))
	if e != ok {
		return e
	}
	ip, fine := netip.AddrFromSlice(raw)
	switch {
	case !fine:
		return eINVAL
	case p.cfg.Net == nil:
		return eNETDOWN
	}
	if ip, e = plain(ip); e != ok {
		return e
	}
	took, e := p.echo(ip, time.Duration(a.u32(2))*time.Millisecond)
	if e != ok {
		return e
	}
	return p.mem.putU32(a.u32(3), uint32(took.Microseconds()))
}

// echo waits for the answer in a goroutine of its own, for it may never come.
func (p *Process) echo(ip netip.Addr, timeout time.Duration) (time.Duration, errno) {
	ctx, cancel := context.WithCancel(p.dying)
	defer cancel()
	begun := p.cfg.Clock.Now()
	var answer atomic.Pointer[errno]
	p.parked.Store(true)
	defer p.parked.Store(false)
	go func() {
		e := toErrno(p.cfg.Net.Ping(ctx, ip))
		answer.Store(&e)
		p.notify()
	}()
	t := p.cfg.Clock.NewTimer(timeout)
	defer t.Stop()
	for answer.Load() == nil {
		if p.cfg.Clock.Since(begun) >= timeout {
			return 0, eTIMEDOUT
		}
		p.park(t.C())
	}
	return p.cfg.Clock.Since(begun), *answer.Load()
}
