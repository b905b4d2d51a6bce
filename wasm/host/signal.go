package host

import "math/bits"

// The signals that have names here, by Linux' numbers.
const (
	sigHUP   = 1
	sigINT   = 2
	sigQUIT  = 3
	sigKILL  = 9
	sigPIPE  = 13
	sigTERM  = 15
	sigCHLD  = 17
	sigCONT  = 18
	sigSTOP  = 19
	sigTSTP  = 20
	sigTTIN  = 21
	sigTTOU  = 22
	sigURG   = 23
	sigWINCH = 28
	sigMax   = 63
)

// action is what a signal does by default.
type action int

const (
	actEnd action = iota
	actIgnore
	actStop
	actContinue
)

func defaultAction(sig int) action {
	switch sig {
	case sigCHLD, sigURG, sigWINCH:
		return actIgnore
	case sigSTOP, sigTSTP, sigTTIN, sigTTOU:
		return actStop
	case sigCONT:
		return actContinue
	}
	return actEnd
}

// Signal sends the process a signal, as from outside its PID namespace.
func (p *Process) Signal(sig int) { p.signal(sig, false) }

// signal sends a signal; inside tells that it comes from a process of the same
// namespace. PID 1 gets only what it catches, and KILL and STOP from outside.
func (p *Process) signal(sig int, inside bool) {
	if sig <= 0 || sig > sigMax {
		return
	}
	if n := p.native.Load(); n != nil && sig == sigWINCH {
		n.resized()
	}
	if sig != sigKILL && sig != sigSTOP && p.catch(sig) {
		p.notify()
		return
	}
	if p.pid == 1 && (inside || sig != sigKILL && sig != sigSTOP) && sig != sigCONT {
		return
	}
	switch defaultAction(sig) {
	case actEnd:
		p.die(bySignal(sig))
	case actStop:
		p.stopped.Store(true)
	case actContinue:
		p.stopped.Store(false)
		p.notify()
	}
}

// catch keeps a signal for the signalfd, if the process has one for it.
func (p *Process) catch(sig int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.catchers == 0 || p.defaults&(1<<sig) != 0 {
		return false
	}
	p.pending |= 1 << sig
	if sig == sigCONT {
		p.stopped.Store(false)
	}
	return true
}

// catches reports whether a signal would go to a signalfd.
func (p *Process) catches(sig int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.catchers > 0 && p.defaults&(1<<sig) == 0
}

// waitForCont waits until the process is continued or must end.
func (p *Process) waitForCont() {
	was := p.parked.Swap(true)
	defer p.parked.Store(was)
	for p.stopped.Load() && p.death.Load() == nil {
		if p.cpu != nil {
			p.cpu.Stop()
		}
		<-p.wakeup
	}
	if x := p.death.Load(); x != nil {
		panic(&dying{x})
	}
	if p.cpu != nil {
		p.cpu.Start()
	}
}

// brokenPipe is a write on fd to what nobody reads any more: EPIPE, and on the
// standard descriptors death by SIGPIPE, as Go programs have it on Linux.
func (p *Process) brokenPipe(fd uint32) errno {
	if (fd == 1 || fd == 2) && p.pid != 1 && !p.catches(sigPIPE) {
		p.die(bySignal(sigPIPE))
		p.check()
	}
	return ePIPE
}

// signalFD is the object behind a signalfd. Its reader reads its own signals.
type signalFD struct{}

func (*signalFD) read(p *Process, b []byte) (int, errno) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for n < len(b) && p.pending != 0 {
		sig := bits.TrailingZeros64(p.pending)
		p.pending &^= 1 << sig
		b[n] = byte(sig)
		n++
	}
	if n == 0 && len(b) > 0 {
		return 0, eAGAIN
	}
	return n, ok
}

func (*signalFD) poll(p *Process) readiness {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := bits.OnesCount64(p.pending)
	return readiness{read: n > 0, n: uint64(n)}
}

func (*signalFD) write(*Process, []byte) (int, errno) { return 0, eINVAL }
func (*signalFD) filetype() uint8                     { return typeUnknown }
func (*signalFD) label() string                       { return "anon_inode:[signalfd]" }
func (*signalFD) close()                              {}

func (*signalFD) watch(p *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.catchers++
}

// unwatch gives signals their default action again when the last is closed;
// those that waited are lost.
func (*signalFD) unwatch(p *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.catchers--; p.catchers == 0 {
		p.pending, p.defaults = 0, 0
	}
}
