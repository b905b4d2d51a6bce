package podgc

// Upstream: pkg/controller/podgc/gc_controller.go

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "pod-garbage-collector-controller"

const (
	period     = 20 * time.Second
	quarantine = 40 * time.Second
)

// Controller deletes pods that nobody else will.
type Controller struct {
	cc        controller.Context
	threshold int // ended pods that may stay; 0 is any number
	pods      client.Informer[*corev1.Pod]
	nodes     client.Informer[*corev1.Node]
	podAPI    client.Of[*corev1.Pod]
	nodeAPI   client.Of[*corev1.Node]
	missing   map[string]time.Time // nodes that pods name but the cache does not have, and since when
}

// New returns the controller; threshold is how many ended pods may stay.
func New(cc controller.Context, threshold int) (*Controller, error) {
	return &Controller{
		cc: cc, threshold: threshold,
		pods:    client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		nodes:   client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		podAPI:  client.For[*corev1.Pod](cc.Client),
		nodeAPI: client.For[*corev1.Node](cc.Client),
		missing: map[string]time.Time{},
	}, nil
}

// Name returns the controller's name.
func (c *Controller) Name() string { return Name }

// Run collects garbage every 20 seconds until ctx is done.
func (c *Controller) Run(ctx context.Context) error {
	if err := c.cc.Informers.Synced(ctx); err != nil {
		return nil // asked to stop before the caches were full
	}
	tick := c.cc.Clock.NewTicker(period)
	defer tick.Stop()
	for {
		c.collect(ctx)
		select {
		case <-tick.C():
		case <-ctx.Done():
			return nil
		}
	}
}

// collect is one round.
func (c *Controller) collect(ctx context.Context) {
	pods := c.pods.List("", nil)
	gone := c.goneNodes(ctx, pods)
	for _, pod := range pods {
		switch {
		case gone[pod.Spec.NodeName]:
			c.remove(ctx, pod, orphan())
		case pod.DeletionTimestamp != nil && pod.Spec.NodeName == "":
			c.remove(ctx, pod, nil)
		case pod.DeletionTimestamp != nil && c.outOfService(pod.Spec.NodeName):
			c.remove(ctx, pod, nil)
		}
	}
	for _, pod := range excess(pods, c.threshold) {
		c.remove(ctx, pod, nil)
	}
}

// goneNodes is the set of nodes that pods name, that have been missing for long
// enough, and that the API does not have either.
func (c *Controller) goneNodes(ctx context.Context, pods []*corev1.Pod) map[string]bool {
	now, missing, gone := c.cc.Clock.Now(), map[string]time.Time{}, map[string]bool{}
	for _, pod := range pods {
		name := pod.Spec.NodeName
		if _, ok := c.nodes.Get("", name); ok || name == "" {
			continue
		}
		if _, seen := missing[name]; seen {
			continue
		}
		missing[name] = now
		if since, ok := c.missing[name]; ok {
			missing[name] = since
		}
		if now.Sub(missing[name]) >= quarantine {
			_, err := c.nodeAPI.Get(ctx, "", name)
			gone[name] = apierrors.IsNotFound(err)
		}
	}
	c.missing = missing
	return gone
}

func (c *Controller) outOfService(name string) bool {
	n, ok := c.nodes.Get("", name)
	return ok && !isReady(n) && slices.ContainsFunc(n.Spec.Taints, func(t corev1.Taint) bool { return t.Key == corev1.TaintNodeOutOfService })
}

func isReady(n *corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// excess is the ended pods beyond the threshold: evicted ones first, then the
// oldest.
func excess(pods []*corev1.Pod, threshold int) []*corev1.Pod {
	var ended []*corev1.Pod
	for _, pod := range pods {
		if controller.HasEnded(pod) {
			ended = append(ended, pod)
		}
	}
	if threshold <= 0 || len(ended) <= threshold {
		return nil
	}
	slices.SortFunc(ended, func(a, b *corev1.Pod) int {
		return cmp.Or(notEvicted(a)-notEvicted(b), a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return ended[:len(ended)-threshold]
}

func notEvicted(pod *corev1.Pod) int {
	if pod.Status.Phase == corev1.PodFailed && pod.Status.Reason == "Evicted" {
		return 0
	}
	return 1
}

// orphan is the condition of a pod whose node is gone.
func orphan() *corev1.PodCondition {
	return &corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue,
		Reason: "DeletionByPodGC", Message: "PodGC: node no longer exists",
	}
}

// remove marks a pod that has not ended as Failed, and deletes it at once.
func (c *Controller) remove(ctx context.Context, pod *corev1.Pod, why *corev1.PodCondition) {
	if err := c.markFailed(ctx, pod, why); err != nil && !apierrors.IsNotFound(err) {
		c.cc.Log.Warn("pod not marked as failed", "pod", controller.Key(pod), "err", err)
		return
	}
	now := int64(0)
	err := c.podAPI.Delete(ctx, pod.Namespace, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now, Preconditions: metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if err != nil && !apierrors.IsNotFound(err) {
		c.cc.Log.Warn("pod not deleted", "pod", controller.Key(pod), "err", err)
		return
	}
	c.cc.Log.Info("PodGC is force deleting Pod", "pod", controller.Key(pod))
}

func (c *Controller) markFailed(ctx context.Context, pod *corev1.Pod, why *corev1.PodCondition) error {
	if controller.HasEnded(pod) {
		return nil
	}
	status := map[string]any{"phase": corev1.PodFailed}
	if why != nil {
		cond := *why
		cond.LastTransitionTime = metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy()
		cond.ObservedGeneration = pod.Generation
		status["conditions"] = []corev1.PodCondition{cond}
	}
	data, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID}, "status": status})
	if err != nil {
		return fmt.Errorf("mark %s: %w", controller.Key(pod), err)
	}
	_, err = c.podAPI.Patch(ctx, pod.Namespace, pod.Name, types.StrategicMergePatchType, data, "status")
	return err
}
