package garbagecollector

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
)

func object(uid types.UID, owners ...types.UID) *corev1.ConfigMap {
	o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: string(uid), UID: uid}}
	for _, owner := range owners {
		o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{UID: owner, Name: string(owner)})
	}
	return o
}

// TestGraph: after any order of events the graph is the one that a look at all
// objects would give, and nothing is left of what is gone.
func TestGraph(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	g, model := newGraph(), map[types.UID][]types.UID{}
	uid := func() types.UID { return types.UID(fmt.Sprintf("u%d", r.IntN(12))) }
	for range 5000 {
		u := uid()
		if _, ok := model[u]; ok && r.IntN(2) == 0 {
			delete(model, u)
			g.remove(u)
			continue
		}
		owners := map[types.UID]bool{}
		for range r.IntN(3) {
			owners[uid()] = true
		}
		model[u] = slices.Sorted(maps.Keys(owners))
		g.put(client.Kind{}, object(u, model[u]...))
		if diff := cmp.Diff(recompute(model), shown(g)); diff != "" {
			t.Fatalf("dependents (-want +got):\n%s", diff)
		}
	}
	for u := range model {
		g.remove(u)
	}
	if len(g.nodes) != 0 {
		t.Errorf("%d nodes are left of nothing", len(g.nodes))
	}
}

// recompute is, for each UID that anything refers to or that is there, who
// belongs to it.
func recompute(model map[types.UID][]types.UID) map[types.UID][]types.UID {
	out := map[types.UID][]types.UID{}
	for u, owners := range model {
		out[u] = append(out[u], []types.UID{}...)
		for _, o := range owners {
			out[o] = append(out[o], u)
		}
	}
	for u := range out {
		slices.Sort(out[u])
	}
	return out
}

func shown(g *graph) map[types.UID][]types.UID {
	out := map[types.UID][]types.UID{}
	for u, n := range g.nodes {
		out[u] = slices.Sorted(maps.Keys(n.dependents))
	}
	return out
}

func TestRemoveSaysWhomItConcerns(t *testing.T) {
	g := newGraph()
	g.put(client.Kind{}, object("owner"))
	g.put(client.Kind{}, object("middle", "owner"))
	g.put(client.Kind{}, object("leaf", "middle"))
	dependents, owners := g.remove("middle")
	if !slices.Equal(dependents, []types.UID{"leaf"}) || !slices.Equal(owners, []types.UID{"owner"}) {
		t.Errorf("dependents %v, owners %v", dependents, owners)
	}
	if _, ok := g.get("middle"); ok {
		t.Error("it is still there")
	}
	if _, ok := g.get("owner"); !ok {
		t.Error("its owner is gone too")
	}
}

func TestBlocks(t *testing.T) {
	yes := true
	n := node{owners: []metav1.OwnerReference{{UID: "a", BlockOwnerDeletion: &yes}, {UID: "b"}}}
	if !n.blocks("a") || n.blocks("b") || n.blocks("c") {
		t.Error("blocks the wrong owners")
	}
}
