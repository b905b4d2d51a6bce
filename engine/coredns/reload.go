package coredns

// Upstream: plugin/reload

import (
	"context"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"kubergarten/engine/coredns/corefile"
)

// reload looks at the Corefile from time to time.
type reload struct {
	log   logger
	every time.Duration
	sum   [sha512.Size]byte
}

func setupReload(c *controller) error {
	durs := []time.Duration{30 * time.Second, 15 * time.Second} // interval, jitter
	c.Next()
	args := c.RemainingArgs()
	if len(args) > 2 {
		return c.ArgErr()
	}
	for i, a := range args {
		d, err := time.ParseDuration(a)
		if err != nil {
			return err
		}
		durs[i] = d
	}
	interval, jitter := durs[0], durs[1]
	if interval < 2*time.Second {
		return fmt.Errorf("interval value must be greater or equal to %v", 2*time.Second)
	}
	if jitter != 0 && jitter < time.Second {
		return fmt.Errorf("jitter value must be 0 or greater or equal to %v", time.Second)
	}
	if jitter = min(jitter, interval/2); jitter > 0 {
		interval += time.Duration(rand.Int64N(int64(jitter))) - jitter/2
	}
	c.inst.reload = &reload{log: c.log(), every: interval}
	return nil
}

// announce writes down which configuration runs.
func (r *reload) announce() { r.log.infof("Running configuration SHA512 = %x", r.sum) }

// fingerprint is that of the Corefile's words, so that spaces and comments do
// not count.
func (c *CoreDNS) fingerprint(data []byte) ([sha512.Size]byte, error) {
	blocks, err := corefile.Parse(c.flags.file(), data, directives(), c.getenv)
	if err != nil {
		return [sha512.Size]byte{}, err
	}
	words, err := json.Marshal(blocks)
	return sha512.Sum512(words), err
}

// watch returns the next instance when the Corefile has changed to one that
// works, or nil when ctx is done or the instance has ended.
func (r *reload) watch(ctx context.Context, c *CoreDNS, done chan error) *instance {
	tick := c.Clock.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-done:
			done <- err
			return nil
		case <-tick.C():
			if in := r.look(c); in != nil {
				return in
			}
		}
	}
}

// look makes an instance of the Corefile if that has changed.
func (r *reload) look(c *CoreDNS) *instance {
	data, err := c.read()
	if err != nil {
		return nil
	}
	sum, err := c.fingerprint(data)
	if err != nil {
		r.log.warningf("Corefile parse failed: %s", err)
		return nil
	}
	if sum == r.sum {
		return nil
	}
	r.sum = sum // not to try the same file twice, even if it is wrong
	c.logger().infof("Reloading")
	in, err := c.build(data)
	if err != nil {
		r.log.errorf("Corefile changed but reload failed: %s", err)
		return nil
	}
	return in
}
