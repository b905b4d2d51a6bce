package config

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"kubergarten/engine/kubelet/fswatch"
)

const example = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: kube-system}
spec: {containers: [{name: c, image: nginx}]}
`

func source(t *testing.T) *File {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	if err := root.MkdirAll("m", 0o755); err != nil {
		t.Fatal(err)
	}
	return &File{Root: root, RootDir: dir, Path: "/m", NodeName: "N1", Every: time.Hour, Files: fswatch.New(), Clock: clock.RealClock{}, Log: slog.New(slog.DiscardHandler)}
}

func TestIdentity(t *testing.T) {
	f := source(t)
	decode := func(data, file string) *corev1.Pod {
		p, err := f.decode([]byte(data), file)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := decode(example, "/m/a.yaml")
	if p.Name != "web-n1" || p.Spec.NodeName != "N1" || p.Annotations["kubernetes.io/config.hash"] != string(p.UID) || p.Annotations["kubernetes.io/config.source"] != "file" {
		t.Errorf("pod: %+v", p.ObjectMeta)
	}
	if c := p.Spec.Containers[0]; c.ImagePullPolicy != corev1.PullAlways || c.TerminationMessagePath != "/dev/termination-log" {
		t.Errorf("defaults: %+v", c)
	}
	if decode(example, "/m/a.yaml").UID != p.UID {
		t.Error("the UID of one file differs from time to time")
	}
	if decode(example, "/m/b.yaml").UID == p.UID || decode(strings.Replace(example, "nginx", "httpd", 1), "/m/a.yaml").UID == p.UID {
		t.Error("different manifests have one UID")
	}
}

func TestFollowsTheDirectory(t *testing.T) {
	f := source(t)
	sets := make(chan []*corev1.Pod, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, func(pods []*corev1.Pod) { sets <- pods }) }()
	until := func(n int) {
		t.Helper()
		for {
			select {
			case s := <-sets:
				if len(s) == n {
					return
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("never %d pods", n)
			}
		}
	}
	until(0)
	write := func(name, data string) {
		t.Helper()
		if err := f.Root.WriteFile("m/"+name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(".hidden.yaml", example)
	write("a.yaml", example)
	until(1)
	write("a.yaml", "broken: [")
	write("copy.yaml", example) // of a pod that there is
	write("b.yaml", strings.Replace(example, "web", "db", 1))
	until(2)
	if err := f.Root.Remove("m/b.yaml"); err != nil {
		t.Fatal(err)
	}
	until(1)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestRefuses(t *testing.T) {
	f := source(t)
	for name, tt := range map[string]struct{ data, err string }{
		"no yaml":         {"a: [", "couldn't parse as pod"},
		"no pod":          {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}", "invalid pod"},
		"no name":         {"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, image: x}]}", "name is needed for the pod"},
		"no containers":   {"apiVersion: v1\nkind: Pod\nmetadata: {name: x}", "spec.containers: Required value"},
		"service account": {strings.Replace(example, "spec: {", "spec: {serviceAccountName: x, ", 1), "static pods may not reference serviceaccounts"},
		"secret":          {strings.Replace(example, "spec: {", "spec: {volumes: [{name: v, secret: {secretName: s}}], ", 1), "static pods may not reference secrets"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.decode([]byte(tt.data), "/m/x.yaml")
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{}],"initContainers":[{"livenessProbe":{}}]}}`))
	src := &File{NodeName: "n1", Clock: clock.RealClock{}}
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = src.decode(data, "/m/x.yaml")
	})
}
