package cri

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// A Ledger keeps the books of a runtime: its sandboxes and containers, their
// states and times, and the events that tell of each change. It runs nothing.
// Its methods are safe for concurrent use.
type Ledger struct {
	now func() time.Time

	mu         sync.Mutex
	sandboxes  map[string]*sandboxEntry
	containers map[string]*containerEntry
	reports    map[int]func(*v1.ContainerEventResponse)
	seq        int64 // the order of creation, for equal times
}

type sandboxEntry struct {
	id, handler string
	cfg         *v1.PodSandboxConfig
	network     *v1.PodSandboxNetworkStatus
	state       v1.PodSandboxState
	created     time.Time
	seq         int64
}

type containerEntry struct {
	id, sandbox, imageRef      string
	cfg                        *v1.ContainerConfig
	logPath                    string
	state                      v1.ContainerState
	created, started, finished time.Time
	seq                        int64
	exit                       Exit
	resources                  *v1.ContainerResources
}

// Exit says how a container ended.
type Exit struct {
	Code            int32
	Reason, Message string
}

// Completed is the exit of that code with the reason that upstream gives it.
func Completed(code int32) Exit {
	if code == 0 {
		return Exit{Reason: "Completed"}
	}
	return Exit{Code: code, Reason: "Error"}
}

// NewLedger returns an empty ledger that dates its entries by now.
func NewLedger(now func() time.Time) *Ledger {
	return &Ledger{
		now:        now,
		sandboxes:  map[string]*sandboxEntry{},
		containers: map[string]*containerEntry{},
		reports:    map[int]func(*v1.ContainerEventResponse){},
	}
}

// NewID returns a name for a sandbox or container that nobody else has.
func NewID() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// AddSandbox enters a sandbox that is ready.
func (l *Ledger) AddSandbox(id string, cfg *v1.PodSandboxConfig, handler string, network *v1.PodSandboxNetworkStatus) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	l.sandboxes[id] = &sandboxEntry{id: id, handler: handler, cfg: cfg, network: network, created: l.now(), seq: l.seq}
	l.tell(v1.ContainerEventType_CONTAINER_STARTED_EVENT, id, id)
}

// StopSandbox notes that the sandbox is not ready any more.
func (l *Ledger) StopSandbox(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.sandboxes[id]
	if !ok || s.state == v1.PodSandboxState_SANDBOX_NOTREADY {
		return
	}
	s.state = v1.PodSandboxState_SANDBOX_NOTREADY
	l.tell(v1.ContainerEventType_CONTAINER_STOPPED_EVENT, id, id)
}

// RemoveSandbox strikes out the sandbox and its containers.
func (l *Ledger) RemoveSandbox(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for cid, c := range l.containers {
		if c.sandbox == id {
			delete(l.containers, cid)
		}
	}
	if _, ok := l.sandboxes[id]; ok {
		l.tell(v1.ContainerEventType_CONTAINER_DELETED_EVENT, id, id)
		delete(l.sandboxes, id)
	}
}

// AddContainer enters a container that has been created in a ready sandbox.
func (l *Ledger) AddContainer(id, sandbox, imageRef string, cfg *v1.ContainerConfig) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.sandboxes[sandbox]
	if !ok {
		return fmt.Errorf("sandbox %q: %w", sandbox, ErrNotFound)
	}
	if s.state != v1.PodSandboxState_SANDBOX_READY {
		return fmt.Errorf("sandbox container %q is not running", sandbox)
	}
	l.seq++
	c := &containerEntry{id: id, sandbox: sandbox, imageRef: imageRef, cfg: cfg, created: l.now(), seq: l.seq}
	c.resources = &v1.ContainerResources{Linux: cfg.GetLinux().GetResources()}
	if dir := s.cfg.GetLogDirectory(); dir != "" && cfg.GetLogPath() != "" {
		c.logPath = dir + "/" + cfg.GetLogPath()
	}
	l.containers[id] = c
	l.tell(v1.ContainerEventType_CONTAINER_CREATED_EVENT, id, sandbox)
	return nil
}

// Start notes that the container runs; it must have been created and not started.
func (l *Ledger) Start(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.containers[id]
	if !ok {
		return fmt.Errorf("container %q: %w", id, ErrNotFound)
	}
	if c.state != v1.ContainerState_CONTAINER_CREATED {
		return fmt.Errorf("container %q is in %v state, not in CONTAINER_CREATED", id, c.state)
	}
	c.state, c.started = v1.ContainerState_CONTAINER_RUNNING, l.now()
	l.tell(v1.ContainerEventType_CONTAINER_STARTED_EVENT, id, c.sandbox)
	return nil
}

// Exited notes that the container ended, once.
func (l *Ledger) Exited(id string, e Exit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.containers[id]
	if !ok || c.state == v1.ContainerState_CONTAINER_EXITED {
		return
	}
	if c.started.IsZero() {
		c.started = l.now()
	}
	c.state, c.finished, c.exit = v1.ContainerState_CONTAINER_EXITED, l.now(), e
	l.tell(v1.ContainerEventType_CONTAINER_STOPPED_EVENT, id, c.sandbox)
}

// RemoveContainer strikes out the container.
func (l *Ledger) RemoveContainer(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.containers[id]; ok {
		delete(l.containers, id)
		l.tell(v1.ContainerEventType_CONTAINER_DELETED_EVENT, id, c.sandbox)
	}
}

// SetResources notes the container's new resources.
func (l *Ledger) SetResources(id string, res *v1.ContainerResources) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.containers[id]
	if !ok {
		return fmt.Errorf("container %q: %w", id, ErrNotFound)
	}
	c.resources = res
	return nil
}

// Follow calls report for each change until ctx is done. It is called with the
// ledger locked: it must neither block nor use the ledger.
func (l *Ledger) Follow(ctx context.Context, report func(*v1.ContainerEventResponse)) error {
	l.mu.Lock()
	l.seq++
	key := int(l.seq)
	l.reports[key] = report
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.reports, key)
	return nil
}

// tell reports a change. mu is held.
func (l *Ledger) tell(what v1.ContainerEventType, id, sandbox string) {
	if len(l.reports) == 0 {
		return
	}
	e := &v1.ContainerEventResponse{ContainerId: id, ContainerEventType: what, CreatedAt: l.now().UnixNano()}
	if s, ok := l.sandboxes[sandbox]; ok {
		e.PodSandboxStatus = s.status()
	}
	for _, c := range l.containers {
		if c.sandbox == sandbox {
			e.ContainersStatuses = append(e.ContainersStatuses, c.status())
		}
	}
	for _, report := range l.reports {
		report(e)
	}
}
