package controller

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
)

func owner() *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "rs", UID: "mine"}}
}

func refs(owner *appsv1.ReplicaSet, api client.Interface) Refs[*corev1.Pod] {
	return Refs[*corev1.Pod]{
		API: client.For[*corev1.Pod](api), Owner: owner, Kind: appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
		Selector: labels.SelectorFromSet(labels.Set{"app": "a"}),
	}
}

func TestJudge(t *testing.T) {
	dying := owner()
	dying.DeletionTimestamp = &metav1.Time{Time: now}
	for _, tt := range []struct {
		name  string
		owner *appsv1.ReplicaSet
		pod   *corev1.Pod
		want  claim
	}{
		{"ours, matching", owner(), pod("p").label("app", "a").ownedBy("mine").obj, keep},
		{"ours, no more matching", owner(), pod("p").label("app", "b").ownedBy("mine").obj, release},
		{"another's, matching", owner(), pod("p").label("app", "a").ownedBy("theirs").obj, ignore},
		{"an orphan, matching", owner(), pod("p").label("app", "a").obj, adopt},
		{"an orphan, not matching", owner(), pod("p").label("app", "b").obj, ignore},
		{"an orphan on its way out", owner(), pod("p").label("app", "a").deleting().obj, ignore},
		{"an orphan, of a dying owner", dying, pod("p").label("app", "a").obj, ignore},
		{"ours, no more matching, of a dying owner", dying, pod("p").label("app", "b").ownedBy("mine").obj, ignore},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := refs(tt.owner, nil).judge(tt.pod); got != tt.want {
				t.Errorf("claim %v, want %v", got, tt.want)
			}
		})
	}
}

func TestClaim(t *testing.T) {
	pods := []*corev1.Pod{
		pod("kept").label("app", "a").ownedBy("mine").obj, pod("orphan").label("app", "a").obj,
		pod("lost").label("app", "b").ownedBy("mine").obj, pod("other").label("app", "a").ownedBy("theirs").obj,
	}
	api := clienttest.New(pods[0], pods[1], pods[2], pods[3])
	mine, err := refs(owner(), api).Claim(t.Context(), append(pods, pod("gone").label("app", "a").obj))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range mine {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"kept", "orphan"}, names); diff != "" {
		t.Errorf("mine (-want +got):\n%s", diff)
	}
	owners := map[string]string{}
	for _, p := range pods {
		now, err := client.For[*corev1.Pod](api).Get(t.Context(), "default", p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if ref := metav1.GetControllerOf(now); ref != nil {
			owners[p.Name] = string(ref.UID)
		}
	}
	if diff := cmp.Diff(map[string]string{"kept": "mine", "orphan": "mine", "other": "theirs"}, owners); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
}

func TestNoAdoptionByADeadOwner(t *testing.T) {
	orphan := pod("orphan").label("app", "a").obj
	r := refs(owner(), clienttest.New(orphan))
	r.Adoptable = func(context.Context) error { return errors.New("rs has just been deleted") }
	mine, err := r.Claim(t.Context(), []*corev1.Pod{orphan})
	if want := "can't adopt default/orphan (uid-orphan): rs has just been deleted"; err == nil || err.Error() != want || len(mine) != 0 {
		t.Errorf("claimed %d, error %v", len(mine), err)
	}
}

func TestNotDeleted(t *testing.T) {
	dying, another := owner(), owner()
	dying.DeletionTimestamp, another.UID = &metav1.Time{Time: now}, "another"
	for _, tt := range []struct {
		name  string
		fresh *appsv1.ReplicaSet
		want  string
	}{
		{"it is there", owner(), ""},
		{"another has its name", another, "original default/rs is gone: got uid another, wanted mine"},
		{"it is being deleted", dying, "default/rs has just been deleted at " + dying.DeletionTimestamp.String()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := NotDeleted(owner(), func(context.Context, string, string) (*appsv1.ReplicaSet, error) { return tt.fresh, nil })(t.Context())
			if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
