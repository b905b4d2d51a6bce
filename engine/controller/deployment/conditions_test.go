package deployment

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSetCondition(t *testing.T) {
	at := func(h int) metav1.Time { return metav1.NewTime(epoch.Add(time.Duration(h) * time.Hour)) }
	cond := func(status corev1.ConditionStatus, reason string, h int) appsv1.DeploymentCondition {
		return appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: status, Reason: reason, LastUpdateTime: at(h), LastTransitionTime: at(h)}
	}
	var s appsv1.DeploymentStatus
	for _, step := range []struct {
		name                string
		cond                appsv1.DeploymentCondition
		updated, transition metav1.Time
	}{
		{"the first", cond("True", "A", 1), at(1), at(1)},
		{"the same again changes nothing", cond("True", "A", 2), at(1), at(1)},
		{"another reason is an update", cond("True", "B", 3), at(3), at(1)},
		{"another status is a transition", cond("False", "C", 4), at(4), at(4)},
	} {
		setCondition(&s, step.cond)
		got := getCondition(s, appsv1.DeploymentProgressing)
		if len(s.Conditions) != 1 || !got.LastUpdateTime.Equal(&step.updated) || !got.LastTransitionTime.Equal(&step.transition) {
			t.Errorf("%s: %+v", step.name, s.Conditions)
		}
	}
	removeCondition(&s, appsv1.DeploymentProgressing)
	if len(s.Conditions) != 0 {
		t.Error("not removed")
	}
}

func TestProgressing(t *testing.T) {
	d := deploy(5, "1", "0").obj
	d.Status = appsv1.DeploymentStatus{Replicas: 6, UpdatedReplicas: 2, ReadyReplicas: 5, AvailableReplicas: 5}
	for _, tt := range []struct {
		name   string
		change func(s *appsv1.DeploymentStatus)
		want   bool
	}{
		{"nothing moved", func(*appsv1.DeploymentStatus) {}, false},
		{"more updated", func(s *appsv1.DeploymentStatus) { s.UpdatedReplicas++ }, true},
		{"fewer old", func(s *appsv1.DeploymentStatus) { s.Replicas-- }, true},
		{"more ready", func(s *appsv1.DeploymentStatus) { s.ReadyReplicas++ }, true},
		{"more available", func(s *appsv1.DeploymentStatus) { s.AvailableReplicas++ }, true},
		{"fewer available", func(s *appsv1.DeploymentStatus) { s.AvailableReplicas-- }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := d.Status.DeepCopy()
			tt.change(s)
			if got := progressing(d, s); got != tt.want {
				t.Errorf("progressing: %v, want %v", got, tt.want)
			}
		})
	}
}
