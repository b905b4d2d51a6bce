package ash

import (
	"os"
	"os/signal"
	"syscall"
)

// traps are what `trap` set: by the signal's name without SIG, and EXIT.
type traps struct {
	actions map[string]string
	due     chan os.Signal
	running bool
}

func newTraps() *traps {
	return &traps{actions: map[string]string{}}
}

func (t *traps) none() bool { return len(t.actions) == 0 }

// set traps a signal; "" ignores it.
func (t *traps) set(name, action string) {
	t.actions[name] = action
	n := SignalNumber(name)
	if n <= 0 {
		return
	}
	if t.due == nil {
		t.due = make(chan os.Signal, 16)
	}
	if action == "" {
		signal.Ignore(syscall.Signal(n))
		return
	}
	signal.Notify(t.due, syscall.Signal(n))
}

// reset gives a signal its default action back.
func (t *traps) reset(name string) {
	if _, ok := t.actions[name]; !ok {
		return
	}
	delete(t.actions, name)
	if n := SignalNumber(name); n > 0 {
		signal.Reset(syscall.Signal(n))
	}
}

// runTraps runs the actions of signals that have come.
func (s *Shell) runTraps() {
	for s.traps.due != nil && !s.traps.running {
		select {
		case sig := <-s.traps.due:
			s.runTrap(sig)
		default:
			return
		}
	}
}

func (s *Shell) runTrap(sig os.Signal) {
	n, ok := sig.(syscall.Signal)
	if !ok {
		return
	}
	action := s.traps.actions[SignalName(int(n))]
	if action == "" {
		return
	}
	s.traps.running = true
	status := s.status
	s.source(action, s.name, false)
	if s.flow.kind != exiting {
		s.status = status
	}
	s.traps.running = false
}

// runExitTrap runs the EXIT trap, once.
func (s *Shell) runExitTrap() {
	action := s.traps.actions["EXIT"]
	if action == "" {
		return
	}
	delete(s.traps.actions, "EXIT")
	status := s.status
	s.flow = flow{}
	s.source(action, s.name, false)
	if s.flow.kind != exiting {
		s.status = status
	}
}
