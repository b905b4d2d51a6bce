package cluster_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/engine/cri/fakecri"
	"kubergarten/engine/etcd"
	"kubergarten/engine/network"
)

// patience bounds failures only: tests go on as soon as they can.
const patience = time.Minute

// lab is a running cluster whose containers only pretend.
type lab struct {
	*cluster.Cluster
	t        *testing.T
	mu       sync.Mutex
	runtimes map[string]*pretender // by node
	cancel   context.CancelFunc
	done     chan error
}

// pretender is fakecri as the runtime of a node.
type pretender struct {
	*fakecri.Runtime
	network *network.Node
}

func (*pretender) Name() string { return "fakecri" }

func (*pretender) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// start runs a cluster in dir until the test ends or stop is called, and waits
// until it is ready.
func start(t *testing.T, dir, store string, nodes int) *lab {
	t.Helper()
	l := &lab{t: t, runtimes: map[string]*pretender{}, done: make(chan error, 1)}
	c, err := cluster.New(cluster.Config{
		Dir: dir, Nodes: nodes, Listen: "127.0.0.1:0", Store: store, Clock: clock.New(), Log: slog.New(slog.DiscardHandler), Wasm: l.runtime,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Cluster = c
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(context.Background())
	go func() { l.done <- c.Run(ctx) }()
	t.Cleanup(l.stop)
	select {
	case <-c.Ready():
	case err := <-l.done:
		l.done <- err
		t.Fatalf("the cluster ended: %v", err)
	case <-time.After(patience):
		t.Fatal("the cluster is not ready")
	}
	return l
}

func (l *lab) runtime(n cluster.Node) (cluster.Runtime, error) {
	r, err := fakecri.New(fakecri.Config{Clock: n.Clock, Network: n.Network})
	p := &pretender{r, n.Network}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runtimes[n.Name] = p
	return p, err
}

// stop stops the cluster, which must end in order.
func (l *lab) stop() {
	l.t.Helper()
	l.cancel()
	select {
	case err := <-l.done:
		l.done <- err
		if err != nil {
			l.t.Errorf("the cluster stopped with %v", err)
		}
	case <-time.After(patience):
		l.t.Fatal("the cluster does not stop")
	}
}

// kube is the cluster as its users reach it: by HTTPS, with its kubeconfig file.
func (l *lab) kube() kubernetes.Interface {
	l.t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", l.Kubeconfig())
	if err != nil {
		l.t.Fatal(err)
	}
	k, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	return k
}

// sandbox returns the network namespace of a pod.
func (l *lab) sandbox(pod *corev1.Pod) *network.Namespace {
	l.t.Helper()
	for _, ns := range l.runtimes[pod.Spec.NodeName].network.Namespaces() {
		if ns.IP().String() == pod.Status.PodIP {
			return ns
		}
	}
	l.t.Fatalf("pod %s has no namespace on node %s", pod.Name, pod.Spec.NodeName)
	return nil
}

// pod waits until the pod is as ok wants it.
func (l *lab) pod(name string, ok func(*corev1.Pod) bool) *corev1.Pod {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	initial := true
	w, err := l.kube().CoreV1().Pods("default").Watch(ctx, metav1.ListOptions{
		FieldSelector: "metadata.name=" + name, SendInitialEvents: &initial, AllowWatchBookmarks: true,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		if p, is := e.Object.(*corev1.Pod); is && p.Name == name && ok(p) {
			return p
		}
	}
	l.t.Fatalf("pod %s does not become what it should", name)
	return nil
}

func running(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning }

// create creates a pod in the namespace default.
func (l *lab) create(p *corev1.Pod) *corev1.Pod {
	l.t.Helper()
	p, err := l.kube().CoreV1().Pods("default").Create(l.t.Context(), p, metav1.CreateOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

// simple is a pod of one container.
func simple(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "busybox"}}},
	}
}

// inMemory is the store of tests that do not restart.
const inMemory = etcd.Memory
