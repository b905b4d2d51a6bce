package deployment

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

func TestProportions(t *testing.T) {
	for _, tt := range []struct {
		name     string
		replicas int32
		surge    string
		sets     []*appsv1.ReplicaSet // largest first, as they come out
		want     []int32
	}{
		{"the example of the documentation", 15, "3", []*appsv1.ReplicaSet{set(1, 8, 8, "13"), set(2, 5, 0, "13")}, []int32{11, 7}},
		{"to nothing", 0, "3", []*appsv1.ReplicaSet{set(1, 8, 8, "13"), set(2, 5, 0, "13")}, []int32{0, 0}},
		{"rounding goes to the largest", 20, "0", []*appsv1.ReplicaSet{set(1, 5, 5, "10"), set(3, 3, 3, "10"), set(2, 2, 2, "10")}, []int32{10, 6, 4}},
		{"somebody removed the annotation", 10, "0", []*appsv1.ReplicaSet{set(1, 5, 5, "")}, []int32{10}},
		{"down", 5, "0", []*appsv1.ReplicaSet{set(1, 6, 6, "10"), set(2, 4, 4, "10")}, []int32{3, 2}},
		{"nothing to do", 10, "0", []*appsv1.ReplicaSet{set(1, 6, 6, "10"), set(2, 4, 4, "10")}, []int32{6, 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, proportions(deploy(tt.replicas, tt.surge, "0").obj, tt.sets)); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProportionsAddUp: whatever the sets, the sizes sum up to what is allowed,
// and none is negative.
func TestProportionsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		d := deploy(r.Int32N(50), "25%", "25%").obj
		var sets []*appsv1.ReplicaSet
		for i := range 1 + r.IntN(4) {
			sets = append(sets, set(i, 1+r.Int32N(20), 0, []string{"", "10", "25", "60"}[r.IntN(4)]))
		}
		sum, allowed := int32(0), int32(0)
		if *d.Spec.Replicas > 0 {
			allowed = *d.Spec.Replicas + maxSurge(d)
		}
		sizes := proportions(d, sets)
		for _, n := range sizes {
			if n < 0 {
				t.Fatalf("%d replicas became %v", *d.Spec.Replicas, sizes)
			}
			sum += n
		}
		if sum != allowed && sizes[0] != 0 {
			t.Fatalf("%d replicas (%d allowed) became %v", *d.Spec.Replicas, allowed, sizes)
		}
	}
}
