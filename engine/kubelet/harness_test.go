package kubelet

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/cri/fakecri"
	"kubergarten/engine/kubelet/config"
)

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// testClock is a fake clock whose calls do not hold its lock.
type testClock struct{ *clocktesting.FakeClock }

func (c testClock) AfterFunc(d time.Duration, f func()) clock.Timer {
	return c.FakeClock.AfterFunc(d, func() { go f() })
}

// bed is one node with a kubelet on a fake runtime, an API in memory and a
// clock that stands still.
type bed struct {
	t       testing.TB
	clock   testClock
	api     *clienttest.API
	dir     string
	root    *os.Root
	cri     *fakecri.Runtime
	kubelet *Kubelet
	stop    func()
}

// options change a bed before its kubelet is made.
type options struct {
	cri     fakecri.Config
	api     *clienttest.API
	config  func(*Config, *Deps)
	dir     string
	objects []client.Object
}

func newBed(t testing.TB, o options) *bed {
	t.Helper()
	b := &bed{t: t, clock: testClock{clocktesting.NewFakeClock(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))}}
	b.api = o.api
	if b.api == nil {
		b.api = clienttest.New()
		b.api.Now = b.clock.Now
	}
	for _, obj := range o.objects {
		b.api.Add(obj)
	}
	if b.dir = o.dir; b.dir == "" {
		b.dir = t.TempDir()
	}
	var err error
	if b.root, err = os.OpenRoot(b.dir); err != nil {
		t.Fatal(err)
	}
	o.cri.Clock, o.cri.NetworkReady = b.clock, true
	if b.cri, err = fakecri.New(o.cri); err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		NodeName: "n1", NodeIP: netip.MustParseAddr("172.18.0.3"), Root: b.root, RootDir: b.dir,
		Runtimes: map[string]Handler{"": {b.cri, b.cri}, "native": {b.cri, b.cri}},
	}
	deps := Deps{API: b.api, Clock: b.clock, Log: slog.New(slog.DiscardHandler)}
	if os.Getenv("KUBELET_TEST_LOG") != "" {
		deps.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if o.config != nil {
		o.config(&cfg, &deps)
	}
	if b.kubelet, err = New(cfg, deps); err != nil {
		t.Fatal(err)
	}
	b.run()
	return b
}

func (b *bed) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.kubelet.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				b.t.Errorf("kubelet: %v", err)
			}
		case <-time.After(patience):
			b.t.Error("kubelet did not stop")
		}
		_ = b.root.Close()
	})
	b.t.Cleanup(b.stop)
}

// pod is a pod as the API server would have it, bound to the node.
func pod(name string, containers ...string) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Generation: 1},
		Spec:       corev1.PodSpec{NodeName: "n1", ServiceAccountName: "default"},
		Status:     corev1.PodStatus{Phase: corev1.PodPending},
	}
	for _, c := range containers {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: c, Image: "busybox:1.28"})
	}
	config.SetDefaults(p)
	return p
}

func (b *bed) create(p *corev1.Pod) {
	b.t.Helper()
	config.SetDefaults(p)
	if _, err := client.For[*corev1.Pod](b.api).Create(context.Background(), p); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) get(name string) *corev1.Pod {
	p, err := client.For[*corev1.Pod](b.api).Get(context.Background(), "default", name)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// until waits until ok is true of the pod (nil: it is gone) and returns it.
func (b *bed) until(name, what string, ok func(*corev1.Pod) bool) *corev1.Pod {
	b.t.Helper()
	var p *corev1.Pod
	b.eventually("pod "+name+" "+what, func() bool { p = b.get(name); return ok(p) }, func() any {
		if p == nil {
			return nil
		}
		return p.Status
	})
	return p
}

func (b *bed) eventually(what string, ok func() bool, show func() any) {
	b.t.Helper()
	err := wait.PollUntilContextTimeout(context.Background(), time.Millisecond, patience, true, func(context.Context) (bool, error) { return ok(), nil })
	if err != nil {
		var state any
		if show != nil {
			state = show()
		}
		b.t.Fatalf("waited in vain: %s\ncalls: %s\nevents: %s\nstate: %+v", what, strings.Join(b.cri.Calls(), "; "), strings.Join(b.events(), "; "), state)
	}
}

func running(p *corev1.Pod) bool { return p != nil && p.Status.Phase == corev1.PodRunning }

func ready(p *corev1.Pod) bool {
	return running(p) && conditionOf(p, corev1.PodReady).Status == corev1.ConditionTrue
}

func gone(p *corev1.Pod) bool { return p == nil }

func conditionOf(p *corev1.Pod, t corev1.PodConditionType) corev1.PodCondition {
	for _, c := range p.Status.Conditions {
		if c.Type == t {
			return c
		}
	}
	return corev1.PodCondition{}
}

// waitingFor says that a container waits for that reason.
func waitingFor(reason string) func(*corev1.Pod) bool {
	return func(p *corev1.Pod) bool {
		return p != nil && slices.ContainsFunc(slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses), func(c corev1.ContainerStatus) bool {
			return c.State.Waiting != nil && c.State.Waiting.Reason == reason
		})
	}
}

// events are all events so far: "Type Reason object{path}: message".
func (b *bed) events() []string {
	all, err := client.For[*corev1.Event](b.api).List(context.Background(), "", metav1.ListOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	slices.SortStableFunc(all, func(x, y *corev1.Event) int { return x.FirstTimestamp.Compare(y.FirstTimestamp.Time) })
	var out []string
	for _, e := range all {
		path := e.InvolvedObject.FieldPath
		out = append(out, e.Type+" "+e.Reason+" "+e.InvolvedObject.Name+" "+path+": "+e.Message)
	}
	return out
}

// event waits for an event that contains all the texts.
func (b *bed) event(texts ...string) {
	b.t.Helper()
	b.eventually("event "+strings.Join(texts, ", "), func() bool {
		return slices.ContainsFunc(b.events(), func(e string) bool {
			return !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(e, t) })
		})
	}, nil)
}

// containers returns the containers of the pod that the runtime has, newest first.
func (b *bed) containers(podName string) []*v1.Container {
	all, err := b.cri.ListContainers(context.Background(), &v1.ContainerFilter{LabelSelector: map[string]string{"io.kubernetes.pod.name": podName}})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// file writes a file of the node.
func (b *bed) file(name, data string) {
	b.t.Helper()
	p := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(data), 0o644); err != nil {
		b.t.Fatal(err)
	}
}
