package objects

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
)

func referring(uid types.UID, name string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: uid}, Spec: corev1.PodSpec{Volumes: []corev1.Volume{
		{VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}}},
	}}}
}

func configMap(name, color string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}, Data: map[string]string{"color": color}}
}

func TestFollowsWhatPodsReferTo(t *testing.T) {
	api := clienttest.New(configMap("a", "red"), configMap("other", "grey"))
	watched := make(chan string, 100)
	api.OnCall = func(verb string, at client.Target, _ runtime.Object) error {
		if verb == "watch" {
			watched <- at.Resource
		}
		return nil
	}
	changed := make(chan []types.UID, 100)
	m := New(api, clock.RealClock{}, func(pods []types.UID) { changed <- pods })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	next := func() {
		t.Helper()
		select {
		case <-changed:
		case <-time.After(20 * time.Second):
			t.Fatal("no change was told")
		}
	}
	if _, err := m.ConfigMap(ctx, "ns", "a"); err == nil || err.Error() != `object "ns"/"a" not registered` {
		t.Errorf("unregistered: %v", err)
	}
	m.RegisterPod(referring("1", "a"))
	m.RegisterPod(referring("2", "a"))
	if cm, err := m.ConfigMap(ctx, "ns", "a"); err != nil || cm.Data["color"] != "red" {
		t.Fatalf("%v, %v", cm, err)
	}
	next()
	if _, err := client.For[*corev1.ConfigMap](api).Update(ctx, configMap("a", "blue")); err != nil {
		t.Fatal(err)
	}
	next()
	if cm, err := m.ConfigMap(ctx, "ns", "a"); err != nil || cm.Data["color"] != "blue" {
		t.Errorf("after the update: %v, %v", cm, err)
	}
	m.RegisterPod(referring("3", "b"))
	if _, err := m.ConfigMap(ctx, "ns", "b"); !apierrors.IsNotFound(err) || err.Error() != `configmap "b" not found` {
		t.Errorf("missing: %v", err)
	}
	next()
	if _, err := client.For[*corev1.ConfigMap](api).Create(ctx, configMap("b", "green")); err != nil {
		t.Fatal(err)
	}
	next()
	api.EndWatches() // the server is restarted: watches begin anew
	if err := client.For[*corev1.ConfigMap](api).Delete(ctx, "ns", "b", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	next()
	if _, err := m.ConfigMap(ctx, "ns", "b"); !apierrors.IsNotFound(err) {
		t.Errorf("deleted: %v", err)
	}
	m.UnregisterPod("1")
	if _, err := m.ConfigMap(ctx, "ns", "a"); err != nil {
		t.Errorf("the other pod still refers to it: %v", err)
	}
	m.UnregisterPod("2")
	if _, err := m.ConfigMap(ctx, "ns", "a"); err == nil {
		t.Error("nobody refers to it, and it is still followed")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(watched); n > 6 {
		t.Errorf("%d watches", n)
	}
}

func TestReferences(t *testing.T) {
	p := referring("1", "vol")
	p.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "pull"}}
	p.Spec.InitContainers = []corev1.Container{{Env: []corev1.EnvVar{{ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "key"}}}}}}}
	p.Spec.Containers = []corev1.Container{{EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "env"}}}}}}
	p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "proj"}}},
	}}}})
	got := References(p)
	for _, want := range []Key{{"configmap", "ns", "vol"}, {"secret", "ns", "pull"}, {"secret", "ns", "key"}, {"configmap", "ns", "env"}, {"secret", "ns", "proj"}} {
		if _, ok := got[want]; !ok {
			t.Errorf("%v is missing", want)
		}
	}
	if len(got) != 5 {
		t.Errorf("references: %v", got)
	}
}
