package kubelet

// Upstream: pkg/kubelet/reason_cache.go

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/kubelet/kuberuntime"
)

// reasonCache remembers why containers could not be started.
type reasonCache struct {
	mu sync.Mutex
	m  map[reasonKey]kuberuntime.Failure
}

type reasonKey struct {
	pod  types.UID
	name string
}

func newReasonCache() *reasonCache { return &reasonCache{m: map[reasonKey]kuberuntime.Failure{}} }

// update learns from a sync.
func (c *reasonCache) update(uid types.UID, r *kuberuntime.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range r.Started {
		delete(c.m, reasonKey{uid, name})
	}
	for name, f := range r.Failed {
		c.m[reasonKey{uid, name}] = f
	}
}

func (c *reasonCache) get(uid types.UID, name string) (kuberuntime.Failure, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.m[reasonKey{uid, name}]
	return f, ok
}

// forget drops what is remembered of a pod.
func (c *reasonCache) forget(pod *corev1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.m {
		if key.pod == pod.UID {
			delete(c.m, key)
		}
	}
}
