package controller

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/record"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
)

func TestIsAvailable(t *testing.T) {
	for _, tt := range []struct {
		name     string
		pod      *corev1.Pod
		minReady time.Duration
		want     bool
		wait     time.Duration
	}{
		{"not ready", pod("p").obj, 0, false, 0},
		{"ready at once is enough", pod("p").ready(0).obj, 0, true, 0},
		{"ready for long enough", pod("p").ready(time.Minute).obj, time.Minute, true, 0},
		{"ready not for long enough", pod("p").ready(20 * time.Second).obj, time.Minute, false, 40 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if ok, wait := IsAvailable(tt.pod, tt.minReady, now); ok != tt.want || wait != tt.wait {
				t.Errorf("%v, wait %v; want %v, wait %v", ok, wait, tt.want, tt.wait)
			}
		})
	}
}

func TestPodFromTemplate(t *testing.T) {
	o := owner()
	template := &corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{
		Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": "d"}, Finalizers: []string{"e/f"},
	}}
	ref := *metav1.NewControllerRef(o, schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"})
	p := PodFromTemplate(o, ref, template)
	if p.GenerateName != "rs-" || p.Labels["a"] != "b" || p.Annotations["c"] != "d" || p.Finalizers[0] != "e/f" || !metav1.IsControlledBy(p, o) {
		t.Errorf("pod is %+v", p.ObjectMeta)
	}
	p.Labels["a"] = "changed"
	if template.Labels["a"] != "b" {
		t.Error("the pod shares its labels with the template")
	}
	o.Name = strings.Repeat("x", 253)
	if got := PodFromTemplate(o, ref, template).GenerateName; got != o.Name {
		t.Errorf("a name too long for a dash became %d characters", len(got))
	}
}

func TestEventsOfPods(t *testing.T) {
	events := record.NewFakeRecorder(10)
	api := clienttest.New(pod("there").obj)
	cc := testContext(api)
	cc.Events = events
	verbs, o := NewPods(cc), owner()
	ref := *metav1.NewControllerRef(o, schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"})
	expect := func(want string) {
		t.Helper()
		if got := <-events.Events; !strings.HasPrefix(got, want) {
			t.Errorf("event is %q, want %q", got, want)
		}
	}
	if _, err := verbs.Create(t.Context(), o, ref, &corev1.PodTemplateSpec{}); err != nil {
		t.Fatal(err)
	}
	expect("Normal SuccessfulCreate Created pod: rs-")
	if err := verbs.Delete(t.Context(), o, pod("there").obj); err != nil {
		t.Fatal(err)
	}
	expect("Normal SuccessfulDelete Deleted pod: there")
	if err := verbs.Delete(t.Context(), o, pod("there").obj); !apierrors.IsNotFound(err) {
		t.Errorf("deleting what is gone: %v", err)
	}
	api.OnCall = func(string, client.Target, runtime.Object) error { return errors.New("exceeded quota") }
	if _, err := verbs.Create(t.Context(), o, ref, &corev1.PodTemplateSpec{}); err == nil {
		t.Error("a refused creation gives no error")
	}
	expect("Warning FailedCreate Error creating: exceeded quota")
}
