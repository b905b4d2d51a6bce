package overview

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/trace"
)

// seen is what the visitor sees of the cluster at one moment. The objects are
// shared and not changed.
type seen struct {
	nodes       []*corev1.Node
	pods        []*corev1.Pod
	deployments []*appsv1.Deployment
	replicaSets []*appsv1.ReplicaSet
	daemonSets  []*appsv1.DaemonSet
	controllers []*corev1.ReplicationController
	events      []*corev1.Event
	records     []trace.Record // newest last; none if the visitor may not see all pods
	refused     refusals
	uses        map[string]use         // by node; those that are known
	offers      func(path string) bool // pages to link to; nil: none
}

// refusals are the API server's words for what the visitor may not list, by
// resource.
type refusals map[string]string

// look lists what the visitor may see. What is refused is no error: its panel
// says so, in the API server's words.
func look(ctx context.Context, api client.Interface) *seen {
	s := &seen{refused: refusals{}}
	s.nodes = list[*corev1.Node](ctx, api, s.refused)
	s.pods = list[*corev1.Pod](ctx, api, s.refused)
	s.deployments = list[*appsv1.Deployment](ctx, api, s.refused)
	s.replicaSets = list[*appsv1.ReplicaSet](ctx, api, s.refused)
	s.daemonSets = list[*appsv1.DaemonSet](ctx, api, s.refused)
	s.controllers = list[*corev1.ReplicationController](ctx, api, s.refused)
	s.events = list[*corev1.Event](ctx, api, s.refused)
	return s
}

func list[T client.Object](ctx context.Context, api client.Interface, refused refusals) []T {
	all, err := client.For[T](api).List(ctx, metav1.NamespaceAll, metav1.ListOptions{})
	if err != nil {
		refused[client.ResourceOf[T]().Resource] = err.Error()
	}
	return all
}
