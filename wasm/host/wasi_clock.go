package host

import (
	"runtime"
	"time"
)

// WASI's clocks.
const (
	clockRealtime  = 0
	clockMonotonic = 1
	clockProcess   = 2
	clockThread    = 3
)

func clockFunctions() []function {
	return []function{
		{"clock_res_get", "ii", clockRes},
		{"clock_time_get", "iIi", clockTime},
		{"sched_yield", "", schedYield},
	}
}

func clockRes(p *Process, a args) errno {
	if a.u32(0) > clockThread {
		return eINVAL
	}
	return p.mem.putU64(a.u32(1), 1)
}

func clockTime(p *Process, a args) errno {
	t, e := p.time(a.u32(0))
	if e != ok {
		return e
	}
	return p.mem.putU64(a.u32(2), uint64(t))
}

// time reads a clock, in nanoseconds. The monotonic one begins a day before the
// process, so that it is never 0 and differences may go back a little.
func (p *Process) time(id uint32) (int64, errno) {
	switch id {
	case clockRealtime:
		return p.cfg.Clock.Now().UnixNano(), ok
	case clockMonotonic:
		return int64(p.cfg.Clock.Since(p.begun) + 24*time.Hour), ok
	case clockProcess, clockThread:
		return int64(p.CPU()), ok
	}
	return 0, eINVAL
}

func schedYield(p *Process, _ args) errno {
	runtime.Gosched()
	return ok
}
