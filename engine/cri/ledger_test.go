package cri

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestLedger(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := NewLedger(func() time.Time { now = now.Add(time.Second); return now })
	var mu sync.Mutex
	var told []string
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- l.Follow(ctx, func(e *v1.ContainerEventResponse) {
			mu.Lock()
			defer mu.Unlock()
			what, _, _ := strings.Cut(strings.TrimPrefix(e.ContainerEventType.String(), "CONTAINER_"), "_")
			told = append(told, e.ContainerId+" "+what+" of "+e.PodSandboxStatus.GetMetadata().GetUid())
		})
	}()
	for following := false; !following; { // Follow has begun once it tells
		l.AddSandbox("probe", &v1.PodSandboxConfig{}, "", nil)
		mu.Lock()
		following = len(told) > 0
		told = nil
		mu.Unlock()
		l.RemoveSandbox("probe")
	}
	mu.Lock()
	told = nil
	mu.Unlock()
	l.AddSandbox("s", &v1.PodSandboxConfig{Metadata: &v1.PodSandboxMetadata{Uid: "u"}, Labels: map[string]string{"a": "b"}, LogDirectory: "/logs"}, "wasm", nil)
	if err := l.AddContainer("c", "nope", "i", &v1.ContainerConfig{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no sandbox: %v", err)
	}
	if err := l.AddContainer("c", "s", "sha256:i", &v1.ContainerConfig{LogPath: "c/0.log", Image: &v1.ImageSpec{Image: "sha256:i", UserSpecifiedImage: "busybox"}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Start("c"); err != nil {
		t.Fatal(err)
	}
	if err := l.Start("c"); err == nil {
		t.Error("started twice")
	}
	l.Exited("c", Completed(3))
	l.Exited("c", Completed(0)) // once is enough
	st, sandbox, _, err := l.Container("c")
	if err != nil || sandbox != "s" || st.ExitCode != 3 || st.Reason != "Error" || st.LogPath != "/logs/c/0.log" || st.Image.Image != "busybox" || st.ImageRef != "sha256:i" {
		t.Errorf("status: %v, %v", st, err)
	}
	if st.CreatedAt >= st.StartedAt || st.StartedAt >= st.FinishedAt {
		t.Errorf("times: %d, %d, %d", st.CreatedAt, st.StartedAt, st.FinishedAt)
	}
	if n := len(l.Sandboxes(&v1.PodSandboxFilter{LabelSelector: map[string]string{"a": "b"}})) + len(l.Containers(&v1.ContainerFilter{PodSandboxId: "s"})); n != 2 {
		t.Errorf("found %d, want 2", n)
	}
	if n := len(l.Sandboxes(&v1.PodSandboxFilter{LabelSelector: map[string]string{"a": "x"}})) + len(l.Containers(&v1.ContainerFilter{Id: "x"})); n != 0 {
		t.Errorf("found %d, want none", n)
	}
	l.StopSandbox("s")
	if err := l.AddContainer("d", "s", "i", &v1.ContainerConfig{}); err == nil {
		t.Error("a dead sandbox takes containers")
	}
	l.RemoveContainer("c")
	l.RemoveSandbox("s")
	if _, _, err := l.Sandbox("s"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after removal: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	want := "s STARTED of u; c CREATED of u; c STARTED of u; c STOPPED of u; s STOPPED of u; c DELETED of u; s DELETED of u"
	if got := strings.Join(told, "; "); got != want {
		t.Errorf("told %s,\nwant %s", got, want)
	}
}
