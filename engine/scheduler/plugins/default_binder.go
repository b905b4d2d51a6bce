package plugins

// Upstream: pkg/scheduler/framework/plugins/defaultbinder

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/scheduler/framework"
)

// DefaultBinder writes the decision through the subresource pods/binding.
type DefaultBinder struct{ api client.Interface }

var _ framework.BindPlugin = DefaultBinder{}

// NewDefaultBinder returns the plugin.
func NewDefaultBinder(api client.Interface) DefaultBinder { return DefaultBinder{api} }

// Name returns the plugin's name.
func (DefaultBinder) Name() string { return "DefaultBinder" }

// Bind posts a Binding.
func (b DefaultBinder) Bind(ctx context.Context, pod *corev1.Pod, node string) *framework.Status {
	at := client.Target{
		GroupVersionResource: client.ResourceOf[*corev1.Pod](), Namespace: pod.Namespace, Name: pod.Name, Subresource: "binding",
	}
	_, err := b.api.Create(ctx, at, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: node},
	}, metav1.CreateOptions{})
	if err != nil {
		return framework.AsStatus(err)
	}
	return nil
}
