package deployment

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

func TestFenceposts(t *testing.T) {
	for _, tt := range []struct {
		name              string
		replicas          int32
		surge, unavail    string
		wantSurge, wantUn int32
	}{
		{"numbers", 10, "3", "2", 3, 2},
		{"percent: surge up, unavailable down", 10, "25%", "25%", 3, 2},
		{"small", 3, "25%", "25%", 1, 0},
		{"both nought stand still, so one may go", 10, "0", "0", 0, 1},
		{"both nought by rounding", 2, "0%", "25%", 0, 1},
		{"no replicas", 0, "25%", "25%", 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if s, u := fenceposts(deploy(tt.replicas, tt.surge, tt.unavail).obj); s != tt.wantSurge || u != tt.wantUn {
				t.Errorf("surge %d, unavailable %d; want %d, %d", s, u, tt.wantSurge, tt.wantUn)
			}
		})
	}
}

func TestNewReplicas(t *testing.T) {
	for _, tt := range []struct {
		name          string
		replicas      int32
		surge         string
		old, has, now int32
	}{
		{"as much as surge leaves", 10, "3", 10, 0, 3},
		{"no more than wanted", 3, "10", 1, 0, 3},
		{"no room", 10, "0", 10, 0, 0},
		{"room that old pods left", 10, "2", 5, 5, 7},
		{"never smaller", 2, "0", 3, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, rs := deploy(tt.replicas, tt.surge, "1").obj, set(2, tt.has, 0, "")
			got, err := newReplicas(d, []*appsv1.ReplicaSet{set(1, tt.old, tt.old, ""), rs}, rs)
			if err != nil || got != tt.now {
				t.Errorf("%d (%v), want %d", got, err, tt.now)
			}
		})
	}
	d := deploy(1, "1", "1").obj
	d.Spec.Strategy.Type = "Sideways"
	if _, err := newReplicas(d, nil, set(1, 1, 1, "")); err == nil || err.Error() != "deployment type Sideways isn't supported" {
		t.Errorf("unknown strategy: %v", err)
	}
}
