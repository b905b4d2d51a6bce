package cluster_test

import (
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/engine/etcd"
)

// TestRestart boots a cluster, stops it and boots it again in its directory.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	l := start(t, dir, etcd.BuntDB, 2)
	l.create(simple("web"))
	before := l.pod("web", running)
	l.stop()
	leaked(t)

	l = start(t, dir, etcd.BuntDB, 2)
	after := l.pod("web", func(p *corev1.Pod) bool {
		return running(p) && p.Status.ContainerStatuses[0].ContainerID != before.Status.ContainerStatuses[0].ContainerID
	})
	if after.UID != before.UID || after.Spec.NodeName != before.Spec.NodeName {
		t.Errorf("pod %s on %s came back as %s on %s", before.UID, before.Spec.NodeName, after.UID, after.Spec.NodeName)
	}
	names := staticPods(t, l)
	for _, want := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		if !strings.Contains(names, want+"-control-plane ") {
			t.Errorf("no %s among the pods of kube-system: %s", want, names)
		}
	}
}

// staticPods are the names of the pods in kube-system, each with a blank behind.
func staticPods(t *testing.T, l *lab) string {
	pods, err := l.kube().CoreV1().Pods("kube-system").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names strings.Builder
	for _, p := range pods.Items {
		names.WriteString(p.Name + " ")
	}
	return names.String()
}

// leaked fails if goroutines of our rooms still run when a cluster has stopped.
func leaked(t *testing.T) {
	t.Helper()
	var stacks string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 4<<20)
		if stacks = ours(string(buf[:runtime.Stack(buf, true)])); stacks == "" {
			return
		}
	}
	t.Errorf("these goroutines outlive the cluster:\n%s", stacks)
}

// ours are the goroutines that run code of this module, other than tests.
func ours(all string) string {
	var out []string
	for _, g := range strings.Split(all, "\n\n") {
		if strings.Contains(g, "kubergarten/engine/") && !strings.Contains(g, "kubergarten/engine/cluster_test.") {
			out = append(out, g)
		}
	}
	return strings.Join(out, "\n\n")
}

func TestNewRefuses(t *testing.T) {
	good := func() cluster.Config {
		return cluster.Config{
			Dir: "data", Nodes: 3, Listen: "127.0.0.1:6443", Store: etcd.Memory, Clock: clock.New(), Log: slog.New(slog.DiscardHandler),
			Wasm: func(cluster.Node) (cluster.Runtime, error) { return nil, nil },
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*cluster.Config)
		want   string
	}{
		{"nothing wrong", func(*cluster.Config) {}, ""},
		{"no directory", func(c *cluster.Config) { c.Dir = "" }, "no data directory given"},
		{"no nodes", func(c *cluster.Config) { c.Nodes = 0 }, "0 nodes: a cluster has between 1 and 250"},
		{"unknown store", func(c *cluster.Config) { c.Store = "paper" }, `store "paper": must be buntdb or memory`},
		{"no port", func(c *cluster.Config) { c.Listen = "127.0.0.1" }, `listen address "127.0.0.1": address 127.0.0.1: missing port in address`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good()
			tt.change(&cfg)
			_, err := cluster.New(cfg)
			if got := words(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
