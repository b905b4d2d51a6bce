package deployment

// Upstream: pkg/controller/deployment/deployment_controller.go

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "deployment-controller"

// Controller moves ReplicaSets to where their Deployments want them.
type Controller struct {
	*controller.Loop
	cc          controller.Context
	deployments client.Informer[*appsv1.Deployment]
	replicaSets client.Informer[*appsv1.ReplicaSet]
	pods        client.Informer[*corev1.Pod]
	api         client.Of[*appsv1.Deployment]
	rsAPI       client.Of[*appsv1.ReplicaSet]
}

// New returns the controller of Deployments.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{
		cc:          cc,
		deployments: client.InformerFor[*appsv1.Deployment](cc.Informers, metav1.ListOptions{}),
		replicaSets: client.InformerFor[*appsv1.ReplicaSet](cc.Informers, metav1.ListOptions{}),
		pods:        client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		api:         client.For[*appsv1.Deployment](cc.Client),
		rsAPI:       client.For[*appsv1.ReplicaSet](cc.Client),
	}
	c.Loop = controller.NewLoop(Name, cc, 5, c.sync)
	if err := controller.On(c.Loop, c.deployments, func(d *appsv1.Deployment) { c.Enqueue(d) }); err != nil {
		return nil, err
	}
	if err := controller.Watch(c.Loop, c.replicaSets, client.Handler[*appsv1.ReplicaSet]{
		Add: c.ofReplicaSet, Delete: c.ofReplicaSet,
		Update: func(old, rs *appsv1.ReplicaSet) { c.ofReplicaSet(old); c.ofReplicaSet(rs) },
	}); err != nil {
		return nil, err
	}
	return c, controller.Watch(c.Loop, c.pods, client.Handler[*corev1.Pod]{Delete: c.podDeleted})
}

// ofReplicaSet enqueues the Deployment of rs, or those that may adopt it.
func (c *Controller) ofReplicaSet(rs *appsv1.ReplicaSet) {
	if ref := metav1.GetControllerOf(rs); ref != nil {
		if d, ok := c.deployments.Get(rs.Namespace, ref.Name); ok && ref.Kind == kind().Kind && d.UID == ref.UID {
			c.Enqueue(d)
		}
		return
	}
	for _, d := range c.deployments.List(rs.Namespace, nil) {
		sel, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
		if err == nil && !sel.Empty() && sel.Matches(labels.Set(rs.Labels)) {
			c.Enqueue(d)
		}
	}
}

// podDeleted wakes a Deployment that recreates: it waits for its last old pod.
func (c *Controller) podDeleted(pod *corev1.Pod) {
	ref := metav1.GetControllerOf(pod)
	if ref == nil || ref.Kind != "ReplicaSet" {
		return
	}
	rs, ok := c.replicaSets.Get(pod.Namespace, ref.Name)
	if !ok {
		return
	}
	if ref := metav1.GetControllerOf(rs); ref != nil {
		if d, ok := c.deployments.Get(pod.Namespace, ref.Name); ok && d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
			c.Enqueue(d)
		}
	}
}

func kind() schema.GroupVersionKind { return appsv1.SchemeGroupVersion.WithKind("Deployment") }

// sync brings one Deployment a step nearer to what it wants.
func (c *Controller) sync(ctx context.Context, key string) error {
	shared, ok := c.deployments.ByKey(key)
	if !ok {
		return nil
	}
	d := shared.DeepCopy()
	if selectsAll(d.Spec.Selector) {
		c.cc.Events.Eventf(d, corev1.EventTypeWarning, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.")
		return c.observe(ctx, d)
	}
	all, err := c.claim(ctx, d)
	if err != nil {
		return err
	}
	r := &rollout{Controller: c, d: d, all: all}
	if d.DeletionTimestamp != nil {
		return r.syncStatusOnly(ctx)
	}
	if err := r.checkPaused(ctx); err != nil {
		return err
	}
	if d.Spec.Paused || r.isScalingEvent() {
		return r.sync(ctx)
	}
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return r.recreate(ctx)
	}
	return r.rolling(ctx)
}

func selectsAll(s *metav1.LabelSelector) bool {
	return s != nil && len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
}

// observe only tells that the generation was seen.
func (c *Controller) observe(ctx context.Context, d *appsv1.Deployment) error {
	if d.Status.ObservedGeneration >= d.Generation {
		return nil
	}
	d.Status.ObservedGeneration = d.Generation
	_, err := c.api.UpdateStatus(ctx, d)
	return err
}

// claim returns the ReplicaSets that d controls, after adopting and releasing.
func (c *Controller) claim(ctx context.Context, d *appsv1.Deployment) ([]*appsv1.ReplicaSet, error) {
	sel, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return nil, err
	}
	refs := controller.Refs[*appsv1.ReplicaSet]{
		API: c.rsAPI, Owner: d, Kind: kind(), Selector: sel,
		Adoptable: controller.NotDeleted(d, c.api.Get),
	}
	return refs.Claim(ctx, c.replicaSets.List(d.Namespace, nil))
}
