package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"kubergarten/engine/client"
	"kubergarten/engine/kubeadm"
)

// bootstrap is the last stage: it brings the add-ons, and tells when the
// cluster is ready.
type bootstrap struct{ c *Cluster }

// Name returns the stage's name.
func (b *bootstrap) Name() string { return "kubeadm" }

// Run brings the add-ons, waits until everything is ready, and then for ctx.
func (b *bootstrap) Run(ctx context.Context) error {
	api := b.c.API()
	if _, err := b.c.apis.at(apiServer()).Wait(ctx); err != nil {
		return nil // asked to stop
	}
	if err := b.retry(ctx, func() error { return kubeadm.Bootstrap(ctx, api, b.c.cfg.kubeadm()) }); err != nil {
		return err
	}
	if err := b.wait(ctx, api); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// retry repeats do while the API server is on its way, or gone for a moment.
func (b *bootstrap) retry(ctx context.Context, do func() error) error {
	for {
		err := do()
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if !passing(err) {
			return fmt.Errorf("bootstrap: %w", err)
		}
		select {
		case <-b.c.cfg.Clock.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil
		}
	}
}

// passing reports whether an error may go away by itself. A namespace that is
// not found is one that the API server has yet to make.
func passing(err error) bool {
	return utilnet.IsConnectionRefused(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err) ||
		apierrors.IsTimeout(err) || apierrors.IsNotFound(err) || apierrors.IsForbidden(err) || apierrors.IsTooManyRequests(err)
}

// wait returns when nodes, kube-proxy and coredns are ready. It marks the
// control-plane node once it is registered.
func (b *bootstrap) wait(ctx context.Context, api client.Interface) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := newWaiter(api, b.c.cfg.Nodes, b.c.started)
	if err := w.follow(); err != nil {
		return err
	}
	ran := make(chan struct{})
	go func() { defer close(ran); w.informers.Run(ctx) }()
	defer func() { cancel(); <-ran }()
	marked := false
	for {
		select {
		case <-w.changed:
		case <-ctx.Done():
			return nil
		}
		if _, ok := w.nodes.Get("", ControlPlane); ok && !marked {
			if err := b.retry(ctx, func() error { return kubeadm.MarkControlPlane(ctx, api, ControlPlane) }); err != nil {
				return err
			}
			marked = true
		}
		if marked && w.ready() {
			close(b.c.ready)
			return nil
		}
	}
}

// waiter sees whether the cluster is ready. What objects said before this start
// does not count: after a restart the API server still has the old statuses.
type waiter struct {
	informers   *client.Informers
	want        int       // nodes
	started     time.Time // of this run, in whole seconds as statuses have it
	nodes       client.Informer[*corev1.Node]
	pods        client.Informer[*corev1.Pod]
	deployments client.Informer[*appsv1.Deployment]
	changed     chan struct{} // capacity 1
}

func newWaiter(api client.Interface, nodes int, started time.Time) *waiter {
	w := &waiter{
		informers: client.NewInformers(api), want: nodes, started: started.Truncate(time.Second), changed: make(chan struct{}, 1),
	}
	w.nodes = client.InformerFor[*corev1.Node](w.informers, metav1.ListOptions{})
	w.pods = client.InformerFor[*corev1.Pod](w.informers, metav1.ListOptions{FieldSelector: "metadata.namespace=kube-system"})
	w.deployments = client.InformerFor[*appsv1.Deployment](w.informers, metav1.ListOptions{FieldSelector: "metadata.name=coredns"})
	return w
}

func (w *waiter) follow() error {
	_, err1 := w.nodes.OnChange(onAny[*corev1.Node](w.changed))
	_, err2 := w.pods.OnChange(onAny[*corev1.Pod](w.changed))
	_, err3 := w.deployments.OnChange(onAny[*appsv1.Deployment](w.changed))
	return errors.Join(err1, err2, err3)
}

func onAny[T client.Object](changed chan struct{}) client.Handler[T] {
	tell := func(T) {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	return client.Handler[T]{Add: tell, Update: func(_, obj T) { tell(obj) }, Delete: tell}
}

// ready reports whether all nodes are, every pod of the add-ons, and the control
// plane itself: the pods that `kubectl get pods -n kube-system` shows are ready then.
func (w *waiter) ready() bool {
	n := 0
	for _, node := range w.nodes.List("", nil) {
		if w.nodeReady(node) {
			n++
		}
	}
	dns, ok := w.deployments.Get("kube-system", "coredns")
	return n >= w.want && ok && w.running("kube-proxy") >= w.want && w.running("kube-dns") >= int(*dns.Spec.Replicas) &&
		w.controlPlaneSettled()
}

// controlPlaneSettled reports whether each mirror pod of the control plane is
// ready or has failed: one that somebody broke by its manifest is to be seen and
// repaired, not waited for. The API server's is always among them.
func (w *waiter) controlPlaneSettled() bool {
	told := false
	for _, pod := range w.pods.List("kube-system", labels.SelectorFromSet(labels.Set{"tier": "control-plane"})) {
		if !w.podReady(pod) && !failed(pod) {
			return false
		}
		told = told || pod.Labels["component"] == "kube-apiserver"
	}
	return told
}

// failed reports whether a container of the pod has ended and waits to be started again.
func failed(pod *corev1.Pod) bool {
	for _, c := range pod.Status.ContainerStatuses {
		if c.State.Terminated != nil || c.State.Waiting != nil && c.State.Waiting.Reason == "CrashLoopBackOff" {
			return true
		}
	}
	return false
}

func (w *waiter) nodeReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue && !c.LastHeartbeatTime.Time.Before(w.started)
		}
	}
	return false
}

// running counts the pods of an add-on that are ready, and were started by this run.
func (w *waiter) running(app string) (n int) {
	for _, pod := range w.pods.List("kube-system", labels.SelectorFromSet(labels.Set{"k8s-app": app})) {
		if w.podReady(pod) {
			n++
		}
	}
	return n
}

func (w *waiter) podReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.ContainerStatuses {
		if !c.Ready || c.State.Running == nil || c.State.Running.StartedAt.Time.Before(w.started) {
			return false
		}
	}
	return len(pod.Status.ContainerStatuses) > 0
}
