package queue

import (
	"container/heap"

	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/scheduler/framework"
)

// pods is a heap of pods that can also be found by UID.
type pods struct {
	less  func(a, b *framework.QueuedPodInfo) bool
	items []*framework.QueuedPodInfo
	index map[types.UID]int
}

func newPods(less func(a, b *framework.QueuedPodInfo) bool) *pods {
	return &pods{less: less, index: map[types.UID]int{}}
}

func (h *pods) Len() int           { return len(h.items) }
func (h *pods) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }

func (h *pods) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.index[h.items[i].Pod.UID], h.index[h.items[j].Pod.UID] = i, j
}

// Push and Pop are for container/heap alone.
func (h *pods) Push(x any) {
	p := x.(*framework.QueuedPodInfo)
	h.index[p.Pod.UID] = len(h.items)
	h.items = append(h.items, p)
}

func (h *pods) Pop() any {
	last := len(h.items) - 1
	p := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	delete(h.index, p.Pod.UID)
	return p
}

func (h *pods) add(p *framework.QueuedPodInfo) { heap.Push(h, p) }

func (h *pods) first() *framework.QueuedPodInfo {
	if len(h.items) == 0 {
		return nil
	}
	return h.items[0]
}

func (h *pods) take() *framework.QueuedPodInfo { return heap.Pop(h).(*framework.QueuedPodInfo) }

// remove takes the pod of that UID out, and returns it or nil.
func (h *pods) remove(uid types.UID) *framework.QueuedPodInfo {
	i, ok := h.index[uid]
	if !ok {
		return nil
	}
	return heap.Remove(h, i).(*framework.QueuedPodInfo)
}
