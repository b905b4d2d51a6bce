package deployment

// Upstream: pkg/controller/deployment/progress.go

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/controller"
)

// Reasons of the Progressing condition.
const (
	reasonAvailable = "NewReplicaSetAvailable"
	reasonUpdated   = "ReplicaSetUpdated"
	reasonTimedOut  = "ProgressDeadlineExceeded"
	reasonPaused    = "DeploymentPaused"
	reasonResumed   = "DeploymentResumed"
)

// syncRolloutStatus writes the status of a rollout, and judges its progress.
func (r *rollout) syncRolloutStatus(ctx context.Context) error {
	s := r.calculateStatus()
	current := getCondition(r.d.Status, appsv1.DeploymentProgressing)
	if !hasDeadline(r.d) {
		removeCondition(&s, appsv1.DeploymentProgressing)
	} else if done := current != nil && current.Reason == reasonAvailable; !done || s.Replicas != s.UpdatedReplicas {
		r.judge(&s, current)
	}
	if failure := r.failure(); failure != nil {
		setCondition(&s, *failure)
	} else {
		removeCondition(&s, appsv1.DeploymentReplicaFailure)
	}
	if equality.Semantic.DeepEqual(r.d.Status, s) {
		r.comeBack(&s)
		return nil
	}
	r.d.Status = s
	return r.writeStatus(ctx)
}

// judge sets the Progressing condition of s.
func (r *rollout) judge(s *appsv1.DeploymentStatus, current *appsv1.DeploymentCondition) {
	what := fmt.Sprintf("Deployment %q", r.d.Name)
	if r.new != nil {
		what = fmt.Sprintf("ReplicaSet %q", r.new.Name)
	}
	switch {
	case complete(r.d, s):
		r.setProgressing(s, corev1.ConditionTrue, reasonAvailable, what+" has successfully progressed.")
	case progressing(r.d, s):
		cond := r.condition(appsv1.DeploymentProgressing, corev1.ConditionTrue, reasonUpdated, what+" is progressing.")
		if current != nil && current.Status == corev1.ConditionTrue {
			cond.LastTransitionTime = current.LastTransitionTime
		}
		// Removed first, so that the time of the update moves with each step.
		removeCondition(s, appsv1.DeploymentProgressing)
		setCondition(s, cond)
	case r.timedOut(s):
		r.setProgressing(s, corev1.ConditionFalse, reasonTimedOut, what+" has timed out progressing.")
	}
}

func (r *rollout) timedOut(s *appsv1.DeploymentStatus) bool {
	c := getCondition(*s, appsv1.DeploymentProgressing)
	if c == nil || c.Reason == reasonAvailable {
		return false
	}
	return c.Reason == reasonTimedOut || c.LastUpdateTime.Add(deadline(r.d)).Before(r.cc.Clock.Now())
}

// comeBack asks for another sync at the deadline, for nothing else may happen
// to a stuck rollout.
func (r *rollout) comeBack(s *appsv1.DeploymentStatus) {
	c := getCondition(r.d.Status, appsv1.DeploymentProgressing)
	if !hasDeadline(r.d) || c == nil || complete(r.d, s) || c.Reason == reasonTimedOut {
		return
	}
	left := c.LastUpdateTime.Add(deadline(r.d)).Sub(r.cc.Clock.Now())
	r.EnqueueAfter(controller.Key(r.d), max(left, 0)+time.Second)
}

// failure is the ReplicaFailure condition of the new ReplicaSet, or of any.
func (r *rollout) failure() *appsv1.DeploymentCondition {
	for _, rs := range append([]*appsv1.ReplicaSet{r.new}, r.old...) {
		if rs == nil {
			continue
		}
		for _, c := range rs.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure {
				return &appsv1.DeploymentCondition{
					Type: appsv1.DeploymentReplicaFailure, Status: c.Status, Reason: c.Reason, Message: c.Message,
					LastTransitionTime: c.LastTransitionTime, LastUpdateTime: c.LastTransitionTime,
				}
			}
		}
	}
	return nil
}

// checkPaused notes in the Progressing condition that the rollout was paused or
// resumed, so that the time of the pause does not count against the deadline.
func (r *rollout) checkPaused(ctx context.Context) error {
	if !hasDeadline(r.d) {
		return nil
	}
	c := getCondition(r.d.Status, appsv1.DeploymentProgressing)
	if c != nil && c.Reason == reasonTimedOut {
		return nil
	}
	paused := c != nil && c.Reason == reasonPaused
	switch {
	case r.d.Spec.Paused && !paused:
		r.setProgressing(&r.d.Status, corev1.ConditionUnknown, reasonPaused, "Deployment is paused")
	case !r.d.Spec.Paused && paused:
		r.setProgressing(&r.d.Status, corev1.ConditionUnknown, reasonResumed, "Deployment is resumed")
	default:
		return nil
	}
	return r.writeStatus(ctx)
}

func (r *rollout) writeIfChanged(ctx context.Context, s appsv1.DeploymentStatus) error {
	if equality.Semantic.DeepEqual(r.d.Status, s) {
		return nil
	}
	r.d.Status = s
	return r.writeStatus(ctx)
}

// calculateStatus counts what the ReplicaSets report.
func (r *rollout) calculateStatus() appsv1.DeploymentStatus {
	every := r.every()
	s := *r.d.Status.DeepCopy()
	s.ObservedGeneration = r.d.Generation
	s.Replicas, s.UpdatedReplicas, s.ReadyReplicas, s.AvailableReplicas = 0, 0, 0, available(every)
	s.UnavailableReplicas = max(0, replicas(every)-s.AvailableReplicas)
	s.TerminatingReplicas = terminating(every)
	for _, rs := range every {
		s.Replicas += rs.Status.Replicas
		s.ReadyReplicas += rs.Status.ReadyReplicas
	}
	if r.new != nil {
		s.UpdatedReplicas = r.new.Status.Replicas
	}
	if s.AvailableReplicas >= minAvailable(r.d) {
		setCondition(&s, r.condition(appsv1.DeploymentAvailable, corev1.ConditionTrue, "MinimumReplicasAvailable", "Deployment has minimum availability."))
	} else {
		setCondition(&s, r.condition(appsv1.DeploymentAvailable, corev1.ConditionFalse, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."))
	}
	return s
}

func (r *rollout) condition(t appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string) appsv1.DeploymentCondition {
	now := metav1.NewTime(r.cc.Clock.Now()).Rfc3339Copy()
	return appsv1.DeploymentCondition{
		Type: t, Status: status, Reason: reason, Message: message, LastUpdateTime: now, LastTransitionTime: now,
	}
}

func (r *rollout) setProgressing(s *appsv1.DeploymentStatus, status corev1.ConditionStatus, reason, message string) {
	setCondition(s, r.condition(appsv1.DeploymentProgressing, status, reason, message))
}
