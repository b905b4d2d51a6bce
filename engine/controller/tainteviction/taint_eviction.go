package tainteviction

// Upstream: pkg/controller/tainteviction/taint_eviction.go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

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
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{
		cc:    cc,
		pods:  client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		nodes: client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		api:   client.For[*corev1.Pod](cc.Client),
	}
	c.Loop = controller.NewLoop(Name, cc, 4, c.sync)
	return c, errors.Join(
		c.pods.AddIndex("spec.nodeName", func(p *corev1.Pod) []string { return []string{p.Spec.NodeName} }),
		controller.Watch(c.Loop, c.pods, client.Handler[*corev1.Pod]{Add: c.podAdded, Update: c.podUpdated}),
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
	if !ok || pod.DeletionTimestamp != nil {
		return nil
	}
	node, ok := c.nodes.Get("", pod.Spec.NodeName)
	if !ok {
		return nil
	}
	due, evicted := dueAt(pod, noExecute(node))
	if !evicted {
		return nil
	}
	if wait := due.Sub(c.cc.Clock.Now()); wait > 0 {
		c.EnqueueAfter(key, wait)
		return nil
	}
	return c.evict(ctx, pod)
}

// dueAt is when the pod must leave a node with these taints; ok is false if it
// may stay.
func dueAt(pod *corev1.Pod, taints []corev1.Taint) (due time.Time, ok bool) {
	for i := range taints {
		until, forever := toleratedUntil(pod, &taints[i])
		if !forever && (!ok || until.Before(due)) {
			due, ok = until, true
		}
	}
	return due, ok
}

// toleratedUntil is when the pod's patience with one taint ends: the shortest
// that any matching toleration names.
func toleratedUntil(pod *corev1.Pod, taint *corev1.Taint) (until time.Time, forever bool) {
	var added time.Time
	if taint.TimeAdded != nil {
		added = taint.TimeAdded.Time
	}
	matched, patience := false, time.Duration(-1)
	for _, t := range pod.Spec.Tolerations {
		if !tolerates(&t, taint) {
			continue
		}
		matched = true
		if t.TolerationSeconds != nil {
			d := time.Duration(max(0, *t.TolerationSeconds)) * time.Second
			if patience < 0 || d < patience {
				patience = d
			}
		}
	}
	if !matched {
		return added, false
	}
	return added.Add(max(0, patience)), patience < 0
}

func tolerates(t *corev1.Toleration, taint *corev1.Taint) bool {
	if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
		return false
	}
	return t.Operator == corev1.TolerationOpExists || (t.Operator == "" || t.Operator == corev1.TolerationOpEqual) && t.Value == taint.Value && t.Key != ""
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
