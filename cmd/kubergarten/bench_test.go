package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// BenchmarkStart is how long a cluster of three nodes, that has been there
// before, takes until it is ready.
func BenchmarkStart(b *testing.B) {
	s := newServer(b)
	s.start()
	s.waitReady()
	s.stop()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		s.start()
		s.waitReady()
		took = append(took, time.Since(began))
		b.StopTimer()
		s.stop()
		b.StartTimer()
	}
	report(b, took)
}

// BenchmarkPod is the time from the creation of a pod to the event that says
// that it runs, as a user sees it, by HTTPS.
func BenchmarkPod(b *testing.B) {
	s := newServer(b)
	s.start()
	s.waitReady()
	pods := watchPods(b, s.kube())
	pods.run("warm-up")
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		name := "pod-" + strconv.Itoa(i)
		began := time.Now()
		pods.run(name)
		took = append(took, time.Since(began))
		b.StopTimer()
		pods.remove(name)
		b.StartTimer()
	}
	report(b, took)
}

// BenchmarkMemory is the resident memory of an idle cluster of three nodes, and
// with the first pod, and what each of a hundred more adds.
func BenchmarkMemory(b *testing.B) {
	const many = 100
	for b.Loop() {
		s := newServer(b)
		s.start()
		s.waitReady()
		idle := settled(b, s.cmd.Process.Pid)
		pods := watchPods(b, s.kube())
		pods.run("first") // its program's code is there for all
		one := settled(b, s.cmd.Process.Pid)
		for i := range many {
			pods.create("pod-" + strconv.Itoa(i))
		}
		for i := range many {
			pods.await("pod-"+strconv.Itoa(i), runs)
		}
		full := settled(b, s.cmd.Process.Pid)
		b.ReportMetric(idle, "MB-idle")
		b.ReportMetric(one, "MB-one-pod")
		b.ReportMetric((full-one)/many, "MB/pod")
		s.stop()
	}
}

// report reports the median, the 95th and the 99th percentile.
func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*95/100]), "p95-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
}

// settled is the resident memory of a process in MB, once it has grown and
// shrunk no more for five seconds.
func settled(b *testing.B, pid int) float64 {
	b.Helper()
	last, quiet := resident(b, pid), 0
	for range 60 {
		time.Sleep(time.Second)
		now := resident(b, pid)
		if d := now - last; -1 < d && d < 1 {
			quiet++
		} else {
			last, quiet = now, 0
		}
		if quiet == 5 {
			return now
		}
	}
	return last
}

// resident is the memory that a process holds, in MB: what guests share of the
// initial memory of their program counts once (Linux calls that Pss).
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		b.Skip("needs Linux' /proc: ", err)
	}
	for line := range strings.Lines(string(rollup)) {
		if f := strings.Fields(line); f[0] == "Pss:" {
			kb, err := strconv.Atoi(f[1])
			if err != nil {
				b.Fatal(err)
			}
			return float64(kb) / 1024
		}
	}
	b.Fatal("no Pss in smaps_rollup")
	return 0
}

// podWatch creates pods and sees what becomes of them.
type podWatch struct {
	testing.TB
	kube   kubernetes.Interface
	events watch.Interface
	latest map[string]*corev1.Pod // as the watch has shown them; nil: deleted
}

func watchPods(tb testing.TB, kube kubernetes.Interface) *podWatch {
	tb.Helper()
	end := true
	w, err := kube.CoreV1().Pods("default").Watch(context.Background(), metav1.ListOptions{
		SendInitialEvents: &end, AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.Stop)
	return &podWatch{tb, kube, w, map[string]*corev1.Pod{}}
}

func (w *podWatch) create(name string) {
	w.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "main", Image: "busybox", Command: []string{"sleep", "1d"}}},
	}}
	if _, err := w.kube.CoreV1().Pods("default").Create(context.Background(), pod, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
}

func (w *podWatch) run(name string) {
	w.Helper()
	w.create(name)
	w.await(name, runs)
}

func (w *podWatch) remove(name string) {
	w.Helper()
	now := int64(0)
	if err := w.kube.CoreV1().Pods("default").Delete(context.Background(), name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		w.Fatal(err)
	}
	w.await(name, func(p *corev1.Pod) bool { return p == nil })
}

func runs(p *corev1.Pod) bool { return p != nil && p.Status.Phase == corev1.PodRunning }

// await waits until the pod is as ok wants it.
func (w *podWatch) await(name string, ok func(*corev1.Pod) bool) {
	w.Helper()
	timeout := time.After(patience)
	for {
		if pod, known := w.latest[name]; known && ok(pod) {
			return
		}
		select {
		case e := <-w.events.ResultChan():
			pod, is := e.Object.(*corev1.Pod)
			switch {
			case !is:
				w.Fatalf("the watch sent %v", e)
			case e.Type == watch.Deleted:
				w.latest[pod.Name] = nil
			case e.Type != watch.Bookmark:
				w.latest[pod.Name] = pod
			}
		case <-timeout:
			w.Fatalf("pod %s: waited too long", name)
		}
	}
}
