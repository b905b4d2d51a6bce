package endpointslice

// Upstream: k8s.io/endpointslice/util/trigger_time_tracker.go

import (
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/controller"
)

// triggers remembers, for each Service, the newest changes that its slices show,
// so that a slice can be annotated with the oldest change it did not show
// before. Whoever reads slices learns from that how late they came.
type triggers struct {
	mu   sync.Mutex
	seen map[string]changes // by key of the Service
}

// changes is when the Service was made and, by pod, when it last became ready
// or ceased to be.
type changes struct {
	service time.Time
	pods    map[string]time.Time
}

func newTriggers() *triggers { return &triggers{seen: map[string]changes{}} }

// oldest returns the oldest change since the last call for svc; zero if there
// was none.
func (t *triggers) oldest(svc *corev1.Service, pods []*corev1.Pod) (oldest time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.seen[controller.Key(svc)]
	is := changes{svc.CreationTimestamp.Time, map[string]time.Time{}}
	oldest = earlier(oldest, is.service, was.service)
	for _, pod := range pods {
		if c := controller.Condition(pod, corev1.PodReady); c != nil {
			is.pods[pod.Name] = c.LastTransitionTime.Time
			oldest = earlier(oldest, is.pods[pod.Name], was.pods[pod.Name])
		}
	}
	t.seen[controller.Key(svc)] = is
	return oldest
}

// earlier is the earlier of oldest and is, if is is a change since was.
func earlier(oldest, is, was time.Time) time.Time {
	if is.After(was) && (oldest.IsZero() || is.Before(oldest)) {
		return is
	}
	return oldest
}

func (t *triggers) forget(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, key)
}
