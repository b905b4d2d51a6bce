package deployment

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// epoch is when the objects of these tests begin to be.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A maker builds Deployments by chains.
type maker struct{ obj *appsv1.Deployment }

func deploy(n int32, surge, unavailable string) maker {
	s, u := intstr.Parse(surge), intstr.Parse(unavailable)
	limit, deadline := int32(10), int32(600)
	return maker{&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "d", Generation: 1},
		Spec: appsv1.DeploymentSpec{
			Replicas: &n, RevisionHistoryLimit: &limit, ProgressDeadlineSeconds: &deadline,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Strategy: appsv1.DeploymentStrategy{
				Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &s, MaxUnavailable: &u},
			},
			Template: template("web:1"),
		},
	}}
}

func template(image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: image}}},
	}
}

func (m maker) image(image string) maker {
	m.obj.Spec.Template = template(image)
	return m
}

// set is the i-th ReplicaSet, of n pods of which so many are available, made when
// the Deployment could have before pods.
func set(i int, n, available int32, before string) *appsv1.ReplicaSet {
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: fmt.Sprintf("web-%d", i), UID: types.UID(fmt.Sprintf("rs%d", i)),
			CreationTimestamp: metav1.NewTime(epoch.Add(time.Duration(i) * time.Hour)),
			Annotations:       map[string]string{revisionAnnotation: fmt.Sprint(i)},
		},
		Spec:   appsv1.ReplicaSetSpec{Replicas: &n, Template: template(fmt.Sprintf("web:%d", i))},
		Status: appsv1.ReplicaSetStatus{Replicas: n, ReadyReplicas: available, AvailableReplicas: available},
	}
	if before != "" {
		rs.Annotations[maxAnnotation] = before
	}
	return rs
}
