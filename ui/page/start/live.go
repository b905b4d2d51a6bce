package start

import (
	"context"
	"net/url"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
)

// follow sends the figures and each change of them.
func follow(ctx context.Context, _ url.Values, send func(...frame.Part)) error {
	informers := client.NewInformers(frame.From(ctx).API)
	if err := count(informers, send, "nodes", nodeReady); err != nil {
		return err
	}
	if err := count(informers, send, "pods", podRunning); err != nil {
		return err
	}
	if err := count(informers, send, "workloads", available); err != nil {
		return err
	}
	return informers.Run(ctx)
}

// count sends how many objects of a kind there are, and how many are good.
func count[T client.Object](f *client.Informers, send func(...frame.Part), name string, good func(T) bool) error {
	inf := client.InformerFor[T](f, metav1.ListOptions{})
	tell := func() {
		c := counted{Name: name}
		for _, o := range inf.List("", nil) {
			c.All++
			if good(o) {
				c.Good++
			}
		}
		send(frame.Part{Target: "start-" + name, HTML: figure(c)})
	}
	_, err := inf.OnChange(client.Handler[T]{
		Add: func(T) { tell() }, Update: func(_, _ T) { tell() }, Delete: func(T) { tell() },
	})
	return err
}

// A counted is a figure: how many there are, and how many are good.
type counted struct {
	Name      string
	Good, All int
}

func nodeReady(n *corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

func podRunning(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning }

func available(d *appsv1.Deployment) bool {
	return d.Spec.Replicas != nil && d.Status.AvailableReplicas >= *d.Spec.Replicas
}
