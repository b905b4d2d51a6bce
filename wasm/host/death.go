package host

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tetratelabs/wazero/sys"
)

// dying is what a process's goroutine panics with to get out of the guest.
type dying struct{ exit *Exit }

func (d *dying) Error() string { return fmt.Sprintf("exit %d", d.exit.Code) }

// die makes the process end with x, unless it ends already.
func (p *Process) die(x Exit) {
	if !p.death.CompareAndSwap(nil, &x) {
		return
	}
	p.killed()
	p.notify()
}

// bySignal is death by a signal.
func bySignal(sig int) Exit { return Exit{Code: 128 + sig, Signal: sig, Reason: "Error"} }

// withCode is the end by exit(code).
func withCode(code int) Exit {
	x := Exit{Code: code, Reason: "Completed"}
	if code != 0 {
		x.Reason = "Error"
	}
	return x
}

// verdict finds out how a process ended from what the call into the guest
// returned.
func (p *Process) verdict(err error) Exit {
	var exit *sys.ExitError
	switch x := p.death.Load(); {
	case x != nil:
		return *x
	case err == nil:
		return withCode(0)
	case outOfMemory(err):
		return Exit{Code: 137, Signal: sigKILL, Reason: "OOMKilled", Err: err}
	case !p.ran:
		return Exit{Code: 126, Reason: "Error", Err: err}
	case errors.As(err, &exit):
		return withCode(int(exit.ExitCode()))
	}
	return Exit{Code: 139, Reason: "Error", Err: err}
}

// outOfMemory reports whether an allocator refused.
func outOfMemory(err error) bool {
	var o interface{ OOMKilled() bool }
	return errors.Is(err, ErrOOM) || errors.As(err, &o) && o.OOMKilled()
}

// lastWords writes what a trap says to standard error. It may have to wait, and
// be killed meanwhile.
func (p *Process) lastWords(x Exit) {
	if x.Code != 139 || x.Err == nil {
		return
	}
	defer func() { _ = recover() }()
	words, _, _ := strings.Cut(x.Err.Error(), "\n\nGo runtime stack trace:") // the host's own is not the guest's business
	if d, found := p.descriptor(2); found {
		_, _ = io.WriteString(objectWriter{p, d.open.obj}, strings.TrimRight(words, "\n")+"\n")
	}
}

// objectWriter writes to an object what can be written at once.
type objectWriter struct {
	p *Process
	o object
}

func (w objectWriter) Write(b []byte) (int, error) {
	n, e := w.o.write(w.p, b)
	if e != ok {
		return n, io.ErrShortWrite
	}
	return n, nil
}
