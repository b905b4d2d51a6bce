package auth

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
)

// Upstream: plugin/pkg/auth/authorizer/node/{graph.go,graph_populator.go}

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
		for _, ref := range objectsOf(p) {
			if ref == o {
				return true
			}
		}
	}
	return false
}

// objectsOf returns p itself and all it refers to. A mirror pod is made by the
// kubelet, so its references open nothing.
func objectsOf(p *corev1.Pod) []object {
	refs := references{ns: p.Namespace, all: []object{{"pods", p.Namespace, p.Name}}}
	if _, mirror := p.Annotations[corev1.MirrorPodAnnotationKey]; mirror {
		return refs.all
	}
	refs.add("serviceaccounts", p.Spec.ServiceAccountName)
	for _, s := range p.Spec.ImagePullSecrets {
		refs.add("secrets", s.Name)
	}
	for _, c := range p.Spec.InitContainers {
		refs.container(c.EnvFrom, c.Env)
	}
	for _, c := range p.Spec.Containers {
		refs.container(c.EnvFrom, c.Env)
	}
	for _, c := range p.Spec.EphemeralContainers {
		refs.container(c.EnvFrom, c.Env)
	}
	for i := range p.Spec.Volumes {
		refs.volume(&p.Spec.Volumes[i].VolumeSource)
	}
	return refs.all
}

// references collects objects of one namespace.
type references struct {
	ns  string
	all []object
}

func (r *references) add(resource, name string) {
	if name != "" {
		r.all = append(r.all, object{resource, r.ns, name})
	}
}

func (r *references) container(from []corev1.EnvFromSource, env []corev1.EnvVar) {
	for _, f := range from {
		if f.SecretRef != nil {
			r.add("secrets", f.SecretRef.Name)
		}
		if f.ConfigMapRef != nil {
			r.add("configmaps", f.ConfigMapRef.Name)
		}
	}
	for _, e := range env {
		if e.ValueFrom == nil {
			continue
		}
		if s := e.ValueFrom.SecretKeyRef; s != nil {
			r.add("secrets", s.Name)
		}
		if c := e.ValueFrom.ConfigMapKeyRef; c != nil {
			r.add("configmaps", c.Name)
		}
	}
}

func (r *references) volume(v *corev1.VolumeSource) {
	switch {
	case v.Secret != nil:
		r.add("secrets", v.Secret.SecretName)
	case v.ConfigMap != nil:
		r.add("configmaps", v.ConfigMap.Name)
	case v.PersistentVolumeClaim != nil:
		r.add("persistentvolumeclaims", v.PersistentVolumeClaim.ClaimName)
	case v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
		r.add("secrets", v.CSI.NodePublishSecretRef.Name)
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				r.add("secrets", s.Secret.Name)
			}
			if s.ConfigMap != nil {
				r.add("configmaps", s.ConfigMap.Name)
			}
		}
	}
}
