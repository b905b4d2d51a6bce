package registry

import (
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/registry/rest"
)

// BenchmarkCreatePod is a pod from decoded object to acknowledged, on an etcd
// in memory.
func BenchmarkCreatePod(b *testing.B) {
	f := newFixture(b)
	st := at[rest.Creater](f, gvrOf(b, pod("")), "")
	tmpl := defaulted(pod("p"))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := tmpl.DeepCopy()
		p.Name = "p" + strconv.Itoa(i)
		if _, err := st.Create(f.ctx, p, rest.ValidateAllObjectFunc, &metav1.CreateOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdatePodStatus is what a kubelet does all day.
func BenchmarkUpdatePodStatus(b *testing.B) {
	f := newFixture(b)
	mustCreate(f, pod("p"))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		mustUpdate(f, "p", "status", func(p *corev1.Pod) { p.Status.Message = strconv.Itoa(i) })
	}
}

// BenchmarkCreateService takes a cluster IP each time.
func BenchmarkCreateService(b *testing.B) {
	f := newFixture(b)
	st := at[rest.Creater](f, gvrOf(b, service("")), "")
	tmpl := defaulted(service("s"))
	for i := 0; b.Loop(); i++ {
		s := tmpl.DeepCopy()
		s.Name = "s" + strconv.Itoa(i)
		if _, err := st.Create(f.ctx, s, rest.ValidateAllObjectFunc, &metav1.CreateOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew is what one more cluster costs before it starts.
func BenchmarkNew(b *testing.B) {
	cfg := newFixture(b).cfg
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(cfg); err != nil {
			b.Fatal(err)
		}
	}
}
