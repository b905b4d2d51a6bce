package cache

// Upstream: pkg/scheduler/backend/cache/cache.go, snapshot.go

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/scheduler/framework"
)

// Cache is safe for concurrent use.
type Cache struct {
	mu       sync.Mutex
	nodes    map[string]*framework.NodeInfo
	pods     map[types.UID]*corev1.Pod // as counted in nodes
	assumed  map[types.UID]bool
	snapshot []*framework.NodeInfo // nil after a change
}

// New returns an empty cache.
func New() *Cache {
	return &Cache{nodes: map[string]*framework.NodeInfo{}, pods: map[types.UID]*corev1.Pod{}, assumed: map[types.UID]bool{}}
}

// Snapshot returns the nodes as they are now, by name. It must not be changed.
func (c *Cache) Snapshot() []*framework.NodeInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snapshot == nil {
		c.snapshot = make([]*framework.NodeInfo, 0, len(c.nodes))
		for _, n := range c.nodes {
			if n.Node != nil {
				c.snapshot = append(c.snapshot, n)
			}
		}
		slices.SortFunc(c.snapshot, func(a, b *framework.NodeInfo) int { return cmp.Compare(a.Node.Name, b.Node.Name) })
	}
	return c.snapshot
}

// info returns the node of that name, new if need be. mu is held.
func (c *Cache) info(name string) *framework.NodeInfo {
	if n := c.nodes[name]; n != nil {
		return n
	}
	return framework.NewNodeInfo(nil)
}

// put replaces a node. mu is held.
func (c *Cache) put(name string, n *framework.NodeInfo) {
	c.snapshot = nil
	if n.Node == nil && len(n.Pods) == 0 {
		delete(c.nodes, name)
		return
	}
	c.nodes[name] = n
}

// SetNode adds or changes a node.
func (c *Cache) SetNode(node *corev1.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(node.Name, c.info(node.Name).WithNode(node))
}

// RemoveNode takes a node out; its pods stay counted until they go too.
func (c *Cache) RemoveNode(node *corev1.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(node.Name, c.info(node.Name).WithNode(nil))
}

// Assume counts the pod on the node that its spec names, before it is bound.
func (c *Cache) Assume(pod *corev1.Pod) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.pods[pod.UID]; ok {
		return fmt.Errorf("pod %v(%v/%v) is in the cache, so can't be assumed", pod.UID, pod.Namespace, pod.Name)
	}
	c.add(pod)
	c.assumed[pod.UID] = true
	return nil
}

// Forget takes an assumed pod out, for it could not be bound.
func (c *Cache) Forget(pod *corev1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.assumed[pod.UID] {
		c.remove(pod.UID)
	}
}

// SetPod counts a bound pod, or its new state.
func (c *Cache) SetPod(pod *corev1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(pod.UID)
	c.add(pod)
}

// RemovePod takes a pod out.
func (c *Cache) RemovePod(pod *corev1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(pod.UID)
}

// IsAssumed reports whether the pod was assumed and not yet seen bound.
func (c *Cache) IsAssumed(pod *corev1.Pod) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.assumed[pod.UID]
}

// add and remove keep pods and nodes in step. mu is held.
func (c *Cache) add(pod *corev1.Pod) {
	c.pods[pod.UID] = pod
	c.put(pod.Spec.NodeName, c.info(pod.Spec.NodeName).WithPod(pod))
}

func (c *Cache) remove(uid types.UID) {
	if old, ok := c.pods[uid]; ok {
		c.put(old.Spec.NodeName, c.info(old.Spec.NodeName).WithoutPod(old))
		delete(c.pods, uid)
	}
	delete(c.assumed, uid)
}
