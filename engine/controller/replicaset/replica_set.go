package replicaset

// Upstream: pkg/controller/replicaset/replica_set.go

import (
	"context"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// The names of the two controllers.
const (
	Name            = "replicaset-controller"
	ReplicationName = "replicationcontroller-controller"
)

// burst is the most pods that one sync creates or deletes.
const burst = 500

// Controller keeps as many pods as each object of its kind asks for.
type Controller struct {
	*controller.Loop
	cc     controller.Context
	kind   workload
	pods   client.Informer[*corev1.Pod]
	podAPI client.Of[*corev1.Pod]
	verbs  controller.Pods
	expect *controller.Expectations
}

// New returns the controller of ReplicaSets.
func New(cc controller.Context) (*Controller, error) { return newController(Name, cc, replicaSets(cc)) }

// NewReplication returns the controller of ReplicationControllers.
func NewReplication(cc controller.Context) (*Controller, error) {
	return newController(ReplicationName, cc, replicationControllers(cc))
}

func newController(name string, cc controller.Context, kind workload) (*Controller, error) {
	c := &Controller{
		cc: cc, kind: kind,
		pods:   client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		podAPI: client.For[*corev1.Pod](cc.Client),
		verbs:  controller.NewPods(cc),
		expect: controller.NewExpectations(cc.Clock),
	}
	c.Loop = controller.NewLoop(name, cc, 5, c.sync)
	if err := kind.watch(c.Loop, c.changed, c.gone); err != nil {
		return nil, err
	}
	return c, controller.Watch(c.Loop, c.pods, client.Handler[*corev1.Pod]{
		Add: c.podAdded, Update: c.podUpdated, Delete: c.podDeleted,
	})
}

// changed enqueues rs. A new UID under an old name starts with a clean slate.
func (c *Controller) changed(old, rs *appsv1.ReplicaSet) {
	if old != nil && old.UID != rs.UID {
		c.expect.Forget(controller.Key(old))
	}
	c.Enqueue(rs)
}

func (c *Controller) gone(key string) {
	c.expect.Forget(key)
	c.EnqueueKey(key)
}

// sync makes the pods of one object as many as it asks for.
func (c *Controller) sync(ctx context.Context, key string) error {
	rs, ok := c.kind.lookup(key)
	if !ok {
		c.expect.Forget(key)
		return nil
	}
	act := c.expect.Satisfied(key)
	selector, err := metav1.LabelSelectorAsSelector(rs.Spec.Selector)
	if err != nil {
		return nil // validation does not let such a selector in; retrying would not mend it
	}
	mine, err := c.claim(ctx, rs, selector)
	if err != nil {
		return err
	}
	var failure error
	if act && rs.DeletionTimestamp == nil {
		failure = c.manage(ctx, key, rs, mine)
	}
	if err := c.report(ctx, rs, mine, failure); err != nil {
		return err
	}
	return failure
}

// claim returns the active pods that rs controls.
func (c *Controller) claim(ctx context.Context, rs *appsv1.ReplicaSet, selector labels.Selector) ([]*corev1.Pod, error) {
	var active []*corev1.Pod
	for _, pod := range c.pods.List(rs.Namespace, nil) {
		if controller.IsActive(pod) {
			active = append(active, pod)
		}
	}
	refs := controller.Refs[*corev1.Pod]{
		API: c.podAPI, Owner: rs, Kind: c.kind.kind, Selector: selector,
		Adoptable: controller.NotDeleted(rs, c.kind.fresh),
	}
	return refs.Claim(ctx, active)
}

// manage creates the pods that are missing, or deletes those too many.
func (c *Controller) manage(ctx context.Context, key string, rs *appsv1.ReplicaSet, mine []*corev1.Pod) error {
	missing := int(*rs.Spec.Replicas) - len(mine)
	switch {
	case missing > 0:
		return c.create(ctx, key, rs, min(missing, burst))
	case missing < 0:
		return c.delete(ctx, key, rs, c.victims(rs, mine, min(-missing, burst)))
	}
	return nil
}

func (c *Controller) create(ctx context.Context, key string, rs *appsv1.ReplicaSet, n int) error {
	c.expect.Expect(key, n)
	owner, ref := c.kind.object(rs), *metav1.NewControllerRef(rs, c.kind.kind)
	var tried atomic.Int32
	_, err := controller.SlowStart(n, func() error {
		tried.Add(1)
		_, err := c.verbs.Create(ctx, owner, ref, &rs.Spec.Template)
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return nil // the namespace takes everything with it
		}
		if err != nil {
			c.expect.Created(key) // it will never be seen
		}
		return err
	})
	for range n - int(tried.Load()) { // nor will those that were not even tried
		c.expect.Created(key)
	}
	return err
}

func (c *Controller) delete(ctx context.Context, key string, rs *appsv1.ReplicaSet, victims []*corev1.Pod) error {
	keys := make([]string, len(victims))
	for i, pod := range victims {
		keys[i] = controller.Key(pod)
	}
	c.expect.Expect(key, 0, keys...)
	owner := c.kind.object(rs)
	var failure error
	for _, pod := range victims {
		if err := c.verbs.Delete(ctx, owner, pod); err != nil {
			c.expect.Deleted(key, controller.Key(pod))
			if !apierrors.IsNotFound(err) {
				failure = err
			}
		}
	}
	return failure
}

// victims chooses n pods to delete. Pods of the other ReplicaSets with the same
// owner (the Deployment's) count in the rank, so that nodes stay balanced
// during a rolling update.
func (c *Controller) victims(rs *appsv1.ReplicaSet, mine []*corev1.Pod, n int) []*corev1.Pod {
	if n < len(mine) {
		perNode := map[string]int{}
		for _, pod := range c.related(rs) {
			perNode[pod.Spec.NodeName]++
		}
		mine = append([]*corev1.Pod(nil), mine...)
		controller.SortForDeletion(mine, func(p *corev1.Pod) int { return perNode[p.Spec.NodeName] }, c.cc.Clock.Now())
	}
	return mine[:n]
}

// related returns the active pods of all objects that share rs' controller.
func (c *Controller) related(rs *appsv1.ReplicaSet) (out []*corev1.Pod) {
	family := map[any]bool{rs.UID: true}
	if owner := metav1.GetControllerOf(rs); owner != nil {
		for _, other := range c.kind.inNS(rs.Namespace) {
			if ref := metav1.GetControllerOf(other); ref != nil && ref.UID == owner.UID {
				family[other.UID] = true
			}
		}
	}
	for _, pod := range c.pods.List(rs.Namespace, nil) {
		if ref := metav1.GetControllerOf(pod); ref != nil && family[ref.UID] && controller.IsActive(pod) {
			out = append(out, pod)
		}
	}
	return out
}

// report writes the status, if it changed, and comes back when pods that are
// ready now will have been so for minReadySeconds.
func (c *Controller) report(ctx context.Context, rs *appsv1.ReplicaSet, mine []*corev1.Pod, failure error) error {
	status, wait := calculateStatus(rs, mine, failure, metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy())
	status.TerminatingReplicas = c.terminating(rs)
	if wait > 0 {
		c.EnqueueAfter(controller.Key(rs), wait)
	}
	if sameStatus(rs.Status, status) && rs.Generation == rs.Status.ObservedGeneration {
		return nil
	}
	status.ObservedGeneration = rs.Generation
	err := controller.WriteStatus(ctx, rs, c.kind.fresh, func(rs *appsv1.ReplicaSet) error {
		fresh := *rs
		fresh.Status = status
		return c.kind.status(ctx, &fresh)
	})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// terminating is how many of rs' pods are on their way out; a
// ReplicationController has no field for it.
func (c *Controller) terminating(rs *appsv1.ReplicaSet) *int32 {
	if c.kind.kind.Kind != "ReplicaSet" {
		return nil
	}
	sel, err := metav1.LabelSelectorAsSelector(rs.Spec.Selector)
	if err != nil {
		return nil
	}
	n := int32(0)
	for _, pod := range c.pods.List(rs.Namespace, sel) {
		if metav1.IsControlledBy(pod, rs) && pod.DeletionTimestamp != nil && !controller.HasEnded(pod) {
			n++
		}
	}
	return &n
}

func minReady(rs *appsv1.ReplicaSet) time.Duration {
	return time.Duration(rs.Spec.MinReadySeconds) * time.Second
}
