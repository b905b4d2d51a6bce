package controller

// Upstream: pkg/controller/controller_utils.go (ControllerExpectations)

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"kubergarten/engine/clock"
)

// expectationsTimeout is how long a sync waits for the cache to show what was
// done, before it believes the cache after all.
const expectationsTimeout = 5 * time.Minute

// Expectations remembers, per key of a controller's object, which pods were
// created and deleted but not yet seen so in the cache.
//
// Example: sync creates 3 pods and sets 3 creations. The first pod's ADDED
// enqueues the key, sync runs and sees 1 pod of 3; without expectations it
// would create 2 more. Satisfied is false until all 3 ADDED have come.
type Expectations struct {
	clock clock.Clock
	mu    sync.Mutex
	byKey map[string]*expected
}

type expected struct {
	creations int
	deletions sets.Set[string] // pod keys
	since     time.Time
}

// NewExpectations returns expectations of nothing.
func NewExpectations(c clock.Clock) *Expectations {
	return &Expectations{clock: c, byKey: map[string]*expected{}}
}

// Expect sets what the cache must show before key may be synced again.
func (e *Expectations) Expect(key string, creations int, deletions ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.byKey[key] = &expected{creations, sets.New(deletions...), e.clock.Now()}
}

// Created tells that a creation was seen, or failed.
func (e *Expectations) Created(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x := e.byKey[key]; x != nil && x.creations > 0 {
		x.creations--
	}
}

// Deleted tells that the deletion of the pod was seen, or failed.
func (e *Expectations) Deleted(key, pod string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x := e.byKey[key]; x != nil {
		x.deletions.Delete(pod)
	}
}

// Satisfied reports whether the cache shows all that was expected, or has had
// long enough.
func (e *Expectations) Satisfied(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.byKey[key]
	if x == nil {
		return true
	}
	return x.creations == 0 && x.deletions.Len() == 0 || e.clock.Since(x.since) > expectationsTimeout
}

// Forget drops what is expected of key, for its object is gone.
func (e *Expectations) Forget(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.byKey, key)
}
