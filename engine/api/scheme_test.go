package api

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

func TestStorageCodec(t *testing.T) {
	for _, r := range Resources() {
		if r.Prefix == "" {
			continue
		}
		codec := StorageCodec(r.GVK().GroupVersion())
		data, err := runtime.Encode(codec, r.New())
		if err != nil {
			t.Errorf("%s: %v", r.GVR(), err)
			continue
		}
		if !bytes.HasPrefix(data, []byte("k8s\x00")) {
			t.Errorf("%s is stored as %q", r.GVR(), data)
		}
		got, err := runtime.Decode(codec, data)
		if err != nil {
			t.Errorf("%s: %v", r.GVR(), err)
			continue
		}
		if k, _ := Kind(got); k != r.GVK() {
			t.Errorf("%s came back as %v", r.GVR(), k)
		}
	}
}

// TestStorageCodecReadsJSON: what somebody put into etcd by hand.
func TestStorageCodecReadsJSON(t *testing.T) {
	obj, err := runtime.Decode(StorageCodec(corev1.SchemeGroupVersion), []byte(`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"spec":{"containers":[{"name":"c"}]}}`))
	if err != nil || obj.(*corev1.Pod).Spec.RestartPolicy != corev1.RestartPolicyAlways {
		t.Errorf("%v, %v", obj, err)
	}
}

func TestDefaults(t *testing.T) {
	p := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx", Ports: []corev1.ContainerPort{{ContainerPort: 80}}}}}}
	Default(p)
	if p.Spec.RestartPolicy != "Always" || p.Spec.DNSPolicy != "ClusterFirst" || p.Spec.SchedulerName != "default-scheduler" ||
		*p.Spec.TerminationGracePeriodSeconds != 30 || *p.Spec.EnableServiceLinks != true {
		t.Errorf("spec is %+v", p.Spec)
	}
	c := p.Spec.Containers[0]
	if c.ImagePullPolicy != "Always" || c.TerminationMessagePath != "/dev/termination-log" || c.Ports[0].Protocol != "TCP" {
		t.Errorf("container is %+v", c)
	}
	d := &appsv1.Deployment{}
	Default(d)
	quarter := intstr.FromString("25%")
	want := appsv1.DeploymentStrategy{Type: "RollingUpdate", RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &quarter, MaxSurge: &quarter}}
	if diff := cmp.Diff(want, d.Spec.Strategy); diff != "" || *d.Spec.Replicas != 1 || *d.Spec.RevisionHistoryLimit != 10 || *d.Spec.ProgressDeadlineSeconds != 600 {
		t.Errorf("spec is %+v\n%s", d.Spec, diff)
	}
	s := &corev1.Service{Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}}
	Default(s)
	if s.Spec.Type != "ClusterIP" || s.Spec.SessionAffinity != "None" || s.Spec.Ports[0].TargetPort != intstr.FromInt32(80) || *s.Spec.InternalTrafficPolicy != "Cluster" {
		t.Errorf("spec is %+v", s.Spec)
	}
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	Default(n)
	if n.Labels[corev1.LabelMetadataName] != "n" {
		t.Errorf("labels are %v", n.Labels)
	}
}

func TestConvertEvents(t *testing.T) {
	in := &eventsv1.Event{ObjectMeta: metav1.ObjectMeta{Name: "e"}, Regarding: corev1.ObjectReference{Name: "p"}, Note: "note", ReportingController: "c", DeprecatedCount: 3}
	mid, err := Convert(in.DeepCopy(), corev1.SchemeGroupVersion)
	if err != nil {
		t.Fatal(err)
	}
	e := mid.(*corev1.Event)
	if e.InvolvedObject.Name != "p" || e.Message != "note" || e.Count != 3 {
		t.Errorf("core event is %+v", e)
	}
	out, err := Convert(e, eventsv1.SchemeGroupVersion)
	if err != nil {
		t.Fatal(err)
	}
	out.(*eventsv1.Event).TypeMeta = metav1.TypeMeta{}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("round trip:\n%s", diff)
	}
}

// TestRulesDoNotChangeObjects: what is judged may be shared.
func TestRulesDoNotChangeObjects(t *testing.T) {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: "u", ResourceVersion: "1"},
		Spec: corev1.PodSpec{
			HostNetwork: true, SecurityContext: &corev1.PodSecurityContext{RunAsUser: ptr.To[int64](1)},
			Containers: []corev1.Container{{Name: "c", Image: "i", TerminationMessagePolicy: "File", ImagePullPolicy: "Always", SecurityContext: &corev1.SecurityContext{}}},
		},
	}
	Default(p)
	before, next := p.DeepCopy(), p.DeepCopy()
	next.Spec.Containers[0].Image = "j"
	if errs := PodRules().Create(t.Context(), p); len(errs) > 0 {
		t.Error(errs)
	}
	if errs := PodRules().Update(t.Context(), next, p); len(errs) > 0 {
		t.Error(errs)
	}
	PodRules().Drop(next, p)
	PodRules().WarnCreate(t.Context(), p)
	if diff := cmp.Diff(before, p); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
	if next.Spec.Containers[0].Image != "j" || !next.Spec.HostNetwork || *next.Spec.SecurityContext.RunAsUser != 1 {
		t.Errorf("Drop lost something: %+v", next.Spec)
	}
}

func TestWarnings(t *testing.T) {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a.b"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i", Env: []corev1.EnvVar{{Name: "A", Value: "1"}, {Name: "A", Value: "2"}}}}}}
	Default(p)
	got := PodRules().WarnCreate(t.Context(), p)
	want := []string{
		"metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
		`spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestDropAlphaFields: a field whose gate is off does not get through.
func TestDropAlphaFields(t *testing.T) {
	pod := func() *corev1.Pod {
		p := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}, HostUsers: ptr.To(false)}}
		Default(p)
		return p
	}
	p := pod()
	PodRules().Drop(p, nil)
	if diff := cmp.Diff(pod(), p); diff != "" {
		t.Errorf("a pod without alpha fields changed:\n%s", diff)
	}
}
