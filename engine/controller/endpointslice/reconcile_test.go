package endpointslice

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func service(ports ...corev1.ServicePort) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "svc", Labels: map[string]string{"a": "b"}},
		Spec:       corev1.ServiceSpec{ClusterIP: "10.96.0.5", Ports: ports, Selector: map[string]string{"app": "web"}},
	}
}

func http() corev1.ServicePort {
	return corev1.ServicePort{Name: "http", Port: 80, Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromString("web")}
}

// backend is a pod with the address 10.244.0.n whose port "web" has that number.
func backend(n, port int, ready bool) *corev1.Pod {
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	name := fmt.Sprintf("p%d", n)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("uid-" + name)},
		Spec: corev1.PodSpec{NodeName: "n1", Containers: []corev1.Container{{Name: "c", Ports: []corev1.ContainerPort{
			{Name: "web", ContainerPort: int32(port), Protocol: corev1.ProtocolTCP},
		}}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: fmt.Sprintf("10.244.%d.%d", n/250, n%250),
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: status}},
		},
	}
}

func noZone(string) *string { return nil }

// store is the slices as the API has them.
type store struct {
	made  int
	items []*discoveryv1.EndpointSlice
}

func (s *store) carryOut(p plan) {
	for _, old := range p.remove {
		s.items = slices.DeleteFunc(s.items, func(i *discoveryv1.EndpointSlice) bool { return i.Name == old.Name })
	}
	for _, u := range p.update {
		for i := range s.items {
			if s.items[i].Name == u.Name {
				s.items[i] = u
			}
		}
	}
	for _, c := range p.create {
		s.made++
		c.Name = fmt.Sprintf("%s%d", c.GenerateName, s.made)
		c.CreationTimestamp = metav1.NewTime(time.Unix(int64(s.made), 0))
		s.items = append(s.items, c)
	}
}

// holds is what the slices say, in words, and how large the largest is.
func (s *store) holds() (words []string, largest int) {
	for _, slice := range s.items {
		largest = max(largest, len(slice.Endpoints))
		for _, e := range slice.Endpoints {
			words = append(words, fmt.Sprintf("%s %s ready=%v", portKey(slice.Ports), e.Addresses[0], *e.Conditions.Ready))
		}
	}
	slices.Sort(words)
	return words, largest
}

func wanted(groups map[string]*group) (words []string) {
	for key, g := range groups {
		for _, e := range g.endpoints {
			words = append(words, fmt.Sprintf("%s %s ready=%v", key, e.Addresses[0], *e.Conditions.Ready))
		}
	}
	slices.Sort(words)
	return words
}

// TestReconcile: whatever changes, the slices then say what they should, none is
// too large, and a second look finds nothing to do.
func TestReconcile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	svc, s, pods := service(http()), &store{}, map[int]*corev1.Pod{}
	for round := range 200 {
		for range r.IntN(60) {
			n := r.IntN(400)
			if _, ok := pods[n]; ok && r.IntN(3) == 0 {
				delete(pods, n)
			} else {
				pods[n] = backend(n, []int{80, 80, 80, 8080}[r.IntN(4)], r.IntN(4) > 0)
			}
		}
		if r.IntN(20) == 0 {
			clear(pods)
		}
		var list []*corev1.Pod
		for _, p := range pods {
			list = append(list, p)
		}
		groups := desired(svc, list, noZone)
		s.carryOut(reconcile(svc, s.items, groups))
		got, largest := s.holds()
		if diff := cmp.Diff(wanted(groups), got); diff != "" {
			t.Fatalf("round %d (-want +got):\n%s", round, diff)
		}
		if largest > maxEndpoints || len(s.items) == 0 {
			t.Fatalf("round %d: %d slices, the largest of %d endpoints", round, len(s.items), largest)
		}
		if p := reconcile(svc, s.items, groups); len(p.create)+len(p.update)+len(p.remove) != 0 {
			t.Fatalf("round %d: a second look would create %d, update %d, remove %d", round, len(p.create), len(p.update), len(p.remove))
		}
	}
}

// TestOneChangeIsOneWrite: a pod that comes or goes touches one slice.
func TestOneChangeIsOneWrite(t *testing.T) {
	svc, s := service(http()), &store{}
	writes := func(pods ...*corev1.Pod) string {
		p := reconcile(svc, s.items, desired(svc, pods, noZone))
		s.carryOut(p)
		return fmt.Sprintf("%d created, %d updated, %d removed", len(p.create), len(p.update), len(p.remove))
	}
	a, b := backend(1, 80, true), backend(2, 80, true)
	for _, step := range []struct {
		name string
		pods []*corev1.Pod
		want string
	}{
		{"no pods: a placeholder", nil, "1 created, 0 updated, 0 removed"},
		{"the first takes its place", []*corev1.Pod{a}, "0 created, 1 updated, 0 removed"},
		{"another", []*corev1.Pod{a, b}, "0 created, 1 updated, 0 removed"},
		{"the same", []*corev1.Pod{b, a}, "0 created, 0 updated, 0 removed"},
		{"one not ready", []*corev1.Pod{a, backend(2, 80, false)}, "0 created, 1 updated, 0 removed"},
		{"one of another port", []*corev1.Pod{a, backend(3, 8080, true)}, "1 created, 1 updated, 0 removed"},
		{"none", nil, "0 created, 1 updated, 1 removed"},
	} {
		if got := writes(step.pods...); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
	if s.items[0].Name != "web-1" && s.items[0].Name != "web-2" {
		t.Errorf("the slice is %s: names did not last", s.items[0].Name)
	}
}

func TestWhatASliceSays(t *testing.T) {
	svc := service(http())
	p := reconcile(svc, nil, desired(svc, []*corev1.Pod{backend(1, 80, true)}, noZone))
	p.annotate(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC))
	got := p.create[0]
	want := map[string]string{"a": "b", discoveryv1.LabelServiceName: "web", discoveryv1.LabelManagedBy: "endpointslice-controller.k8s.io"}
	if diff := cmp.Diff(want, got.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if at := got.Annotations["endpoints.kubernetes.io/last-change-trigger-time"]; at != "2026-01-02T03:04:05.000000006Z" {
		t.Errorf("trigger time is %q", at)
	}
	if got.GenerateName != "web-" || !metav1.IsControlledBy(got, svc) || got.AddressType != discoveryv1.AddressTypeIPv4 {
		t.Errorf("slice is %+v", got.ObjectMeta)
	}
	headless := service(http())
	headless.Spec.ClusterIP = corev1.ClusterIPNone
	if _, ok := sliceLabels(headless)[corev1.IsHeadlessService]; !ok {
		t.Error("the slice of a headless Service is not labelled so")
	}
	svc.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	if p := reconcile(svc, nil, desired(svc, nil, noZone)); len(p.create) != 0 {
		t.Error("a Service on its way out gets new slices")
	}
}

func TestEndpoint(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(svc *corev1.Service, p *corev1.Pod)
		want   string
	}{
		{"ready", func(*corev1.Service, *corev1.Pod) {}, "ready serving"},
		{"not ready", func(_ *corev1.Service, p *corev1.Pod) { p.Status.Conditions = nil }, ""},
		{"not ready, but published", func(s *corev1.Service, p *corev1.Pod) {
			s.Spec.PublishNotReadyAddresses, p.Status.Conditions = true, nil
		}, "ready"},
		{"terminating", func(_ *corev1.Service, p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{} }, "serving terminating"},
		{"terminating, but published", func(s *corev1.Service, p *corev1.Pod) {
			s.Spec.PublishNotReadyAddresses, p.DeletionTimestamp = true, &metav1.Time{}
		}, "ready serving terminating"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			svc, p := service(http()), backend(1, 80, true)
			tt.change(svc, p)
			c := endpoint(svc, p, noZone).Conditions
			var words []string
			for _, w := range []struct {
				is   bool
				word string
			}{{*c.Ready, "ready"}, {*c.Serving, "serving"}, {*c.Terminating, "terminating"}} {
				if w.is {
					words = append(words, w.word)
				}
			}
			if got := strings.Join(words, " "); got != tt.want {
				t.Errorf("endpoint is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTargetPort(t *testing.T) {
	p := backend(1, 8080, true)
	for _, tt := range []struct {
		name string
		port corev1.ServicePort
		want int32
		ok   bool
	}{
		{"by name", http(), 8080, true},
		{"by number", corev1.ServicePort{Port: 80, TargetPort: intstr.FromInt32(99)}, 99, true},
		{"unset is the Service's own", corev1.ServicePort{Port: 80}, 80, true},
		{"of another protocol", corev1.ServicePort{Protocol: corev1.ProtocolUDP, TargetPort: intstr.FromString("web")}, 0, false},
		{"unknown", corev1.ServicePort{Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromString("nosuch")}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := targetPort(tt.port, p); got != tt.want || ok != tt.ok {
				t.Errorf("%d, %v; want %d, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestTriggers(t *testing.T) {
	at := func(m int) metav1.Time { return metav1.NewTime(time.Date(2026, 1, 1, 0, m, 0, 0, time.UTC)) }
	svc, a, b := service(http()), backend(1, 80, true), backend(2, 80, true)
	svc.CreationTimestamp, a.Status.Conditions[0].LastTransitionTime, b.Status.Conditions[0].LastTransitionTime = at(5), at(7), at(6)
	tr := newTriggers()
	for _, step := range []struct {
		name string
		pods []*corev1.Pod
		want metav1.Time
	}{
		{"the Service is the oldest change", []*corev1.Pod{a}, at(5)},
		{"nothing new", []*corev1.Pod{a}, metav1.Time{}},
		{"a pod", []*corev1.Pod{a, b}, at(6)},
	} {
		if got := tr.oldest(svc, step.pods); !got.Equal(step.want.Time) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
	tr.forget("default/web")
	if got := tr.oldest(svc, nil); !got.Equal(at(5).Time) {
		t.Errorf("after it was forgotten: %v", got)
	}
}

// BenchmarkReconcile is one pod of a thousand that changes.
func BenchmarkReconcile(b *testing.B) {
	svc, s := service(http()), &store{}
	var pods []*corev1.Pod
	for n := range 1000 {
		pods = append(pods, backend(n, 80, true))
	}
	s.carryOut(reconcile(svc, nil, desired(svc, pods, noZone)))
	ready := false
	for b.Loop() {
		pods[500] = backend(500, 80, ready)
		ready = !ready
		s.carryOut(reconcile(svc, s.items, desired(svc, pods, noZone)))
	}
}
