package fuel

import (
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// An Account is what the processes of one container have used of the CPU, and
// how much they may use: the cpu controller of its cgroup.
type Account struct {
	clock clock.Clock
	cores *Cores // nil: as many as there are

	mu     sync.Mutex
	usage  time.Duration // in all
	quota  time.Duration // 0: no limit
	period time.Duration
	start  time.Time     // of the present period
	spent  time.Duration // of the quota, in this period; what is over it is debt
	stats  Throttling
	change chan struct{} // closed, and made anew, when the limit changes
}

// Throttling counts as cgroup's cpu.stat does.
type Throttling struct {
	Periods   int64 // nr_periods: those that passed while there was a limit
	Throttled int64 // nr_throttled: how often a process had to wait
	Time      time.Duration
}

// NewAccount returns an account with no limit, that measures with clk.
func NewAccount(clk clock.Clock) *Account {
	return &Account{clock: clk, start: clk.Now(), change: make(chan struct{})}
}

// SetLimit allows quota of CPU time in each period, as cgroup's cpu.max; a
// quota that is not positive means no limit.
func (a *Account) SetLimit(quota, period time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if quota <= 0 || period <= 0 {
		quota, period = 0, 0
	}
	a.quota, a.period = quota, period
	a.start, a.spent = a.clock.Now(), 0
	close(a.change)
	a.change = make(chan struct{})
}

// Usage is the CPU time used by all processes so far, the ended ones included.
func (a *Account) Usage() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.usage
}

// Throttling returns how often and how long processes waited for their quota.
func (a *Account) Throttling() Throttling {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stats
}

// charge adds d, used up to now.
func (a *Account) charge(d time.Duration, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.usage += d
	if a.quota > 0 {
		a.roll(now)
		a.spent += d
	}
}

// debt returns how long to wait before using more, and a channel that is closed
// when that answer has become stale.
func (a *Account) debt(now time.Time) (wait time.Duration, stale <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.quota == 0 {
		return 0, nil
	}
	a.roll(now)
	periods := a.spent / a.quota // until the debt is paid
	if periods == 0 {
		return 0, nil
	}
	a.stats.Throttled++
	return a.start.Add(periods * a.period).Sub(now), a.change
}

// roll moves to the period that now lies in: each one that passed pays a quota.
func (a *Account) roll(now time.Time) {
	n := now.Sub(a.start) / a.period
	if n <= 0 {
		return
	}
	a.start = a.start.Add(n * a.period)
	a.stats.Periods += int64(n)
	if n > a.spent/a.quota {
		a.spent = 0
		return
	}
	a.spent -= n * a.quota
}

// waited notes how long a process was throttled.
func (a *Account) waited(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.Time += d
}
