package kubelet

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

// BenchmarkPodRunning measures from a pod's creation to its status Running and
// ready, with a runtime that takes no time.
func BenchmarkPodRunning(b *testing.B) {
	bed := newBed(b, options{config: func(c *Config, _ *Deps) { c.Kubelet.MaxPods = 1 << 20 }})
	w, err := client.For[*corev1.Pod](bed.api).Watch(context.Background(), "default", metav1.ListOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	bed.untilNode("is ready", nodeReady)
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("p%d", i)
		bed.create(pod(name, "app"))
		for e := range w.ResultChan() {
			if p := e.Object.(*corev1.Pod); e.Type == watch.Modified && p.Name == name && ready(p) {
				break
			}
		}
		zero := int64(0)
		if err := client.For[*corev1.Pod](bed.api).Delete(context.Background(), "default", name, metav1.DeleteOptions{GracePeriodSeconds: &zero}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHundredPods measures a hundred pods at once on one node.
func BenchmarkHundredPods(b *testing.B) {
	for b.Loop() {
		bed := newBed(b, options{})
		bed.untilNode("is ready", nodeReady)
		w, err := client.For[*corev1.Pod](bed.api).Watch(context.Background(), "default", metav1.ListOptions{})
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		for i := range 100 {
			bed.create(pod(fmt.Sprintf("p%d", i), "app"))
		}
		done := map[string]bool{}
		for e := range w.ResultChan() {
			if p := e.Object.(*corev1.Pod); ready(p) {
				done[p.Name] = true
			}
			if len(done) == 100 {
				break
			}
		}
		b.ReportMetric(float64(time.Since(start).Microseconds())/100, "µs/pod")
		w.Stop()
		bed.stop()
	}
}
