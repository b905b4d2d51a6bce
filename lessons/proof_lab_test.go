package lessons_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/engine/component"
	"kubergarten/engine/etcd"
	"kubergarten/engine/network"
	"kubergarten/lessons"
	"kubergarten/wasm/image"
	"kubergarten/wasm/runtime"
	"kubergarten/wasm/workbench"
)

// deadline bounds failures only: all waits go on as soon as they can.
const deadline = 2 * time.Minute

// A proofLab is a running cluster, with a teacher who knows all lessons.
type proofLab struct {
	*lessons.Teacher
	cluster *cluster.Cluster
	rest    *rest.Config
	kube    kubernetes.Interface
	objects dynamic.Interface
	bench   *workbench.Workbench
	nodes   chan *network.Node
}

// newProofLab boots a cluster that runs real containers, until the test ends.
func newProofLab(t testing.TB) *proofLab {
	t.Helper()
	clk, log := clock.New(), slog.New(slog.DiscardHandler)
	l := &proofLab{nodes: make(chan *network.Node, 3)}
	images, err := image.New(image.Config{Log: log, Warm: []string{"busybox", "pause"}})
	check(t, err)
	l.cluster, err = cluster.New(cluster.Config{
		Dir: t.TempDir(), Nodes: 3, Listen: "127.0.0.1:0", Store: etcd.Memory, Clock: clk, Log: log,
		Wasm: func(n cluster.Node) (cluster.Runtime, error) {
			l.nodes <- n.Network
			return runtime.New(runtime.Config{Root: n.Root, Network: n.Network, Images: images, Clock: n.Clock, Trace: n.Trace, Log: n.Log})
		},
	})
	check(t, err)
	background(t, log, component.Stage{proofImages{images}}, component.Stage{l.cluster})
	select {
	case <-l.cluster.Ready():
	case <-time.After(deadline):
		t.Fatal("the cluster is not ready")
	}
	l.rest, err = clientcmd.BuildConfigFromFlags("", l.cluster.Kubeconfig())
	check(t, err)
	l.rest.QPS = -1
	l.kube, err = kubernetes.NewForConfig(l.rest)
	check(t, err)
	l.objects, err = dynamic.NewForConfig(l.rest)
	check(t, err)
	l.bench, err = workbench.New(workbench.Config{Root: tempRoot(t), Network: <-l.nodes, Images: images, Clock: clk, Log: log})
	check(t, err)
	catalog, err := lessons.Load(lessons.Content())
	check(t, err)
	l.Teacher, err = lessons.New(lessons.Config{
		Catalog: catalog, Probe: l, Trace: l.cluster.Trace(), Clock: clk, Dir: tempRoot(t), Log: log,
	})
	check(t, err)
	background(t, log, component.Stage{l.bench}, component.Stage{l.Teacher})
	return l
}

// background runs components until the test ends; they must end in order.
func background(t testing.TB, log *slog.Logger, stages ...component.Stage) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- component.Run(ctx, log, stages...) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
		case <-time.After(deadline):
			t.Error("does not end")
		}
	})
}

// proofImages is the images of all nodes, as a component.
type proofImages struct{ *image.Store }

// Name returns the component's name.
func (proofImages) Name() string { return "images" }

// client makes HTTP calls from inside the cluster.
func (l *proofLab) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: l.bench.Dial, DisableKeepAlives: true}}
}

func tempRoot(t testing.TB) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	check(t, err)
	t.Cleanup(func() { root.Close() })
	return root
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A dirDesk is a learner's files in a directory.
type dirDesk string

// Put implements lessons.Desk.
func (d dirDesk) Put(_ context.Context, name string, data []byte, fresh bool) error {
	file := filepath.Join(string(d), name)
	if _, err := os.Stat(file); err == nil && !fresh {
		return nil
	}
	return os.WriteFile(file, data, 0o600)
}
