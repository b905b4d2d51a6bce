package cache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/scheduler/cache"
)

func pod(name, node string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)}, Spec: corev1.PodSpec{NodeName: node}}
}

func node(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// shown is the pods of each node, as a snapshot says.
func shown(c *cache.Cache) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, n := range c.Snapshot() {
		out[n.Node.Name] = map[string]bool{}
		for _, p := range n.Pods {
			out[n.Node.Name][p.Name] = true
		}
	}
	return out
}

// TestCacheAgainstAMap: nodes and pods may come and go in any order.
func TestCacheAgainstAMap(t *testing.T) {
	r, c := rand.New(rand.NewPCG(1, 2)), cache.New()
	nodes, pods := map[string]bool{}, map[string]string{}
	for range 5000 {
		n, p := fmt.Sprintf("n%d", r.IntN(4)), fmt.Sprintf("p%d", r.IntN(8))
		switch r.IntN(4) {
		case 0:
			c.SetNode(node(n))
			nodes[n] = true
		case 1:
			c.RemoveNode(node(n))
			delete(nodes, n)
		case 2:
			c.SetPod(pod(p, n))
			pods[p] = n
		case 3:
			c.RemovePod(pod(p, ""))
			delete(pods, p)
		}
		want := map[string]map[string]bool{}
		for n := range nodes {
			want[n] = map[string]bool{}
		}
		for p, n := range pods {
			if nodes[n] {
				want[n][p] = true
			}
		}
		if diff := cmp.Diff(want, shown(c)); diff != "" {
			t.Fatalf("snapshot (-want +got):\n%s", diff)
		}
	}
}

func TestAssume(t *testing.T) {
	c := cache.New()
	c.SetNode(node("n1"))
	p := pod("p", "n1")
	if err := c.Assume(p); err != nil || !c.IsAssumed(p) || !shown(c)["n1"]["p"] {
		t.Fatalf("not assumed (%v)", err)
	}
	const want = "pod p(default/p) is in the cache, so can't be assumed"
	if err := c.Assume(p); err == nil || err.Error() != want {
		t.Errorf("assumed twice: %v, want %s", err, want)
	}
	c.Forget(p)
	if c.IsAssumed(p) || shown(c)["n1"]["p"] {
		t.Error("not forgotten")
	}
	if err := c.Assume(p); err != nil {
		t.Fatal(err)
	}
	c.SetPod(p) // the informer shows it bound
	c.Forget(p) // comes too late
	if c.IsAssumed(p) || !shown(c)["n1"]["p"] {
		t.Error("a bound pod was forgotten")
	}
}

func TestASnapshotStays(t *testing.T) {
	c := cache.New()
	c.SetNode(node("n1"))
	was := c.Snapshot()
	c.SetPod(pod("p", "n1"))
	if len(was[0].Pods) != 0 || len(c.Snapshot()[0].Pods) != 1 {
		t.Error("a snapshot changed, or the next one did not")
	}
}
