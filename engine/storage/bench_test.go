package storage_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/storage"
)

func BenchmarkGet(b *testing.B) {
	w := newWorld(b)
	w.create(b, pod("web"))
	for b.Loop() {
		if _, err := w.Get(b.Context(), "default", "web", ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList1000(b *testing.B) {
	w := newWorld(b)
	for i := range 1000 {
		w.create(b, pod(fmt.Sprint("p", i)))
	}
	for b.Loop() {
		if _, err := w.List(b.Context(), "default", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	w := newWorld(b)
	w.create(b, pod("web"))
	for i := int64(1); b.Loop(); i++ {
		_, err := w.GuaranteedUpdate(b.Context(), "default", "web", nil, func(o runtime.Object) (runtime.Object, error) {
			p := o.(*corev1.Pod).DeepCopy()
			p.Generation = i
			return p, nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWatch100 is one write, delivered to 100 watchers.
func BenchmarkWatch100(b *testing.B) {
	w := newWorld(b)
	w.create(b, pod("web"))
	got := make(chan struct{}, 100)
	for range 100 {
		it := w.watch(b, "", &storage.ListOptions{ResourceVersion: "2"})
		go func() {
			for range it.ResultChan() {
				got <- struct{}{}
			}
		}()
	}
	for i := int64(1); b.Loop(); i++ {
		w.change(b, "web", func(p *corev1.Pod) { p.Generation = i })
		for range 100 {
			<-got
		}
	}
}
