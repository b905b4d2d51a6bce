package kubelet

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/component"
	"kubergarten/engine/cri/fakecri"
)

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: kube-scheduler, namespace: default, labels: {tier: control-plane}}
spec:
  hostNetwork: true
  runtimeClassName: native
  priorityClassName: system-node-critical
  containers:
  - {name: kube-scheduler, image: "registry.k8s.io/kube-scheduler:v1.36.3", command: [kube-scheduler, --v=2]}
`

const manifestFile = "etc/kubernetes/manifests/kube-scheduler.yaml"

// staticRuns says how often the static pod's container was started.
func staticRuns(b *bed) int {
	n := 0
	for _, c := range b.cri.Calls() {
		if c == "StartContainer kube-scheduler-n1/kube-scheduler" {
			n++
		}
	}
	return n
}

// doorkeeper lets a test open and shut the door to its API.
type doorkeeper struct{ *clienttest.API }

func (s doorkeeper) As(user.Info) client.Interface { return s.API }

func TestStaticPodNeedsNoAPIServer(t *testing.T) {
	door := component.NewDoor[client.Server]("127.0.0.1:6443")
	dir := t.TempDir()
	api := clienttest.New()
	o := options{dir: dir, api: api, config: func(_ *Config, d *Deps) {
		d.Door, d.API = door, client.New(door, &user.DefaultInfo{Name: "system:node:n1"})
	}}
	if err := os.MkdirAll(filepath.Join(dir, "etc/kubernetes/manifests"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, manifestFile), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	b := newBed(t, o)
	b.eventually("the static pod runs", func() bool { return staticRuns(b) == 1 }, nil)
	shut, err := door.Open(doorkeeper{api})
	if err != nil {
		t.Fatal(err)
	}
	defer shut()
	p := b.until("kube-scheduler-n1", "has a running mirror pod", running)
	if p.Annotations["kubernetes.io/config.mirror"] == "" || p.Annotations["kubernetes.io/config.source"] != "file" {
		t.Errorf("annotations: %v", p.Annotations)
	}
	if len(p.OwnerReferences) != 1 || p.OwnerReferences[0].Kind != "Node" {
		t.Errorf("owners: %v", p.OwnerReferences)
	}
	if p.Status.PodIP != "172.18.0.3" {
		t.Errorf("address %q, want the node's", p.Status.PodIP)
	}
	if n := staticRuns(b); n != 1 {
		t.Errorf("started %d times, want once", n)
	}
}

func TestMirrorPodComesBack(t *testing.T) {
	b := newBed(t, options{})
	b.file(manifestFile, manifest)
	p := b.until("kube-scheduler-n1", "runs", running)
	if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", p.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.eventually("its end is near", func() bool { return b.clock.HasWaiters() && b.get(p.Name).DeletionTimestamp != nil }, nil)
	if b.get(p.Name).UID != p.UID { // who deletes it looks once more before waiting
		t.Error("the mirror pod is another one at once")
	}
	b.clock.Step(mirrorLinger)
	again := b.until("kube-scheduler-n1", "is back", func(q *corev1.Pod) bool {
		b.clock.Step(mirrorLinger)
		return running(q) && q.UID != p.UID
	})
	if again.Annotations["kubernetes.io/config.mirror"] != p.Annotations["kubernetes.io/config.mirror"] {
		t.Error("the static pod is another one")
	}
	if n := staticRuns(b); n != 1 {
		t.Errorf("started %d times, want once", n)
	}
}

// TestMirrorPodCannotBe: what stands in the way may be on its way, at first.
func TestMirrorPodCannotBe(t *testing.T) {
	api, told := clienttest.New(), make(levels, 100)
	api.OnCall = func(verb string, at client.Target, _ runtime.Object) error {
		if verb == "create" && at.Resource == "pods" {
			return apierrors.NewNotFound(corev1.Resource("namespaces"), at.Namespace)
		}
		return nil
	}
	b := newBed(t, options{api: api, config: func(_ *Config, d *Deps) { d.Log = slog.New(told) }})
	b.file(manifestFile, manifest)
	b.eventually("it is told", func() bool { return len(told) > 0 }, nil)
	if l := <-told; l != slog.LevelInfo {
		t.Errorf("at first it is %v", l)
	}
	b.eventually("it is an error", func() bool {
		b.clock.Step(mirrorsSettle)
		select {
		case l := <-told:
			return l == slog.LevelError
		default:
			return false
		}
	}, nil)
}

// levels is a log that passes on how grave a failure to create a mirror pod is.
type levels chan slog.Level

func (levels) Enabled(context.Context, slog.Level) bool { return true }
func (l levels) WithAttrs([]slog.Attr) slog.Handler     { return l }
func (l levels) WithGroup(string) slog.Handler          { return l }
func (l levels) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "Failed creating a mirror pod" {
		l <- r.Level
	}
	return nil
}

func TestManifestIsEdited(t *testing.T) {
	b := newBed(t, options{})
	b.file(manifestFile, manifest)
	first := b.until("kube-scheduler-n1", "runs", running)
	b.file("etc/kubernetes/manifests/broken.yaml", "apiVersion: v1\nkind: Pod\n  nonsense")
	b.file(manifestFile, strings.Replace(manifest, "--v=2", "--v=4", 1))
	b.until("kube-scheduler-n1", "is the edited one", func(p *corev1.Pod) bool {
		return running(p) && p.UID != first.UID && p.Spec.Containers[0].Command[1] == "--v=4"
	})
	if n := staticRuns(b); n != 2 {
		t.Errorf("started %d times, want twice", n)
	}
	b.file(manifestFile, "nonsense: [")
	b.file("etc/kubernetes/manifests/other.yaml", strings.ReplaceAll(manifest, "kube-scheduler", "other"))
	b.until("other-n1", "runs", running)
	if !running(b.get("kube-scheduler-n1")) {
		t.Error("a file that cannot be read stopped its pod")
	}
	if err := b.root.Remove(manifestFile); err != nil {
		t.Fatal(err)
	}
	b.until("kube-scheduler-n1", "is gone", gone)
	b.eventually("its container is gone", func() bool { return len(b.containers("kube-scheduler-n1")) == 0 }, nil)
}

func TestStaticPodMayNotRefer(t *testing.T) {
	b := newBed(t, options{})
	b.file("etc/kubernetes/manifests/bad.yaml", strings.Replace(strings.ReplaceAll(manifest, "kube-scheduler", "bad"), "  hostNetwork: true", "  hostNetwork: true\n  serviceAccountName: x", 1))
	b.file(manifestFile, manifest)
	b.until("kube-scheduler-n1", "runs", running)
	if b.get("bad-n1") != nil {
		t.Error("a static pod that refers to a service account runs")
	}
}

// TestManifestGoesAndComesBack: the same file is back before its pod has ended.
func TestManifestGoesAndComesBack(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Script: ends(map[string]fakecri.Life{"kube-scheduler": {Deaf: true}})}})
	b.file(manifestFile, manifest)
	b.until("kube-scheduler-n1", "runs", running)
	if err := b.root.Remove(manifestFile); err != nil {
		t.Fatal(err)
	}
	b.event("Normal Killing kube-scheduler-n1")
	b.file(manifestFile, manifest)
	b.eventually("it runs again", func() bool { b.clock.Step(time.Second); return staticRuns(b) == 2 }, nil)
	b.until("kube-scheduler-n1", "runs again", running)
}
