package daemon

// Upstream: pkg/controller/daemon/daemon_controller.go (podsShouldBeOnNode and the event handlers)

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/controller"
)

// onNode decides what is to be done on one node.
func (c *Controller) onNode(ds *appsv1.DaemonSet, node *corev1.Node, pods []*corev1.Pod, hash string) (create bool, remove []*corev1.Pod) {
	start, stay := fits(ds, node)
	if start && len(pods) == 0 {
		return true, nil
	}
	if !stay {
		for _, pod := range pods {
			if pod.DeletionTimestamp == nil {
				remove = append(remove, pod)
			}
		}
		return false, remove
	}
	running, ended := c.split(ds, node, pods)
	if maxSurge(ds, 1) == 0 {
		return false, append(ended, allButOldest(running)...)
	}
	return start && len(running) == 0, append(ended, c.surplus(ds, running, hash)...)
}

// split sorts out the pods that have ended and may be replaced. A pod that fails
// again and again, for the kubelet refuses it say, is replaced ever more slowly.
func (c *Controller) split(ds *appsv1.DaemonSet, node *corev1.Node, pods []*corev1.Pod) (running, ended []*corev1.Pod) {
	for _, pod := range pods {
		switch {
		case pod.DeletionTimestamp != nil:
		case pod.Status.Phase == corev1.PodFailed:
			key := string(ds.UID) + "/" + node.Name
			if c.failed.IsInBackOffSinceUpdate(key, c.cc.Clock.Now()) {
				c.EnqueueAfter(controller.Key(ds), c.failed.Get(key))
				continue
			}
			c.failed.Next(key, c.cc.Clock.Now())
			c.cc.Events.Eventf(ds, corev1.EventTypeWarning, "FailedDaemonPod", "Found failed daemon pod %s/%s on node %s, will try to kill it", pod.Namespace, pod.Name, node.Name)
			ended = append(ended, pod)
		case pod.Status.Phase == corev1.PodSucceeded:
			c.cc.Events.Eventf(ds, corev1.EventTypeNormal, "SucceededDaemonPod", "Found succeeded daemon pod %s/%s on node %s, will try to delete it", pod.Namespace, pod.Name, node.Name)
			ended = append(ended, pod)
		default:
			running = append(running, pod)
		}
	}
	return running, ended
}

// allButOldest is the pods beyond the first on a node, those on a node for
// longest last to go.
func allButOldest(pods []*corev1.Pod) []*corev1.Pod {
	if len(pods) <= 1 {
		return nil
	}
	sortByAge(pods)
	return pods[1:]
}

// sortByAge puts pods that have a node first, and of those the oldest.
func sortByAge(pods []*corev1.Pod) {
	slices.SortStableFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(cmp.Compare(bit(a.Spec.NodeName == ""), bit(b.Spec.NodeName == "")), a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// surplus is what a node has too much of while surging: it may have a new pod
// that is not available yet beside an old one that is, and nothing else.
func (c *Controller) surplus(ds *appsv1.DaemonSet, pods []*corev1.Pod, hash string) (remove []*corev1.Pod) {
	if len(pods) <= 1 {
		return nil
	}
	sortByAge(pods)
	var fresh, old *corev1.Pod
	for _, pod := range pods {
		switch updated := isUpdated(ds, pod, hash); {
		case updated && fresh == nil:
			fresh = pod
		case !updated && old == nil:
			old = pod
		default:
			remove = append(remove, pod)
		}
	}
	if fresh != nil && old != nil && (c.available(ds, fresh) || !controller.IsReady(old)) {
		remove = append(remove, old)
	}
	return remove
}

// isUpdated reports whether the pod is of ds' template as it is now: by its hash,
// or by the number that templates once had.
func isUpdated(ds *appsv1.DaemonSet, pod *corev1.Pod, hash string) bool {
	generation := ds.Annotations[appsv1.DeprecatedTemplateGeneration]
	return hash != "" && pod.Labels[appsv1.DefaultDaemonSetUniqueLabelKey] == hash ||
		generation != "" && pod.Labels[templateGeneration] == generation
}

// owner returns the DaemonSet that controls pod.
func (c *Controller) owner(pod *corev1.Pod) (*appsv1.DaemonSet, bool) {
	ref := metav1.GetControllerOf(pod)
	if ref == nil || ref.Kind != kind().Kind {
		return nil, false
	}
	ds, ok := c.sets.Get(pod.Namespace, ref.Name)
	return ds, ok && ds.UID == ref.UID
}

func (c *Controller) podAdded(pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil {
		c.podDeleted(pod)
		return
	}
	if ds, ok := c.owner(pod); ok {
		c.expect.Created(controller.Key(ds))
		c.Enqueue(ds)
	}
}

func (c *Controller) podUpdated(_, pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil {
		c.podDeleted(pod)
		return
	}
	if ds, ok := c.owner(pod); ok {
		c.Enqueue(ds)
	}
}

func (c *Controller) podDeleted(pod *corev1.Pod) {
	if ds, ok := c.owner(pod); ok {
		c.expect.Deleted(controller.Key(ds), controller.Key(pod))
		c.Enqueue(ds)
	}
}

func (c *Controller) nodeAdded(*corev1.Node) {
	for _, ds := range c.sets.List("", nil) {
		c.Enqueue(ds)
	}
}

// nodeUpdated wakes the sets for which the change matters: heartbeats do not.
func (c *Controller) nodeUpdated(old, node *corev1.Node) {
	if equality.Semantic.DeepEqual(old.Labels, node.Labels) && equality.Semantic.DeepEqual(old.Spec.Taints, node.Spec.Taints) {
		return
	}
	c.nodeAdded(node)
}
