package frame

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// ErrAgain is what a source returns that wants to be started anew at once: what
// it found at its beginning holds no longer.
var ErrAgain = errors.New("start anew")

// Waits between two tries of a source. One that ran for calm has no past.
const (
	firstWait   = time.Second
	longestWait = 8 * time.Second
	calm        = time.Minute
)

// keep runs a source until ctx ends or it fails for good, and returns why. A
// failure that passes, an API server that is away, is told once, and the source
// is tried again.
func (f *Frame) keep(ctx context.Context, run func() error, tell func(error)) error {
	wait := firstWait
	for {
		began := f.clock.Now()
		err := contain("live source", run)
		if errors.Is(err, ErrAgain) && ctx.Err() == nil {
			continue
		}
		if ended(ctx, err) || !passes(err) {
			return err
		}
		if f.clock.Since(began) >= calm {
			wait = firstWait
		}
		if wait == firstWait {
			tell(err)
		}
		if !f.rest(ctx, wait) {
			return nil
		}
		wait = min(2*wait, longestWait)
	}
}

// rest waits, and tells whether ctx has not ended.
func (f *Frame) rest(ctx context.Context, d time.Duration) bool {
	t := f.clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C():
		return true
	}
}

// passes tells whether the same may work in a moment: nobody answers, or the API
// server is not well. What it refuses, it will refuse again.
func passes(err error) bool {
	var api apierrors.APIStatus
	if errors.As(err, &api) {
		code := api.Status().Code
		return code >= http.StatusInternalServerError || code == http.StatusTooManyRequests
	}
	var unreached net.Error
	return errors.As(err, &unreached)
}
