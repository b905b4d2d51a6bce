package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kubergarten/engine/clock"
)

// bucket is a token bucket: it holds a second's worth, and lets who takes more
// than there is wait until the debt is paid.
type bucket struct {
	clock clock.Clock
	rate  int64 // tokens in a second

	mu    sync.Mutex
	level int64
	at    time.Time // when level was right
}

func newBucket(c clock.Clock, rate int64) *bucket {
	return &bucket{clock: c, rate: rate, level: rate, at: c.Now()}
}

// take takes n tokens and returns when they have been paid for.
func (b *bucket) take(ctx context.Context, n int64) error {
	d := b.owe(n)
	if d <= 0 {
		return nil
	}
	t := b.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to write a log: %w", ctx.Err())
	}
}

// owe takes n tokens and returns how long it will be until they are there.
func (b *bucket) owe(n int64) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	earned := now.Sub(b.at).Seconds() * float64(b.rate)
	b.at = now
	b.level = min(b.rate, b.level+int64(earned)) - n
	return time.Duration(float64(-b.level) / float64(b.rate) * float64(time.Second))
}
