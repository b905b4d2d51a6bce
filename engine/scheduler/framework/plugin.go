package framework

// Upstream: k8s.io/kube-scheduler/framework (interface.go)

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// MaxNodeScore is the best score a node can get from a plugin, after normalizing.
const MaxNodeScore int64 = 100

// A Plugin has a name, and implements one or more of the interfaces below.
type Plugin interface{ Name() string }

// A PreEnqueuePlugin may keep a pod out of the queue.
type PreEnqueuePlugin interface {
	Plugin
	PreEnqueue(ctx context.Context, pod *corev1.Pod) *Status
}

// A QueueSortPlugin orders the queue; a profile has exactly one.
type QueueSortPlugin interface {
	Plugin
	Less(a, b *QueuedPodInfo) bool
}

// A PreFilterPlugin looks at the pod once, before nodes are asked. It may refuse
// the pod altogether, name the only nodes worth asking (nil is all), or Skip:
// then its Filter is not asked either.
type PreFilterPlugin interface {
	Plugin
	PreFilter(ctx context.Context, state *CycleState, pod *corev1.Pod, nodes []*NodeInfo) (only map[string]bool, s *Status)
}

// A FilterPlugin says whether the pod may run on the node, and if not, why.
type FilterPlugin interface {
	Plugin
	Filter(ctx context.Context, state *CycleState, pod *corev1.Pod, node *NodeInfo) *Status
}

// A PostFilterPlugin is asked when no node was left: it may explain what else
// was tried.
type PostFilterPlugin interface {
	Plugin
	PostFilter(ctx context.Context, state *CycleState, pod *corev1.Pod, refused map[string]*Status, nodes []*NodeInfo) *Status
}

// A PreScorePlugin looks at the nodes that are left before they are scored, or
// Skips: then its Score is not asked either.
type PreScorePlugin interface {
	Plugin
	PreScore(ctx context.Context, state *CycleState, pod *corev1.Pod, nodes []*NodeInfo) *Status
}

// A ScorePlugin ranks the nodes that are left.
type ScorePlugin interface {
	Plugin
	Score(ctx context.Context, state *CycleState, pod *corev1.Pod, node *NodeInfo) (int64, *Status)
}

// A ScoreNormalizer maps its plugin's scores of all nodes to 0..MaxNodeScore.
type ScoreNormalizer interface {
	NormalizeScore(scores []int64)
}

// A BindPlugin writes where the pod runs.
type BindPlugin interface {
	Plugin
	Bind(ctx context.Context, pod *corev1.Pod, node string) *Status
}

// An Event is something that may make a refused pod schedulable.
type Event int

// The events, to be or-ed.
const (
	NodeAdded Event = 1 << iota
	NodeLabelChanged
	NodeTaintChanged
	NodeAllocatableChanged
	NodeUnscheduleableChanged
	AssignedPodDeleted
	PodChanged // the pod itself

	AnyEvent Event = 1<<iota - 1
)

// An EventsToRegister says what may make a pod schedulable that the plugin
// refused. A plugin without it is woken by anything.
type EventsToRegister interface{ Events() Event }

// CycleState carries values between a plugin's points in one scheduling cycle.
// It belongs to that cycle's goroutine.
type CycleState struct{ values map[string]any }

// NewCycleState returns an empty state.
func NewCycleState() *CycleState { return &CycleState{map[string]any{}} }

// Write keeps a value under a key, by custom the plugin's name and the point.
func (s *CycleState) Write(key string, v any) { s.values[key] = v }

// Read returns the value of type T under key, or false.
func Read[T any](s *CycleState, key string) (v T, ok bool) {
	v, ok = s.values[key].(T)
	return v, ok
}
