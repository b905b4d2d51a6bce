package namespace

import (
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestConditions(t *testing.T) {
	held := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Finalizers: []string{"example.com/b", "example.com/a"}}}
	left := []leftover{
		{schema.GroupVersionResource{Version: "v1", Resource: "pods"}, []metav1.Object{&corev1.Pod{}, &corev1.Pod{}}},
		{schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, []metav1.Object{held}},
	}
	for _, tt := range []struct {
		name     string
		left     []leftover
		failures []error
		want     map[corev1.NamespaceConditionType][3]string
	}{
		{"all is well", nil, nil, map[corev1.NamespaceConditionType][3]string{
			"NamespaceDeletionDiscoveryFailure":           {"False", "ResourcesDiscovered", "All resources successfully discovered"},
			"NamespaceDeletionGroupVersionParsingFailure": {"False", "ParsedGroupVersions", "All legacy kube types successfully parsed"},
			"NamespaceDeletionContentFailure":             {"False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"},
			"NamespaceContentRemaining":                   {"False", "ContentRemoved", "All content successfully removed"},
			"NamespaceFinalizersRemaining":                {"False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"},
		}},
		{"things remain", left, nil, map[corev1.NamespaceConditionType][3]string{
			"NamespaceContentRemaining":    {"True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances, pods. has 2 resource instances"},
			"NamespaceFinalizersRemaining": {"True", "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: example.com/a in 1 resource instances, example.com/b in 1 resource instances"},
		}},
		{"deletions fail", nil, []error{errors.New("z"), errors.New("a")}, map[corev1.NamespaceConditionType][3]string{
			"NamespaceDeletionContentFailure": {"True", "ContentDeletionFailed", "Failed to delete all resource types, 2 remaining: a, z"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := 0
			for _, c := range conditions(tt.left, tt.failures) {
				want, ok := tt.want[c.Type]
				if got := [3]string{string(c.Status), c.Reason, c.Message}; ok && got != want {
					t.Errorf("%s is %q, want %q", c.Type, got, want)
				}
				if ok {
					seen++
				}
			}
			if seen != len(tt.want) {
				t.Errorf("%d of %d conditions are there", seen, len(tt.want))
			}
		})
	}
}

func TestSetKeepsTheTime(t *testing.T) {
	at := func(s int64) metav1.Time { return metav1.NewTime(time.Unix(s, 0)) }
	cond := func(status corev1.ConditionStatus, message string, s int64) corev1.NamespaceCondition {
		return corev1.NamespaceCondition{Type: corev1.NamespaceContentRemaining, Status: status, Message: message, LastTransitionTime: at(s)}
	}
	var s corev1.NamespaceStatus
	for _, step := range []struct {
		cond    corev1.NamespaceCondition
		changed bool
		since   metav1.Time
	}{
		{cond("True", "2 left", 1), true, at(1)},
		{cond("True", "2 left", 2), false, at(1)},
		{cond("True", "1 left", 3), true, at(1)},
		{cond("False", "none", 4), true, at(4)},
	} {
		if got := set(&s, step.cond); got != step.changed || !s.Conditions[0].LastTransitionTime.Equal(&step.since) {
			t.Errorf("%s: changed %v, since %v", step.cond.Message, got, s.Conditions[0].LastTransitionTime)
		}
	}
}
