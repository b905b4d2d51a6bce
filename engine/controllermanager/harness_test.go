package controllermanager

import (
	"context"
	"log/slog"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/clock"
)

// run runs the named controllers on those objects until the test ends.
func run(t *testing.T, clk clock.Clock, controllers string, objects ...runtime.Object) client.Interface {
	t.Helper()
	api := clienttest.New(objects...)
	f, err := ParseFlags([]string{"--controllers=" + controllers, "--allocate-node-cidrs"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.RootCA = []byte("the CA")
	m, err := New(f, Deps{
		API: api, As: func(string) client.Interface { return api }, Clock: clk, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return api
}

// until waits until the objects of type T in ns are as ok wants them, and
// returns them.
func until[T client.Object](t *testing.T, api client.Interface, ns string, ok func([]T) bool) []T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	all := client.For[T](api)
	w, err := all.Watch(ctx, ns, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for {
		objs, err := all.List(ctx, ns, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if ok(objs) {
			return objs
		}
		if _, open := <-w.ResultChan(); !open {
			t.Fatalf("never as wanted: %+v", objs)
		}
	}
}

// one waits for the object of that name to be as ok wants it.
func one[T client.Object](t *testing.T, api client.Interface, ns, name string, ok func(T) bool) T {
	t.Helper()
	var found T
	until(t, api, ns, func(objs []T) bool {
		for _, o := range objs {
			if o.GetName() == name && ok(o) {
				found = o
				return true
			}
		}
		return false
	})
	return found
}

// kubelets makes every pod that appears ready, with an address, and lets go
// what is deleted, until the test ends.
func kubelets(t *testing.T, api client.Interface) {
	pods := client.For[*corev1.Pod](api)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := pods.Watch(ctx, "", metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range w.ResultChan() {
			if pod, ok := e.Object.(*corev1.Pod); ok && e.Type == watch.Added {
				makeReady(ctx, pods, pod)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func makeReady(ctx context.Context, pods client.Of[*corev1.Pod], pod *corev1.Pod) {
	fresh := pod.DeepCopy()
	fresh.Status.Phase, fresh.Status.PodIP = corev1.PodRunning, "10.244.0."+pod.ResourceVersion
	fresh.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Now()}}
	pods.UpdateStatus(ctx, fresh) // a pod deleted meanwhile needs no status
}

// decode reads an object from YAML.
func decode[T runtime.Object](t *testing.T, text string) T {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(data, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return obj.(T)
}
