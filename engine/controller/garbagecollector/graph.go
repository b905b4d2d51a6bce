package garbagecollector

// Upstream: pkg/controller/garbagecollector/graph.go, graph_builder.go

import (
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// A node is one object in the graph.
type node struct {
	kind       client.Kind
	namespace  string
	name       string
	uid        types.UID
	owners     []metav1.OwnerReference
	dependents map[types.UID]bool
	seen       bool // false: only known from references of others
	deleting   bool
	foreground bool // waits for its dependents
	orphaning  bool // lets its dependents go
}

func (n *node) target() client.Target {
	return client.Target{GroupVersionResource: n.kind.Resource, Namespace: n.namespace, Name: n.name}
}

// graph is who owns whom. Its methods are safe for concurrent use, and return
// copies.
type graph struct {
	mu    sync.Mutex
	nodes map[types.UID]*node
}

func newGraph() *graph { return &graph{nodes: map[types.UID]*node{}} }

// put takes in what an informer saw.
func (g *graph) put(k client.Kind, obj client.Object) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.at(obj.GetUID())
	for _, o := range n.owners {
		delete(g.at(o.UID).dependents, n.uid)
		g.prune(o.UID)
	}
	n.kind, n.namespace, n.name, n.seen = k, obj.GetNamespace(), obj.GetName(), true
	n.owners = obj.GetOwnerReferences()
	n.deleting = obj.GetDeletionTimestamp() != nil
	n.foreground = n.deleting && controller.HasFinalizer(obj, metav1.FinalizerDeleteDependents)
	n.orphaning = n.deleting && controller.HasFinalizer(obj, metav1.FinalizerOrphanDependents)
	for _, o := range n.owners {
		g.at(o.UID).dependents[n.uid] = true
	}
}

// at returns the node of that UID, making one that nobody has seen if need be.
// mu is held.
func (g *graph) at(uid types.UID) *node {
	n := g.nodes[uid]
	if n == nil {
		n = &node{uid: uid, dependents: map[types.UID]bool{}}
		g.nodes[uid] = n
	}
	return n
}

// prune forgets a node that nobody has seen and nobody refers to. mu is held.
func (g *graph) prune(uid types.UID) {
	if n := g.nodes[uid]; n != nil && !n.seen && len(n.dependents) == 0 {
		delete(g.nodes, uid)
	}
}

// remove takes out an object that is gone, and returns whom that concerns: its
// dependents, and the owners that may have waited for it.
func (g *graph) remove(uid types.UID) (dependents, owners []types.UID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[uid]
	if n == nil {
		return nil, nil
	}
	for _, o := range n.owners {
		owners = append(owners, o.UID)
		delete(g.at(o.UID).dependents, uid)
		g.prune(o.UID)
	}
	for d := range n.dependents {
		dependents = append(dependents, d)
	}
	n.seen, n.owners = false, nil
	g.prune(uid)
	return dependents, owners
}

// get returns a copy of the node of an object that was seen, or false.
func (g *graph) get(uid types.UID) (node, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[uid]
	if n == nil || !n.seen {
		return node{}, false
	}
	return *n, true
}

// dependents returns copies of the nodes that uid owns.
func (g *graph) dependents(uid types.UID) (out []node) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := g.nodes[uid]; n != nil {
		for d := range n.dependents {
			if dn := g.nodes[d]; dn != nil && dn.seen {
				out = append(out, *dn)
			}
		}
	}
	return out
}

// blocks reports whether n keeps its owner of that UID from going.
func (n *node) blocks(owner types.UID) bool {
	for _, o := range n.owners {
		if o.UID == owner && o.BlockOwnerDeletion != nil && *o.BlockOwnerDeletion {
			return true
		}
	}
	return false
}
