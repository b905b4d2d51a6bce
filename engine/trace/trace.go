package trace

import (
	"sync"
	"time"
)

// A Step names one station of an object's journey through the cluster.
type Step string

// The steps of a pod's journey, in the order of the pod's way through the house.
const (
	Authenticated Step = "authenticated" // kube-apiserver knows who asks
	Authorized    Step = "authorized"    // and that they may
	Decoded       Step = "decoded"       // body read and defaulted
	Mutated       Step = "mutated"       // mutating admission done
	Prepared      Step = "prepared"      // registry: prepared and validated
	Admitted      Step = "admitted"      // validating admission done
	Stored        Step = "stored"        // storage hands it to etcd
	Committed     Step = "committed"     // etcd made the revision durable
	Queued        Step = "queued"        // scheduler queue
	Filtered      Step = "filtered"      // one node refused, or the count of nodes that fit
	Scored        Step = "scored"        // best node chosen
	Bound         Step = "bound"         // binding written
	Observed      Step = "observed"      // kubelet saw its node's name
	Mounted       Step = "mounted"       // volumes ready
	Attached      Step = "attached"      // the network gave the sandbox its address
	Sandboxed     Step = "sandboxed"     // infra container runs
	Pulled        Step = "pulled"        // image present
	Started       Step = "started"       // a container runs
	Exited        Step = "exited"        // a container ended
	Noticed       Step = "noticed"       // PLEG saw a change in the runtime
	Reported      Step = "reported"      // kubelet patched the status
	Sliced        Step = "sliced"        // EndpointSlice written
	Programmed    Step = "programmed"    // kube-proxy's table of a node changed
	Resolved      Step = "resolved"      // coredns answered a name
	Connected     Step = "connected"     // a connection was made, and to whom
	Reconciled    Step = "reconciled"    // a controller acted
	Removed       Step = "removed"       // an object or sandbox is gone
)

// A Ref names the object a record is about; fields may be empty.
type Ref struct {
	Resource  string `json:"resource,omitempty"` // plural, "pods"
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

// A Record is one thing that happened.
type Record struct {
	Seq      uint64    `json:"seq"`  // 1, 2, 3, ...: a gap tells a follower what it missed
	Time     time.Time `json:"time"` // of the cluster's clock
	Who      string    `json:"who"`  // the component, as "kube-scheduler"
	Node     string    `json:"node,omitempty"`
	Step     Step      `json:"step"`
	Object   Ref       `json:"object"`
	Revision int64     `json:"revision,omitempty"` // of the store, where one was made
	Words    string    `json:"words,omitempty"`    // what happened, in plain English
}

// A Clock tells the cluster's time.
type Clock interface{ Now() time.Time }

// A Recorder keeps the newest records. Its methods are safe for concurrent
// use, and a nil *Recorder is a recorder that keeps nothing.
type Recorder struct {
	clock Clock

	mu   sync.Mutex
	seq  uint64
	ring []Record // ring[seq%len] is the oldest once full
	wake chan struct{}
}

// New returns a recorder that keeps the newest size records.
func New(clock Clock, size int) *Recorder {
	return &Recorder{clock: clock, ring: make([]Record, size), wake: make(chan struct{})}
}

// Emit keeps r, numbering and dating it.
func (t *Recorder) Emit(r Record) {
	if t == nil {
		return
	}
	r.Time = t.clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seq++
	r.Seq = t.seq
	t.ring[t.seq%uint64(len(t.ring))] = r
	close(t.wake)
	t.wake = make(chan struct{})
}

// Since returns the records kept with Seq > after, oldest first, and a channel
// that is closed when there are more.
func (t *Recorder) Since(after uint64) ([]Record, <-chan struct{}) {
	if t == nil {
		return nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if kept := uint64(len(t.ring)); t.seq > kept {
		after = max(after, t.seq-kept)
	}
	var out []Record
	for s := after + 1; s <= t.seq; s++ {
		out = append(out, t.ring[s%uint64(len(t.ring))])
	}
	return out, t.wake
}
