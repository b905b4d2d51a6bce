package nodelifecycle

// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go

import (
	"context"
	"errors"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "node-lifecycle-controller"

// A Config says how patient the controller is.
type Config struct {
	MonitorPeriod time.Duration // between looks at all nodes; upstream 5 s
	GracePeriod   time.Duration // of silence; upstream 50 s
	StartupGrace  time.Duration // of silence of a new node; upstream 60 s
}

// Controller watches over nodes.
type Controller struct {
	*controller.Loop // makes one node's taints match its conditions
	cc               controller.Context
	cfg              Config
	nodes            client.Informer[*corev1.Node]
	leases           client.Informer[*coordinationv1.Lease]
	pods             client.Informer[*corev1.Pod]
	nodeAPI          client.Of[*corev1.Node]
	podAPI           client.Of[*corev1.Pod]
	health           map[string]*health // of the monitor alone
}

// health is what was last heard of a node, and when by our clock.
type health struct {
	uid       types.UID
	heartbeat metav1.Time
	renewed   metav1.MicroTime
	heard     time.Time
}

// New returns the controller.
func New(cc controller.Context, cfg Config) (*Controller, error) {
	c := &Controller{
		cc: cc, cfg: cfg,
		nodes:   client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		leases:  client.InformerFor[*coordinationv1.Lease](cc.Informers, metav1.ListOptions{}),
		pods:    client.InformerFor[*corev1.Pod](cc.Informers, metav1.ListOptions{}),
		nodeAPI: client.For[*corev1.Node](cc.Client),
		podAPI:  client.For[*corev1.Pod](cc.Client),
		health:  map[string]*health{},
	}
	c.Loop = controller.NewLoop(Name, cc, 2, c.syncTaints)
	return c, errors.Join(
		controller.On(c.Loop, c.nodes, func(n *corev1.Node) { c.Enqueue(n) }),
		c.pods.AddIndex("spec.nodeName", func(p *corev1.Pod) []string { return []string{p.Spec.NodeName} }),
	)
}

// Run monitors nodes and keeps their taints until ctx is done.
func (c *Controller) Run(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- c.Loop.Run(ctx) }()
	c.monitor(ctx)
	return <-done
}

// monitor looks at all nodes, again and again. It is the one part that must ask
// rather than be told: silence sends no event.
func (c *Controller) monitor(ctx context.Context) {
	if err := c.cc.Informers.Synced(ctx); err != nil {
		return
	}
	tick := c.cc.Clock.NewTicker(c.cfg.MonitorPeriod)
	defer tick.Stop()
	for {
		c.look(ctx)
		select {
		case <-tick.C():
		case <-ctx.Done():
			return
		}
	}
}

// look is one round over all nodes.
func (c *Controller) look(ctx context.Context) {
	there := map[string]bool{}
	for _, node := range c.nodes.List("", nil) {
		there[node.Name] = true
		if err := c.check(ctx, node); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			c.cc.Log.Warn("node not checked", "node", node.Name, "err", err)
		}
	}
	for name, h := range c.health {
		if !there[name] {
			delete(c.health, name)
			c.event(name, h.uid, "RemovingNode", fmt.Sprintf("Removing Node %v from Controller", name))
		}
	}
}

// check listens to one node.
func (c *Controller) check(ctx context.Context, node *corev1.Node) error {
	silent := c.listen(node)
	ready := nodeCondition(node, corev1.NodeReady)
	if silent > c.grace(ready) {
		return c.markUnknown(ctx, node, ready)
	}
	if ready != nil && ready.Status != corev1.ConditionTrue {
		return c.markPodsNotReady(ctx, node.Name)
	}
	return nil
}

func (c *Controller) grace(ready *corev1.NodeCondition) time.Duration {
	if ready == nil {
		return c.cfg.StartupGrace
	}
	return c.cfg.GracePeriod
}

// listen returns for how long nothing has been heard of the node. A node seen
// for the first time counts as heard now, for after a pause of ours all nodes'
// times are old.
func (c *Controller) listen(node *corev1.Node) (silent time.Duration) {
	now := c.cc.Clock.Now()
	h := c.health[node.Name]
	if h == nil || h.uid != node.UID {
		h = &health{uid: node.UID, heard: now}
		c.health[node.Name] = h
		c.event(node.Name, node.UID, "RegisteredNode", fmt.Sprintf("Registered Node %v in Controller", node.Name))
	}
	if ready := nodeCondition(node, corev1.NodeReady); ready != nil && ready.Status != corev1.ConditionUnknown && !ready.LastHeartbeatTime.Equal(&h.heartbeat) {
		h.heartbeat, h.heard = ready.LastHeartbeatTime, now
	}
	if lease, ok := c.leases.Get(corev1.NamespaceNodeLease, node.Name); ok && lease.Spec.RenewTime != nil && h.renewed.Before(lease.Spec.RenewTime) {
		h.renewed, h.heard = *lease.Spec.RenewTime, now
	}
	return now.Sub(h.heard)
}

// event tells something about a node, which may be gone.
func (c *Controller) event(name string, uid types.UID, reason, text string) {
	ref := &corev1.ObjectReference{APIVersion: "v1", Kind: "Node", Name: name, UID: uid}
	c.cc.Events.Eventf(ref, corev1.EventTypeNormal, reason, "Node %s event: %s", name, text)
}

// markUnknown writes what is not known any more, and takes the node's pods out
// of service.
func (c *Controller) markUnknown(ctx context.Context, node *corev1.Node, ready *corev1.NodeCondition) error {
	fresh := node.DeepCopy()
	if unknown(fresh, metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy()) {
		if _, err := c.nodeAPI.UpdateStatus(ctx, fresh); err != nil {
			return fmt.Errorf("mark node %s unknown: %w", node.Name, err)
		}
		c.cc.Log.Info("Node hasn't been updated", "node", node.Name, "lastReady", ready)
		if ready != nil && ready.Status == corev1.ConditionTrue {
			c.cc.Events.Eventf(nodeRef(node), corev1.EventTypeNormal, "NodeNotReady", "Node %s status is now: %s", node.Name, "NodeNotReady")
		}
	}
	return c.markPodsNotReady(ctx, node.Name)
}

// nodeRef is how events about nodes refer to them: by name, as kubelets do too,
// so that "kubectl describe node" finds both.
func nodeRef(node *corev1.Node) *corev1.ObjectReference {
	return &corev1.ObjectReference{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}
}

// unknown sets the kubelet's conditions to Unknown and reports whether that
// changed any.
func unknown(node *corev1.Node, now metav1.Time) (changed bool) {
	for _, t := range []corev1.NodeConditionType{corev1.NodeReady, corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure} {
		c := nodeCondition(node, t)
		switch {
		case c == nil:
			node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{
				Type: t, Status: corev1.ConditionUnknown, Reason: "NodeStatusNeverUpdated", Message: "Kubelet never posted node status.",
				LastHeartbeatTime: node.CreationTimestamp, LastTransitionTime: now,
			})
			changed = true
		case c.Status != corev1.ConditionUnknown:
			c.Status, c.Reason, c.Message = corev1.ConditionUnknown, "NodeStatusUnknown", "Kubelet stopped posting node status."
			c.LastTransitionTime, changed = now, true
		}
	}
	return changed
}

func nodeCondition(node *corev1.Node, t corev1.NodeConditionType) *corev1.NodeCondition {
	for i := range node.Status.Conditions {
		if node.Status.Conditions[i].Type == t {
			return &node.Status.Conditions[i]
		}
	}
	return nil
}

// markPodsNotReady takes the pods of a node that does not answer out of their Services.
func (c *Controller) markPodsNotReady(ctx context.Context, node string) error {
	var errs []error
	for _, pod := range c.pods.Indexed("spec.nodeName", node) {
		if !controller.IsReady(pod) {
			continue
		}
		fresh := pod.DeepCopy()
		cond := controller.Condition(fresh, corev1.PodReady)
		cond.Status, cond.LastTransitionTime = corev1.ConditionFalse, metav1.NewTime(c.cc.Clock.Now()).Rfc3339Copy()
		if _, err := c.podAPI.UpdateStatus(ctx, fresh); err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, err)
			continue
		}
		c.cc.Events.Eventf(pod, corev1.EventTypeWarning, "NodeNotReady", "Node is not ready")
	}
	return errors.Join(errs...)
}
