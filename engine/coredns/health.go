package coredns

// Upstream: plugin/health

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

func setupHealth(c *controller) error {
	addr, lame := ":8080", time.Duration(0)
	for c.Next() {
		args := c.RemainingArgs()
		if len(args) > 1 {
			return c.ArgErr()
		}
		if len(args) == 1 {
			if addr = args[0]; !validHostPort(addr) {
				_, _, err := net.SplitHostPort(addr)
				return err
			}
		}
		for c.NextBlock() {
			if c.Val() != "lameduck" {
				return c.Errf("unknown property '%s'", c.Val())
			}
			args := c.RemainingArgs()
			if len(args) != 1 {
				return c.ArgErr()
			}
			d, err := time.ParseDuration(args[0])
			if err != nil {
				return fmt.Errorf("unable to parse lameduck duration value: '%v' : %v", args[0], err)
			}
			lame = d
		}
	}
	in := c.inst
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	in.tasks = append(in.tasks, func(ctx context.Context) error { return in.web(ctx, addr, mux) })
	if lame > 0 {
		in.linger = append(in.linger, func() { in.lameduckFor(c.log(), lame) })
	}
	return nil
}

func validHostPort(s string) bool {
	_, _, err := net.SplitHostPort(s)
	return err == nil
}

// lameduckFor keeps everything running for a while, so that those who still
// think of this server as one of several are answered.
func (in *instance) lameduckFor(log logger, d time.Duration) {
	log.infof("Going into lameduck mode for %s", d)
	t := in.Clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
	case <-in.Hurry:
	}
}
