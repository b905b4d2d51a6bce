package main

import (
	"runtime/debug"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// hurry lets a cluster start with few garbage collections.
func hurry() { debug.SetGCPercent(400) }

// settle is called when the cluster is ready: from now on memory is worth more
// than time, and what only the start needed goes back to the system.
func settle() {
	debug.SetGCPercent(30)
	debug.FreeOSMemory()
}

// A lull settles when for a while nobody has worked in a terminal. The runtime
// would wait two minutes for that.
type lull struct {
	clock clock.WithDelayedExecution
	while time.Duration
	rest  func()

	mu    sync.Mutex
	timer clock.Timer // nil: nothing has happened yet
}

// newLull waits so long. rest lets go of more than the runtime knows of.
func newLull(c clock.WithDelayedExecution, while time.Duration, rest func()) *lull {
	return &lull{clock: c, while: while, rest: rest}
}

// stir says that somebody works.
func (l *lull) stir() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = l.clock.AfterFunc(l.while, l.settle)
}

func (l *lull) settle() {
	l.rest()
	settle()
}
