package network

import (
	"sync"
	"time"
)

// A deadline is guarded by the mutex of its cond. It runs on real time, not the
// cluster's: those who set deadlines on a net.Conn (net/http, DNS libraries)
// reckon from time.Now, and that is net.Conn's contract.
type deadline struct {
	timer   *time.Timer
	expired bool
	set     int // counts calls, so that an old timer does no harm
}

// at sets the deadline to t, the zero time being never. cond.L is held.
func (d *deadline) at(t time.Time, cond *sync.Cond) {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer, d.expired = nil, false
	d.set++
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.expired = true
		cond.Broadcast()
		return
	}
	mine := d.set
	d.timer = time.AfterFunc(wait, func() { d.fire(mine, cond) })
}

func (d *deadline) fire(mine int, cond *sync.Cond) {
	cond.L.Lock()
	defer cond.L.Unlock()
	if d.set == mine {
		d.expired = true
		cond.Broadcast()
	}
}

// stop forgets the deadline. cond.L is held.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer = nil
	d.set++
}
