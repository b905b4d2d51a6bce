package status

// Upstream: pkg/kubelet/status/status_manager.go

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/kubelet/container"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// Pods is what the manager asks of those who know the pods.
type Pods interface {
	// OnServer returns the pod as the API server last told it: for a static pod
	// its mirror pod. uid is the pod's own.
	OnServer(uid types.UID) (*corev1.Pod, bool)
	// CouldHaveRunningContainers reports whether something of the pod may still run.
	CouldHaveRunningContainers(uid types.UID) bool
}

// Config is what a manager works with.
type Config struct {
	API   client.Interface
	Pods  Pods
	Clock clock.Clock
	Log   *slog.Logger
	Trace *trace.Recorder
	Who   string // the kubelet's name
	Node  string
	// Opened reports whether the API server is there, and when that changes; nil: it is.
	Opened func() (open bool, changed <-chan struct{})
}

// Manager keeps the statuses of a node's pods and sends them.
type Manager struct {
	Config

	mu      sync.Mutex
	ctx     context.Context // of Run; nil before
	wg      sync.WaitGroup
	entries map[types.UID]*entry
}

// entry is what is known of one pod. version counts its statuses.
type entry struct {
	pod           *corev1.Pod // as given with the status
	status        corev1.PodStatus
	version, sent int64
	finished      bool // its termination is complete
	sending       bool
	latest        *corev1.Pod // the server's answer to our last patch
}

// New returns a manager that knows of no pods.
func New(cfg Config) *Manager { return &Manager{Config: cfg, entries: map[types.UID]*entry{}} }

// Run sends statuses until ctx is done; then it sends what is left, once.
func (m *Manager) Run(ctx context.Context) error {
	m.mu.Lock()
	m.ctx = ctx
	for uid := range m.entries {
		m.send(uid)
	}
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.ctx = nil // nothing new begins
	m.mu.Unlock()
	m.wg.Wait()
	return nil
}

// Get returns the pod's newest status, which must not be changed.
func (m *Manager) Get(uid types.UID) (corev1.PodStatus, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[uid]
	if !ok {
		return corev1.PodStatus{}, false
	}
	return e.status, true
}

// SetPodStatus keeps the pod's status and sends it if it is news.
func (m *Manager) SetPodStatus(pod *corev1.Pod, st corev1.PodStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.update(pod, *st.DeepCopy(), false)
}

// update is called with mu held; st becomes the manager's.
func (m *Manager) update(pod *corev1.Pod, st corev1.PodStatus, finished bool) {
	e, ok := m.entries[pod.UID]
	if !ok {
		e = &entry{}
		e.status = *pod.Status.DeepCopy()
		m.entries[pod.UID] = e
	}
	e.pod = pod
	m.stamp(pod, &e.status, &st)
	if ok && finished == e.finished && apiequality.Semantic.DeepEqual(e.status, st) {
		return
	}
	e.status, e.finished = st, e.finished || finished
	e.version++
	m.send(pod.UID)
}

// stamp gives a new status the times that the old one had where nothing changed.
func (m *Manager) stamp(pod *corev1.Pod, old, st *corev1.PodStatus) {
	now := metav1.NewTime(m.Clock.Now()).Rfc3339Copy()
	for i := range st.Conditions {
		c := &st.Conditions[i]
		if !c.LastTransitionTime.IsZero() {
			continue
		}
		c.LastTransitionTime = now
		if j := slices.IndexFunc(old.Conditions, func(o corev1.PodCondition) bool { return o.Type == c.Type }); j >= 0 && old.Conditions[j].Status == c.Status && !old.Conditions[j].LastTransitionTime.IsZero() {
			c.LastTransitionTime = old.Conditions[j].LastTransitionTime
		}
	}
	if old.StartTime != nil {
		st.StartTime = old.StartTime
	} else if st.StartTime == nil {
		st.StartTime = &now
	}
	st.ObservedGeneration = pod.Generation
	normalize(st)
}

// normalize cuts times to what the API keeps: seconds.
func normalize(st *corev1.PodStatus) {
	cut := func(t *metav1.Time) { *t = t.Rfc3339Copy() }
	state := func(s *corev1.ContainerState) {
		if s.Running != nil {
			cut(&s.Running.StartedAt)
		}
		if s.Terminated != nil {
			cut(&s.Terminated.StartedAt)
			cut(&s.Terminated.FinishedAt)
		}
	}
	for _, list := range [][]corev1.ContainerStatus{st.InitContainerStatuses, st.ContainerStatuses, st.EphemeralContainerStatuses} {
		for i := range list {
			state(&list[i].State)
			state(&list[i].LastTerminationState)
		}
	}
}

// SetContainerReadiness notes what a readiness probe found, and what follows for the pod.
func (m *Manager) SetContainerReadiness(uid types.UID, id container.ID, ready bool) {
	m.change(uid, id, func(c *corev1.ContainerStatus) bool { return set(&c.Ready, ready) })
}

// SetContainerStarted notes that a startup probe succeeded, or not yet.
func (m *Manager) SetContainerStarted(uid types.UID, id container.ID, started bool) {
	m.change(uid, id, func(c *corev1.ContainerStatus) bool {
		if c.Started != nil && *c.Started == started {
			return false
		}
		c.Started = &started
		return true
	})
}

func set(b *bool, to bool) (changed bool) {
	changed = *b != to
	*b = to
	return changed
}

func (m *Manager) change(uid types.UID, id container.ID, how func(*corev1.ContainerStatus) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[uid]
	if !ok {
		return
	}
	st := *e.status.DeepCopy()
	c := byID(&st, id.String())
	if c == nil || !how(c) {
		return
	}
	all := slices.Concat(st.InitContainerStatuses, st.ContainerStatuses)
	replace(&st, PodReady(e.pod, st.Conditions, all, st.Phase))
	replace(&st, ContainersReady(e.pod, all, st.Phase))
	replace(&st, Initialized(e.pod, all, st.Phase))
	m.update(e.pod, st, false)
}

func byID(st *corev1.PodStatus, id string) *corev1.ContainerStatus {
	for _, list := range [][]corev1.ContainerStatus{st.ContainerStatuses, st.InitContainerStatuses} {
		for i := range list {
			if list[i].ContainerID == id {
				return &list[i]
			}
		}
	}
	return nil
}

func replace(st *corev1.PodStatus, c corev1.PodCondition) {
	i := slices.IndexFunc(st.Conditions, func(o corev1.PodCondition) bool { return o.Type == c.Type })
	if i < 0 {
		st.Conditions = append(st.Conditions, c)
	} else {
		st.Conditions[i] = c
	}
}

// TerminatePod notes that nothing of the pod is left on the node: containers
// without a known end ended badly, and the phase is a final one.
func (m *Manager) TerminatePod(pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	st := *pod.Status.DeepCopy()
	if e, ok := m.entries[pod.UID]; ok {
		st = *e.status.DeepCopy()
	}
	if hasInitialized(pod, &st) {
		endAll(st.ContainerStatuses)
	}
	endAll(initialized(st.InitContainerStatuses))
	if !kubetypes.IsStaticPod(pod) && !kubetypes.IsTerminal(st.Phase) {
		st.Phase = corev1.PodFailed
	}
	m.update(pod, st, true)
}

// Forget drops a pod that the API server does not have any more.
func (m *Manager) Forget(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, uid)
}

// Resend sends the pod's status again if the server's picture of it differs,
// as after somebody else wrote it.
func (m *Manager) Resend(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[uid]
	switch {
	case !ok:
	case e.sending: // perhaps to a mirror pod that has just been replaced
		e.version++
	case e.sent == e.version && m.differs(e, uid):
		e.version++
		m.send(uid)
	}
}

func (m *Manager) differs(e *entry, uid types.UID) bool {
	pod, ok := m.Pods.OnServer(uid)
	if !ok {
		return false
	}
	merged := merge(pod, e.status, m.Pods.CouldHaveRunningContainers(uid))
	return !apiequality.Semantic.DeepEqual(pod.Status, merged) || m.deletable(pod, e)
}

// retry is how long a failed patch waits.
const retry = 10 * time.Second
