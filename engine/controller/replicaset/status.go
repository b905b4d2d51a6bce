package replicaset

// Upstream: pkg/controller/replicaset/replica_set_utils.go

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubergarten/engine/controller"
)

// calculateStatus counts pods. wait is the time until the next of them becomes
// available by having been ready for long enough; 0 if none will.
func calculateStatus(rs *appsv1.ReplicaSet, pods []*corev1.Pod, failure error, now metav1.Time) (s appsv1.ReplicaSetStatus, wait time.Duration) {
	s = *rs.Status.DeepCopy()
	s.Replicas, s.FullyLabeledReplicas, s.ReadyReplicas, s.AvailableReplicas = int32(len(pods)), 0, 0, 0
	template := labels.Set(rs.Spec.Template.Labels).AsSelectorPreValidated()
	for _, pod := range pods {
		if template.Matches(labels.Set(pod.Labels)) {
			s.FullyLabeledReplicas++
		}
		if !controller.IsReady(pod) {
			continue
		}
		s.ReadyReplicas++
		ok, missing := controller.IsAvailable(pod, minReady(rs), now.Time)
		if ok {
			s.AvailableReplicas++
		} else if wait == 0 || missing < wait {
			wait = missing
		}
	}
	s.Conditions = withFailure(s.Conditions, failureOf(rs, pods, failure, now))
	return s, wait
}

// failureOf is the ReplicaFailure condition that failure calls for, or nil.
func failureOf(rs *appsv1.ReplicaSet, pods []*corev1.Pod, failure error, now metav1.Time) *appsv1.ReplicaSetCondition {
	if failure == nil {
		return nil
	}
	reason := ""
	switch want := int(*rs.Spec.Replicas); {
	case len(pods) < want:
		reason = "FailedCreate"
	case len(pods) > want:
		reason = "FailedDelete"
	}
	return &appsv1.ReplicaSetCondition{
		Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue,
		LastTransitionTime: now, Reason: reason, Message: failure.Error(),
	}
}

// withFailure is conditions with ReplicaFailure added, or removed if cond is
// nil. One that is there already keeps its words, as upstream's does.
func withFailure(conditions []appsv1.ReplicaSetCondition, cond *appsv1.ReplicaSetCondition) (out []appsv1.ReplicaSetCondition) {
	for _, c := range conditions {
		switch {
		case c.Type != appsv1.ReplicaSetReplicaFailure:
			out = append(out, c)
		case cond != nil:
			out, cond = append(out, c), nil
		}
	}
	if cond != nil {
		out = append(out, *cond)
	}
	return out
}

func sameStatus(a, b appsv1.ReplicaSetStatus) bool {
	return equality.Semantic.DeepEqual(a, b)
}
