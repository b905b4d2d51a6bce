package ui

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	realclock "k8s.io/utils/clock"
	"sigs.k8s.io/yaml"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/engine/etcd"
	"kubergarten/wasm/image"
	"kubergarten/wasm/runtime"
)

// patience bounds failures only: tests go on as soon as they can.
const patience = 2 * time.Minute

// A garden is a running cluster, whose containers run.
type garden struct {
	t       *testing.T
	cluster *cluster.Cluster
	owner   *rest.Config
	http    *http.Client
}

func newGarden(t *testing.T) *garden {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	images, err := image.New(image.Config{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.New(cluster.Config{
		Dir: t.TempDir(), Nodes: 2, Listen: "127.0.0.1:0", Store: etcd.Memory, Clock: clock.New(), Log: log,
		Wasm: func(n cluster.Node) (cluster.Runtime, error) {
			return runtime.New(runtime.Config{Root: n.Root, Network: n.Network, Images: images, Clock: n.Clock, Trace: n.Trace, Log: n.Log})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	background(t, images.Run) // ends after the cluster, whose programs it holds
	ended := background(t, c.Run)
	select {
	case <-c.Ready():
	case err := <-ended:
		t.Fatalf("the cluster ended: %v", err)
	case <-time.After(patience):
		t.Fatal("the cluster is not ready")
	}
	g := &garden{t: t, cluster: c}
	if g.owner, err = clientcmd.BuildConfigFromFlags("", c.Kubeconfig()); err != nil {
		t.Fatal(err)
	}
	if g.http, err = rest.HTTPClientFor(g.owner); err != nil {
		t.Fatal(err)
	}
	return g
}

// background runs a program until the test ends.
func background(t *testing.T, run func(context.Context) error) <-chan error {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { ended <- run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return ended
}

// site is a page in front of the cluster; sessions are kept in dir.
func (g *garden) site(dir, listen string) *site {
	g.t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { root.Close() })
	s := &site{t: g.t}
	s.srv, err = New(Config{
		Listen: listen, Log: slog.New(slog.DiscardHandler), Clock: realclock.RealClock{}, Dir: root,
		Owner: g.owner, As: g.cluster.As, Rooms: Rooms{Trace: g.cluster.Trace()},
	})
	if err != nil {
		g.t.Fatal(err)
	}
	s.run()
	return s
}

// do asks the API server as the owner.
func (g *garden) do(method, path, contentType, body string) (int, string) {
	g.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, g.owner.Host+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := g.http.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// apply makes or changes objects of the namespace default by server-side apply.
func (g *garden) apply(text string) {
	g.t.Helper()
	for doc := range strings.SplitSeq(text, "\n---\n") {
		var u unstructured.Unstructured
		if err := yaml.Unmarshal([]byte(doc), &u.Object); err != nil {
			g.t.Fatal(err)
		}
		at := "/api/v1"
		if v := u.GetAPIVersion(); v != "v1" {
			at = "/apis/" + v
		}
		kind := strings.ToLower(u.GetKind()) + "s"
		switch kind {
		case "namespaces", "clusterroles", "clusterrolebindings":
		default:
			at += "/namespaces/default"
		}
		status, said := g.do("PATCH", at+"/"+kind+"/"+u.GetName()+"?fieldManager=test&force=true", "application/apply-patch+yaml", doc)
		if status >= 300 {
			g.t.Fatalf("apply %s: %d %s", u.GetName(), status, said)
		}
	}
}

// until waits until an object is as ok wants it.
func (g *garden) until(path string, ok func(*unstructured.Unstructured) bool) {
	g.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		status, said := g.do("GET", path, "", "")
		var u unstructured.Unstructured
		if status == http.StatusOK && u.UnmarshalJSON([]byte(said)) == nil && ok(&u) {
			return
		}
	}
	_, said := g.do("GET", path, "", "")
	g.t.Fatalf("%s does not become what it should:\n%s", path, said)
}

// ready waits until a Deployment has so many replicas, all of them ready and new.
func (g *garden) ready(name string, replicas int64) {
	g.t.Helper()
	g.until("/apis/apps/v1/namespaces/default/deployments/"+name, func(u *unstructured.Unstructured) bool {
		have := func(path ...string) int64 { n, _, _ := unstructured.NestedInt64(u.Object, path...); return n }
		return have("status", "observedGeneration") == u.GetGeneration() && have("spec", "replicas") == replicas &&
			have("status", "replicas") == replicas && have("status", "updatedReplicas") == replicas && have("status", "readyReplicas") == replicas
	})
}
