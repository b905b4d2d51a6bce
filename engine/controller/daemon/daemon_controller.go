package daemon

// Upstream: pkg/controller/daemon/daemon_controller.go

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/flowcontrol"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "daemonset-controller"

// templateGeneration is the label of a pod that says the number of its template.
const templateGeneration = "pod-template-generation"

// burst is the most pods that one sync creates or deletes.
const burst = 250

// Controller keeps one pod of each DaemonSet on each node that fits.
type Controller struct {
	*controller.Loop
	cc        controller.Context
	sets      client.Informer[*appsv1.DaemonSet]
	pods      client.Informer[*corev1.Pod]
	nodes     client.Informer[*corev1.Node]
	revisions client.Informer[*appsv1.ControllerRevision]
	api       client.Of[*appsv1.DaemonSet]
	podAPI    client.Of[*corev1.Pod]
	revAPI    client.Of[*appsv1.ControllerRevision]
	verbs     controller.Pods
	expect    *controller.Expectations
	failed    *flowcontrol.Backoff // of deleting failed pods, per set and node
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{
		cc:        cc,
		sets:      client.InformerFor[*appsv1.DaemonSet](cc.Informers, metav1.ListOptions{}),
		pods:      client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		nodes:     client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		revisions: client.InformerFor[*appsv1.ControllerRevision](cc.Informers, metav1.ListOptions{}),
		api:       client.For[*appsv1.DaemonSet](cc.Client),
		podAPI:    client.For[*corev1.Pod](cc.Client),
		revAPI:    client.For[*appsv1.ControllerRevision](cc.Client),
		verbs:     controller.NewPods(cc),
		expect:    controller.NewExpectations(cc.Clock),
		failed:    flowcontrol.NewBackOff(time.Second, 15*time.Minute),
	}
	c.failed.Clock = cc.Clock
	c.Loop = controller.NewLoop(Name, cc, 2, c.sync)
	return c, errors.Join(
		controller.On(c.Loop, c.sets, func(ds *appsv1.DaemonSet) { c.Enqueue(ds) }),
		controller.Watch(c.Loop, c.pods, client.Handler[*corev1.Pod]{Add: c.podAdded, Update: c.podUpdated, Delete: c.podDeleted}),
		controller.Watch(c.Loop, c.nodes, client.Handler[*corev1.Node]{Add: c.nodeAdded, Update: c.nodeUpdated, Delete: c.nodeAdded}),
	)
}

func kind() schema.GroupVersionKind { return appsv1.SchemeGroupVersion.WithKind("DaemonSet") }

// sync brings the pods of one DaemonSet to where they should be.
func (c *Controller) sync(ctx context.Context, key string) error {
	ds, ok := c.sets.ByKey(key)
	if !ok {
		c.expect.Forget(key)
		return nil
	}
	if s := ds.Spec.Selector; s != nil && len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0 {
		c.cc.Events.Eventf(ds, corev1.EventTypeWarning, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.")
		return nil
	}
	if ds.DeletionTimestamp != nil {
		return nil
	}
	current, old, err := c.history(ctx, ds)
	if err != nil {
		return fmt.Errorf("history of daemon set %s: %w", key, err)
	}
	hash := current.Labels[appsv1.DefaultDaemonSetUniqueLabelKey]
	if !c.expect.Satisfied(key) {
		return c.report(ctx, ds, hash, false)
	}
	failure := c.manage(ctx, ds, hash)
	if failure == nil && c.expect.Satisfied(key) && ds.Spec.UpdateStrategy.Type == appsv1.RollingUpdateDaemonSetStrategyType {
		failure = c.rollingUpdate(ctx, ds, hash)
	}
	if failure == nil {
		failure = c.cleanup(ctx, ds, old)
	}
	return errors.Join(failure, c.report(ctx, ds, hash, true))
}

// byNode returns the pods that ds controls, by the node each is on or meant for.
func (c *Controller) byNode(ctx context.Context, ds *appsv1.DaemonSet) (map[string][]*corev1.Pod, error) {
	sel, err := metav1.LabelSelectorAsSelector(ds.Spec.Selector)
	if err != nil {
		return nil, err
	}
	refs := controller.Refs[*corev1.Pod]{
		API: c.podAPI, Owner: ds, Kind: kind(), Selector: sel, Adoptable: controller.NotDeleted(ds, c.api.Get),
	}
	mine, err := refs.Claim(ctx, c.pods.List(ds.Namespace, nil))
	if err != nil {
		return nil, err
	}
	out := map[string][]*corev1.Pod{}
	for _, pod := range mine {
		out[targetNode(pod)] = append(out[targetNode(pod)], pod)
	}
	return out, nil
}

// manage sees to it that each node has the one pod it should have.
func (c *Controller) manage(ctx context.Context, ds *appsv1.DaemonSet, hash string) error {
	byNode, err := c.byNode(ctx, ds)
	if err != nil {
		return err
	}
	var create []string
	var remove []*corev1.Pod
	known := map[string]bool{}
	for _, node := range c.nodes.List("", nil) {
		known[node.Name] = true
		add, del := c.onNode(ds, node, byNode[node.Name], hash)
		remove = append(remove, del...)
		if add {
			create = append(create, node.Name)
		}
	}
	for node, pods := range byNode {
		for _, pod := range pods {
			if !known[node] && pod.Spec.NodeName == "" { // pinned to a node that is gone: never to be scheduled
				remove = append(remove, pod)
			}
		}
	}
	return c.act(ctx, ds, create, remove, hash)
}

// act creates and deletes pods.
func (c *Controller) act(ctx context.Context, ds *appsv1.DaemonSet, create []string, remove []*corev1.Pod, hash string) error {
	create, remove = create[:min(len(create), burst)], remove[:min(len(remove), burst)]
	key := controller.Key(ds)
	gone := make([]string, len(remove))
	for i, pod := range remove {
		gone[i] = controller.Key(pod)
	}
	c.expect.Expect(key, len(create), gone...)
	errs := []error{c.createAll(ctx, ds, create, hash)}
	for _, pod := range remove {
		if err := c.verbs.Delete(ctx, ds, pod); err != nil {
			c.expect.Deleted(key, controller.Key(pod))
			if !apierrors.IsNotFound(err) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// createAll creates a pod for each of those nodes, in growing batches.
func (c *Controller) createAll(ctx context.Context, ds *appsv1.DaemonSet, nodes []string, hash string) error {
	var next atomic.Int32
	_, err := controller.SlowStart(len(nodes), func() error {
		err := c.create(ctx, ds, nodes[next.Add(1)-1], hash)
		if err != nil {
			c.expect.Created(controller.Key(ds)) // it will never be seen
		}
		return err
	})
	for range len(nodes) - int(next.Load()) { // nor will those that were not even tried
		c.expect.Created(controller.Key(ds))
	}
	return err
}

func (c *Controller) create(ctx context.Context, ds *appsv1.DaemonSet, node, hash string) error {
	t := ds.Spec.Template.DeepCopy()
	t.Labels = labels.Merge(t.Labels, labels.Set{appsv1.DefaultDaemonSetUniqueLabelKey: hash})
	if gen := ds.Annotations[appsv1.DeprecatedTemplateGeneration]; gen != "" {
		t.Labels[templateGeneration] = gen
	}
	addTolerations(&t.Spec)
	pinTo(&t.Spec, node)
	_, err := c.verbs.Create(ctx, ds, *metav1.NewControllerRef(ds, kind()), t)
	if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil
	}
	return err
}
