package controller

// Upstream: pkg/controller/replicaset/replica_set.go (slowStartBatch)

import "sync"

// SlowStart calls do count times, in parallel batches of 1, 2, 4, ... calls, and
// stops after the first batch with an error: when one creation is refused, for
// a quota say, the next hundred would be too. It returns how many succeeded.
func SlowStart(count int, do func() error) (done int, err error) {
	for size := min(count, 1); size > 0; size = min(2*size, count-done) {
		ok, err := batch(size, do)
		done += ok
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// batch calls do n times at once; err is one of the errors.
func batch(n int, do func() error) (ok int, err error) {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do() })
	}
	wg.Wait()
	for _, e := range errs {
		if e == nil {
			ok++
		} else {
			err = e
		}
	}
	return ok, err
}
