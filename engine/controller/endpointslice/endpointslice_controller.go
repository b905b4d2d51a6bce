package endpointslice

// Upstream: pkg/controller/endpointslice/endpointslice_controller.go

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
	"kubergarten/engine/trace"
)

// Name is the controller's name.
const Name = "endpointslice-controller"

// managedBy is the value of the label that says whose slices these are.
const managedBy = "endpointslice-controller.k8s.io"

// Controller keeps the slices of Services that have a selector.
type Controller struct {
	*controller.Loop
	cc       controller.Context
	services client.Informer[*corev1.Service]
	pods     client.Informer[*corev1.Pod]
	nodes    client.Informer[*corev1.Node]
	slices   client.Informer[*discoveryv1.EndpointSlice]
	api      client.Of[*discoveryv1.EndpointSlice]
	expect   *controller.Expectations
	triggers *triggers
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{
		cc:       cc,
		services: client.InformerFor[*corev1.Service](cc.Informers, metav1.ListOptions{}),
		pods:     client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		nodes:    client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		slices:   client.InformerFor[*discoveryv1.EndpointSlice](cc.Informers, metav1.ListOptions{}),
		api:      client.For[*discoveryv1.EndpointSlice](cc.Client),
		expect:   controller.NewExpectations(cc.Clock),
		triggers: newTriggers(),
	}
	c.Loop = controller.NewLoop(Name, cc, 5, c.sync)
	if err := controller.On(c.Loop, c.services, func(s *corev1.Service) { c.Enqueue(s) }); err != nil {
		return nil, err
	}
	if err := controller.Watch(c.Loop, c.pods, client.Handler[*corev1.Pod]{
		Add: c.ofPod, Update: c.podUpdated, Delete: c.ofPod,
	}); err != nil {
		return nil, err
	}
	return c, controller.Watch(c.Loop, c.slices, client.Handler[*discoveryv1.EndpointSlice]{
		Add:    func(s *discoveryv1.EndpointSlice) { c.sliceSeen(s); c.expect.Created(c.keyOf(s)) },
		Update: func(_, s *discoveryv1.EndpointSlice) { c.sliceSeen(s) },
		Delete: func(s *discoveryv1.EndpointSlice) { c.expect.Deleted(c.keyOf(s), s.Name); c.sliceSeen(s) },
	})
}

// ofPod enqueues the Services that select pod.
func (c *Controller) ofPod(pod *corev1.Pod) {
	for _, s := range c.services.List(pod.Namespace, nil) {
		if len(s.Spec.Selector) > 0 && labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(pod.Labels)) {
			c.Enqueue(s)
		}
	}
}

// podUpdated enqueues Services if something that slices show has changed.
func (c *Controller) podUpdated(old, pod *corev1.Pod) {
	moved := !maps.Equal(old.Labels, pod.Labels)
	if moved {
		c.ofPod(old)
	}
	if moved || !sameEndpoint(old, pod) {
		c.ofPod(pod)
	}
}

func sameEndpoint(a, b *corev1.Pod) bool {
	return a.Status.PodIP == b.Status.PodIP && a.Spec.NodeName == b.Spec.NodeName && a.Status.Phase == b.Status.Phase &&
		controller.IsReady(a) == controller.IsReady(b) && (a.DeletionTimestamp == nil) == (b.DeletionTimestamp == nil) &&
		a.Spec.Hostname == b.Spec.Hostname && a.Spec.Subdomain == b.Spec.Subdomain
}

// sliceSeen enqueues the Service of a slice of ours, lest somebody changed it.
func (c *Controller) sliceSeen(s *discoveryv1.EndpointSlice) {
	if s.Labels[discoveryv1.LabelManagedBy] == managedBy && s.Labels[discoveryv1.LabelServiceName] != "" {
		c.EnqueueKey(c.keyOf(s))
	}
}

func (c *Controller) keyOf(s *discoveryv1.EndpointSlice) string {
	return s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]
}

// sync makes the slices of one Service true.
func (c *Controller) sync(ctx context.Context, key string) error {
	svc, ok := c.services.ByKey(key)
	if !ok {
		c.expect.Forget(key)
		c.triggers.forget(key)
		return nil // the garbage collector takes the slices
	}
	if len(svc.Spec.Selector) == 0 || svc.Spec.Type == corev1.ServiceTypeExternalName {
		return nil // somebody else's business
	}
	if !c.expect.Satisfied(key) {
		return nil // the slices to come enqueue it again
	}
	selected := c.pods.List(svc.Namespace, labels.SelectorFromSet(svc.Spec.Selector))
	plan := reconcile(svc, c.mine(svc), desired(svc, c.onNodes(svc, selected), c.zoneOf))
	plan.annotate(c.triggers.oldest(svc, selected))
	err := c.carryOut(ctx, key, svc, plan)
	if err == nil {
		err = c.homeless(svc, selected)
	}
	if err == nil {
		return nil
	}
	if !apierrors.IsConflict(err) { // with a cache that is behind there is nothing to tell
		c.cc.Events.Eventf(svc, corev1.EventTypeWarning, "FailedToUpdateEndpointSlices",
			"Error updating Endpoint Slices for Service %s: %v", key, err)
	}
	return fmt.Errorf("slices of %s: %w", key, err)
}

// onNodes is pods without those whose node is gone: nobody would ever say that
// they are not ready. A Service that publishes what is not ready keeps them.
func (c *Controller) onNodes(svc *corev1.Service, pods []*corev1.Pod) (out []*corev1.Pod) {
	for _, pod := range pods {
		if svc.Spec.PublishNotReadyAddresses || !c.isHomeless(pod) {
			out = append(out, pod)
		}
	}
	return out
}

// homeless is an error if a pod was left out for want of its node, so that the
// Service is looked at again.
func (c *Controller) homeless(svc *corev1.Service, pods []*corev1.Pod) error {
	for _, pod := range pods {
		if !svc.Spec.PublishNotReadyAddresses && belongs(pod) && c.isHomeless(pod) {
			return fmt.Errorf("skipping Pod %s for Service %s/%s: Node %s Not Found", pod.Name, svc.Namespace, svc.Name, pod.Spec.NodeName)
		}
	}
	return nil
}

func (c *Controller) isHomeless(pod *corev1.Pod) bool {
	_, ok := c.nodes.Get("", pod.Spec.NodeName)
	return pod.Spec.NodeName != "" && !ok
}

// mine returns the slices of svc that this controller made.
func (c *Controller) mine(svc *corev1.Service) []*discoveryv1.EndpointSlice {
	all := c.slices.List(svc.Namespace, labels.SelectorFromSet(labels.Set{
		discoveryv1.LabelServiceName: svc.Name, discoveryv1.LabelManagedBy: managedBy,
	}))
	return slices.DeleteFunc(slices.Clone(all), func(s *discoveryv1.EndpointSlice) bool { return s.DeletionTimestamp != nil })
}

func (c *Controller) zoneOf(node string) *string {
	if n, ok := c.nodes.Get("", node); ok {
		if z, ok := n.Labels[corev1.LabelTopologyZone]; ok {
			return &z
		}
	}
	return nil
}

// carryOut writes the plan. What is created and deleted is expected, so that
// the next sync waits for the cache to show it.
func (c *Controller) carryOut(ctx context.Context, key string, svc *corev1.Service, p plan) error {
	gone := make([]string, len(p.remove))
	for i, s := range p.remove {
		gone[i] = s.Name
	}
	c.expect.Expect(key, len(p.create), gone...)
	if err := c.write(ctx, p); err != nil {
		c.expect.Forget(key)
		return err
	}
	if len(p.create)+len(p.update)+len(p.remove) > 0 {
		c.cc.Trace.Emit(trace.Record{
			Who: Name, Step: trace.Sliced, Object: trace.Ref{Resource: "services", Namespace: svc.Namespace, Name: svc.Name},
			Words: fmt.Sprintf("%d endpoints in %d slices", p.endpoints, p.slices),
		})
	}
	return nil
}

func (c *Controller) write(ctx context.Context, p plan) error {
	for _, s := range p.create {
		_, err := c.api.Create(ctx, s)
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return nil // the namespace takes everything with it
		}
		if err != nil {
			return err
		}
	}
	for _, s := range p.update {
		if _, err := c.api.Update(ctx, s); err != nil {
			return err
		}
	}
	for _, s := range p.remove {
		if err := c.api.Delete(ctx, s.Namespace, s.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
