package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestFold(t *testing.T) {
	account := func(name, old string) corev1.PodSpec {
		return corev1.PodSpec{ServiceAccountName: name, DeprecatedServiceAccount: old}
	}
	template := func(s corev1.PodSpec) corev1.PodTemplateSpec { return corev1.PodTemplateSpec{Spec: s} }
	for _, c := range []struct {
		name      string
		obj, want runtime.Object
	}{
		{
			"stringData wins",
			&corev1.Secret{Data: map[string][]byte{"a": []byte("1"), "b": []byte("2")}, StringData: map[string]string{"b": "3"}},
			&corev1.Secret{Data: map[string][]byte{"a": []byte("1"), "b": []byte("3")}},
		},
		{"stringData alone", &corev1.Secret{StringData: map[string]string{"b": "3"}}, &corev1.Secret{Data: map[string][]byte{"b": []byte("3")}}},
		{"neither", &corev1.Secret{}, &corev1.Secret{}},
		{"old name", &corev1.Pod{Spec: account("", "x")}, &corev1.Pod{Spec: account("x", "x")}},
		{"new name wins", &corev1.Pod{Spec: account("y", "x")}, &corev1.Pod{Spec: account("y", "y")}},
		{
			"in a template",
			&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: template(account("", "x"))}},
			&appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: template(account("x", "x"))}},
		},
		{"no template", &corev1.ReplicationController{}, &corev1.ReplicationController{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			Fold(c.obj)
			if diff := cmp.Diff(c.want, c.obj); diff != "" {
				t.Error(diff)
			}
		})
	}
}
