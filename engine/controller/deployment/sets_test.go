package deployment

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
)

func TestFindNew(t *testing.T) {
	older, newer := set(1, 1, 1, ""), set(2, 1, 1, "")
	newer.Spec.Template = *older.Spec.Template.DeepCopy()
	newer.Spec.Template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = "abc" // does not count
	all := []*appsv1.ReplicaSet{newer, older}
	if got := findNew(deploy(1, "1", "0").image("web:1").obj, all); got != older {
		t.Errorf("found %v, want the oldest of two with one template", got)
	}
	if got := findNew(deploy(1, "1", "0").image("web:3").obj, all); got != nil {
		t.Errorf("found %v for a template that none has", got.Name)
	}
}

func TestNewReplicaSet(t *testing.T) {
	d := deploy(3, "1", "0").obj
	rs := newReplicaSet(d)
	hash := rs.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	if hash == "" || rs.Name != "web-"+hash || rs.Spec.Selector.MatchLabels[appsv1.DefaultDeploymentUniqueLabelKey] != hash ||
		rs.Spec.Template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] != hash || *rs.Spec.Replicas != 0 {
		t.Errorf("ReplicaSet is %+v", rs)
	}
	if len(d.Spec.Selector.MatchLabels) != 1 || len(d.Spec.Template.Labels) != 1 {
		t.Error("the Deployment was changed")
	}
	d.Status.CollisionCount = new(int32)
	if newReplicaSet(d).Name == rs.Name {
		t.Error("a collision does not change the name")
	}
	d.Name = strings.Repeat("x", 253)
	if n := len(newReplicaSet(d).Name); n > 253 {
		t.Errorf("a long name became %d characters", n)
	}
}

func TestActiveOrLatest(t *testing.T) {
	with, without := func(i int) *appsv1.ReplicaSet { return set(i, 2, 2, "") }, func(i int) *appsv1.ReplicaSet { return set(i, 0, 0, "") }
	for _, tt := range []struct {
		name   string
		newest *appsv1.ReplicaSet
		old    []*appsv1.ReplicaSet
		want   string
	}{
		{"the only one with pods", without(3), []*appsv1.ReplicaSet{with(1), without(2)}, "web-1"},
		{"the new one if none has pods", without(3), []*appsv1.ReplicaSet{without(1), without(2)}, "web-3"},
		{"the youngest old one if there is no new one", nil, []*appsv1.ReplicaSet{without(1), without(2)}, "web-2"},
		{"none if several have pods", with(3), []*appsv1.ReplicaSet{with(1)}, ""},
		{"none if there is none", nil, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if rs := activeOrLatest(tt.newest, tt.old); rs != nil {
				got = rs.Name
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTerminating(t *testing.T) {
	two, never, silent := set(1, 1, 1, ""), set(2, 1, 1, ""), set(3, 1, 1, "")
	n := int32(2)
	two.Status.TerminatingReplicas, two.Status.ObservedGeneration, silent.Status.ObservedGeneration = &n, 1, 1
	if got := terminating([]*appsv1.ReplicaSet{two, never}); got == nil || *got != 2 {
		t.Errorf("got %v, want 2: one that was never synced has no pods", got)
	}
	if got := terminating([]*appsv1.ReplicaSet{two, silent}); got != nil {
		t.Errorf("got %d, want nothing: one does not say", *got)
	}
}
