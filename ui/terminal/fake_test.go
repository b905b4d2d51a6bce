package terminal

import (
	"context"
	"fmt"
	"io"
	"sync"

	"kubergarten/ui/frame"
)

// A FakeBench gives shells that live in memory.
type FakeBench struct {
	mu     sync.Mutex
	shells []*FakeShell
	logins []string        // that Renew was called with
	opened chan *FakeShell // when not nil

	// Refuse is what Open answers, when not nil.
	Refuse error
	// Wait, when not nil, is what Open waits for.
	Wait chan struct{}
}

// Open implements Workbench.
func (b *FakeBench) Open(ctx context.Context, who *frame.Visitor, size Size) (Session, error) {
	if b.Wait != nil {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.Wait:
		}
	}
	if b.Refuse != nil {
		return nil, b.Refuse
	}
	s := &FakeShell{Who: who.User.GetName(), Sizes: []Size{size}, out: []byte("$ ")}
	s.more.L = &s.mu
	b.mu.Lock()
	b.shells = append(b.shells, s)
	b.mu.Unlock()
	if b.opened != nil {
		b.opened <- s
	}
	return s, nil
}

// Renew implements Workbench.
func (b *FakeBench) Renew(who *frame.Visitor) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logins = append(b.logins, who.Login.ID())
	return b.Refuse
}

// Shells are all shells that were ever opened.
func (b *FakeBench) Shells() []*FakeShell {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*FakeShell(nil), b.shells...)
}

// A FakeShell echoes. It knows "yes", which floods until Ctrl-C, "slow", which
// takes its time and echoes nothing then, "size", "exit" and "osc"; any other
// line it says again.
type FakeShell struct {
	Who string

	mu      sync.Mutex
	more    sync.Cond
	out     []byte
	line    []byte
	flood   bool
	slow    bool
	flooded int64
	ended   bool

	// Sizes, Typed and Closed are what happened to it.
	Sizes  []Size
	Typed  []byte
	Closed bool
}

func (s *FakeShell) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.out) == 0 && !s.flood && !s.ended {
		s.more.Wait()
	}
	switch {
	case len(s.out) > 0:
		n := copy(p, s.out)
		s.out = s.out[n:]
		return n, nil
	case s.ended:
		return 0, io.EOF
	}
	for i := range p {
		p[i] = "y\r\n"[(s.flooded+int64(i))%3]
	}
	s.flooded += int64(len(p))
	return len(p), nil
}

func (s *FakeShell) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	s.Typed = append(s.Typed, p...)
	for _, c := range p {
		s.key(c)
	}
	s.more.Broadcast()
	return len(p), nil
}

func (s *FakeShell) key(c byte) {
	switch c {
	case 3:
		s.flood, s.line = false, nil
		s.out = append(s.out, "^C\r\n$ "...)
	case '\r':
		line := string(s.line)
		s.line = nil
		s.out = append(s.out, "\r\n"...)
		s.run(line)
	case 0x7f:
		if len(s.line) > 0 && !s.slow {
			s.line = s.line[:len(s.line)-1]
			s.out = append(s.out, "\b \b"...)
		}
	default:
		s.line = append(s.line, c)
		if !s.slow {
			s.out = append(s.out, c)
		}
	}
}

func (s *FakeShell) run(line string) {
	switch line {
	case "yes":
		s.flood = true
		return
	case "slow":
		s.slow = true
		s.out = append(s.out, "slowly\r\n"...)
		return
	case "exit":
		s.ended = true
		return
	case "size":
		last := s.Sizes[len(s.Sizes)-1]
		s.out = fmt.Appendf(s.out, "%d by %d\r\n", last.Cols, last.Rows)
	case "osc":
		s.out = append(s.out, "\x1b]52;c;c3RvbGVu\x07\x1b]8;;https://outside.example/\x07link\x1b]8;;\x07\r\n"...)
	case "colours":
		for c := range 16 {
			s.out = fmt.Appendf(s.out, "\x1b[%d;5;%dm colour %2d \x1b[0m", 38, c, c)
		}
		s.out = append(s.out, "\x1b[38;2;200;0;0m exact \x1b[0m\r\n"...)
	case "":
	default:
		s.out = append(s.out, "said: "+line+"\r\n"...)
	}
	s.out = append(s.out, "$ "...)
}

// Resize implements Session.
func (s *FakeShell) Resize(z Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Sizes = append(s.Sizes, z)
}

// Close implements Session.
func (s *FakeShell) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended, s.Closed, s.flood = true, true, false
	s.more.Broadcast()
	return nil
}

// Look looks at the shell under its lock.
func (s *FakeShell) Look(f func(*FakeShell)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

// Flooded is how much a flood has given.
func (s *FakeShell) Flooded() (n int64) {
	s.Look(func(s *FakeShell) { n = s.flooded })
	return n
}
