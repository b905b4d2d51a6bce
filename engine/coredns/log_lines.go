package coredns

// Upstream: plugin/pkg/log

import (
	"fmt"
	"io"
	"sync"
)

// A logger writes CoreDNS's lines: "[INFO] plugin/ready: ...".
type logger struct {
	mu  *sync.Mutex
	out io.Writer
	who string // "plugin/ready: " or empty
}

func newLogger(out io.Writer) logger { return logger{mu: &sync.Mutex{}, out: out} }

// plugin returns a logger that speaks for a plugin.
func (l logger) plugin(name string) logger {
	l.who = "plugin/" + name + ": "
	return l
}

func (l logger) line(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.out, s+"\n") // a log that cannot be written is no reason to stop
}

func (l logger) infof(format string, args ...any) {
	l.line("[INFO] " + l.who + fmt.Sprintf(format, args...))
}

func (l logger) warningf(format string, args ...any) {
	l.line("[WARNING] " + l.who + fmt.Sprintf(format, args...))
}

func (l logger) errorf(format string, args ...any) {
	l.line("[ERROR] " + l.who + fmt.Sprintf(format, args...))
}
