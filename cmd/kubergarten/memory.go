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

// A lull settles when for a while nothing big has happened. The runtime would
// wait two minutes for that.
type lull struct {
	clock clock.WithDelayedExecution
	while time.Duration

	mu    sync.Mutex
	timer clock.Timer // nil: nothing has happened since
}

// stir says that something big happens.
func (l *lull) stir() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = l.clock.AfterFunc(l.while, settle)
}
