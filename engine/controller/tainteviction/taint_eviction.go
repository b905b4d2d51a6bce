package tainteviction

// Upstream: pkg/controller/tainteviction/taint_eviction.go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "taint-eviction-controller"

// Controller evicts by taint.
type Controller struct {
	*controller.Loop
	cc    controller.Context
	pods  client.Informer[*corev1.Pod]
	nodes client.Informer[*corev1.Node]
	api   client.Of[*corev1.Pod]

	mu      sync.Mutex
	pending map[string]time.Time // pods to evict later, and since when
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{
		cc:    cc,
		pods:  client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		nodes: client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		api:   client.For[*corev1.Pod](cc.Client),

		pending: map[string]time.Time{},
	}
	c.Loop = controller.NewLoop(Name, cc, 4, c.sync)
	return c, errors.Join(
		c.pods.AddIndex("spec.nodeName", func(p *corev1.Pod) []string { return []string{p.Spec.NodeName} }),
		controller.Watch(c.Loop, c.pods, client.Handler[*corev1.Pod]{Add: c.podAdded, Update: c.podUpdated, Delete: c.podAdded}),
		controller.Watch(c.Loop, c.nodes, client.Handler[*corev1.Node]{Add: c.ofNode, Update: c.nodeUpdated}),
	)
}

func (c *Controller) podAdded(pod *corev1.Pod) {
	if pod.Spec.NodeName != "" {
		c.Enqueue(pod)
	}
}

func (c *Controller) podUpdated(old, pod *corev1.Pod) {
	if old.Spec.NodeName != pod.Spec.NodeName || !equality.Semantic.DeepEqual(old.Spec.Tolerations, pod.Spec.Tolerations) {
		c.podAdded(pod)
	}
}

func (c *Controller) ofNode(node *corev1.Node) {
	for _, pod := range c.pods.Indexed("spec.nodeName", node.Name) {
		c.Enqueue(pod)
	}
}

func (c *Controller) nodeUpdated(old, node *corev1.Node) {
	if !equality.Semantic.DeepEqual(noExecute(old), noExecute(node)) {
		c.ofNode(node)
	}
}

func noExecute(node *corev1.Node) (out []corev1.Taint) {
	for _, t := range node.Spec.Taints {
		if t.Effect == corev1.TaintEffectNoExecute {
			out = append(out, t)
		}
	}
	return out
}

// sync evicts one pod, or comes back when it is time.
func (c *Controller) sync(ctx context.Context, key string) error {
	pod, ok := c.pods.ByKey(key)
	if !ok {
		c.cancel(key)
		return nil
	}
	node, ok := c.nodes.Get("", pod.Spec.NodeName)
	if !ok || pod.DeletionTimestamp != nil {
		return nil
	}
	patience, forever := toleratesFor(pod, noExecute(node))
	switch {
	case forever:
		c.cancel(key)
		return nil
	case patience == 0:
		c.cancel(key)
		return c.evict(ctx, pod)
	}
	if left := c.left(key, patience); left > 0 {
		c.EnqueueAfter(key, left)
		return nil
	}
	if err := c.evict(ctx, pod); err != nil {
		return err
	}
	c.forget(key) // only now: a failed eviction must not wait all over again
	return nil
}

// left is how much of its patience the pod has left. It counts from when the
// taint was first seen, for as long as there is any that it tolerates only for
// a while.
func (c *Controller) left(key string, patience time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cc.Clock.Now()
	since, ok := c.pending[key]
	if !ok {
		since = now
		c.pending[key] = now
	}
	return since.Add(patience).Sub(now)
}

// forget drops a pending eviction, and reports whether there was one.
func (c *Controller) forget(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.pending[key]
	delete(c.pending, key)
	return ok
}

// cancel drops a pending eviction, and tells so. The pod may be gone.
func (c *Controller) cancel(key string) {
	if !c.forget(key) {
		return
	}
	ns, name := controller.SplitKey(key)
	ref := &corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: ns, Name: name}
	c.cc.Events.Eventf(ref, corev1.EventTypeNormal, "TaintManagerEviction", "Cancelling deletion of Pod %s", key)
}

// toleratesFor is how long the pod tolerates all of the taints together: not at
// all if it does not tolerate one, else the shortest time that any of the
// tolerations in use names.
func toleratesFor(pod *corev1.Pod, taints []corev1.Taint) (patience time.Duration, forever bool) {
	forever = true
	for i := range taints {
		p, always := toleratesOne(pod, &taints[i])
		if !always && (forever || p < patience) {
			patience, forever = p, false
		}
	}
	return patience, forever
}

func toleratesOne(pod *corev1.Pod, taint *corev1.Taint) (patience time.Duration, forever bool) {
	for i := range pod.Spec.Tolerations {
		t := &pod.Spec.Tolerations[i]
		if !t.ToleratesTaint(klog.Background(), taint, false) {
			continue
		}
		// The first that matches is the one in use.
		if t.TolerationSeconds == nil {
			return 0, true
		}
		return time.Duration(max(0, *t.TolerationSeconds)) * time.Second, false
	}
	return 0, false
}

// evict says in the pod's status why it goes, and deletes it.
func (c *Controller) evict(ctx context.Context, pod *corev1.Pod) error {
	c.cc.Events.Eventf(pod, corev1.EventTypeNormal, "TaintManagerEviction", "Marking for deletion Pod %s", controller.Key(pod))
	data, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID},
		"status": map[string]any{"conditions": []corev1.PodCondition{{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, ObservedGeneration: pod.Generation,
			Reason: "DeletionByTaintManager", Message: "Taint manager: deleting due to NoExecute taint",
			LastTransitionTime: metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy(),
		}}},
	})
	if err != nil {
		return fmt.Errorf("evict %s: %w", controller.Key(pod), err)
	}
	if _, err := c.api.Patch(ctx, pod.Namespace, pod.Name, types.StrategicMergePatchType, data, "status"); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("evict %s: %w", controller.Key(pod), err)
	}
	err = c.api.Delete(ctx, pod.Namespace, pod.Name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("evict %s: %w", controller.Key(pod), err)
	}
	return nil
}
