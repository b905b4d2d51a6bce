package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kubergarten/ui"
)

// A readyCluster is ready, and no more.
type readyCluster string

func (readyCluster) Ready() <-chan struct{} {
	ready := make(chan struct{})
	close(ready)
	return ready
}

func (c readyCluster) Kubeconfig() string { return string(c) }

// A heard is what was printed. With its first words all ends.
type heard struct {
	strings.Builder
	end func()
}

func (h *heard) Write(p []byte) (int, error) {
	defer h.end()
	return h.Builder.Write(p)
}

// TestWhatEndsIsNotReady: the page has no address, say, so all ends, and nobody
// is told that it is ready.
func TestWhatEndsIsNotReady(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "admin.kubeconfig"), filepath.Join(dir, "kubeconfig")
	oneContext(t, from, "kubernetes", "https://127.0.0.1:6443")
	for name, p := range map[string]*page{"a page": {ready: make(chan *ui.Server)}, "no page": nil} {
		ctx, end := context.WithCancel(t.Context())
		out := &heard{end: end}
		upFlags{kubeconfig: to}.announce(ctx, readyCluster(from), p, out, time.Now())
		if got, want := out.String(), "Kubeconfig  "+to+"\n"; got != want {
			t.Errorf("with %s: got %q, want %q", name, got, want)
		}
	}
}
