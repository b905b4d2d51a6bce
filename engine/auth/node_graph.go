package auth

// Upstream: plugin/pkg/auth/authorizer/node/{graph.go,graph_populator.go}

import (
	"context"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
)

// An object is what a pod may refer to.
type object struct{ resource, namespace, name string }

// A graph knows which nodes have a pod that refers to an object.
type graph struct {
	live client.Interface

	mu    sync.RWMutex
	edges map[object]map[string]int // node -> number of pods
}

func newGraph(informers *client.Informers, live client.Interface) (*graph, error) {
	g := &graph{live: live, edges: map[object]map[string]int{}}
	_, err := client.InformerFor[*corev1.Pod](informers, metav1.ListOptions{}).OnChange(client.Handler[*corev1.Pod]{
		Add:    func(p *corev1.Pod) { g.count(p, 1) },
		Update: func(old, p *corev1.Pod) { g.count(p, 1); g.count(old, -1) },
		Delete: func(p *corev1.Pod) { g.count(p, -1) },
	})
	return g, err
}

// count adds n to the edges of p.
func (g *graph) count(p *corev1.Pod, n int) {
	if p.Spec.NodeName == "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, o := range objectsOf(p) {
		nodes := g.edges[o]
		if nodes == nil {
			nodes = map[string]int{}
			g.edges[o] = nodes
		}
		if nodes[p.Spec.NodeName] += n; nodes[p.Spec.NodeName] == 0 {
			delete(nodes, p.Spec.NodeName)
		}
		if len(nodes) == 0 {
			delete(g.edges, o)
		}
	}
}

// related reports whether a pod of the node refers to o. The kubelet may have seen
// a pod before us: so before it is refused, the pods are read anew.
func (g *graph) related(ctx context.Context, node string, o object) bool {
	g.mu.RLock()
	known := g.edges[o][node] > 0
	g.mu.RUnlock()
	return known || g.relatedNow(ctx, node, o)
}

func (g *graph) relatedNow(ctx context.Context, node string, o object) bool {
	pods, err := client.For[*corev1.Pod](g.live).List(ctx, o.namespace, metav1.ListOptions{FieldSelector: "spec.nodeName=" + node})
	if err != nil {
		return false
	}
	for _, p := range pods {
		if p.Spec.NodeName != node {
			continue
		}
		if slices.Contains(objectsOf(p), o) {
			return true
		}
	}
	return false
}

// objectsOf returns p itself and all it refers to. A mirror pod is made by the
// kubelet, so its references open nothing.
func objectsOf(p *corev1.Pod) []object {
	all := []object{{"pods", p.Namespace, p.Name}}
	if _, mirror := p.Annotations[corev1.MirrorPodAnnotationKey]; mirror {
		return all
	}
	for _, r := range api.PodReferences(p) {
		all = append(all, object{r.Resource, p.Namespace, r.Name})
	}
	return all
}
