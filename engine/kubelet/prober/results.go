package prober

// Upstream: pkg/kubelet/prober/results/results_manager.go

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/kubelet/container"
)

// A Result is what a probe found out about a container.
type Result int

// What a probe finds out.
const (
	Unknown Result = iota - 1
	Success
	Failure
)

func (r Result) String() string {
	switch r {
	case Success:
		return "Success"
	case Failure:
		return "Failure"
	}
	return "UNKNOWN"
}

// Results keeps the results of one kind of probe.
type Results struct {
	changed func(pod types.UID, id container.ID, r Result)

	mu sync.Mutex
	m  map[container.ID]Result
}

// NewResults returns an empty set; changed is told of each new result.
func NewResults(changed func(types.UID, container.ID, Result)) *Results {
	return &Results{changed: changed, m: map[container.ID]Result{}}
}

// Get returns the container's result, if there is one.
func (r *Results) Get(id container.ID) (Result, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.m[id]
	return v, ok
}

// Set keeps a result.
func (r *Results) Set(pod types.UID, id container.ID, v Result) {
	r.mu.Lock()
	was, ok := r.m[id]
	r.m[id] = v
	r.mu.Unlock()
	if !ok || was != v {
		r.changed(pod, id, v)
	}
}

// Remove forgets the container.
func (r *Results) Remove(id container.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.m, id)
}
