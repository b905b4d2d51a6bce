package overview

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client/clienttest"
	"kubergarten/ui/frame"
)

func TestMeter(t *testing.T) {
	answers := map[string]string{
		"/api/v1/nodes/a/proxy/stats/summary": `{"node":{"nodeName":"a","cpu":{"usageNanoCores":250000000},"memory":{"workingSetBytes":1048576}}}`,
		"/api/v1/nodes/b/proxy/stats/summary": `{"node":{"nodeName":"b"}}`,
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.URL.Path]
		if !ok || r.Header.Get("Authorization") != "Bearer ann" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	defer api.Close()
	m := newMeter(&frame.Visitor{
		User: &user.DefaultInfo{Name: "ann"}, API: clienttest.New(node("a"), node("b"), node("down")),
		REST: &rest.Config{Host: api.URL, BearerToken: "ann"},
	})
	now := clocktesting.NewFakeClock(noon)
	ctx, stop := context.WithCancel(t.Context())
	rounds := make(chan map[string]use)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.run(ctx, Deps{Clock: now}, func() { rounds <- m.read() })
	}()
	want := map[string]use{"a": {Cores: 0.25, Bytes: 1 << 20}, "b": {}}
	if d := cmp.Diff(want, <-rounds); d != "" {
		t.Error(d)
	}
	answers["/api/v1/nodes/a/proxy/stats/summary"] = `{"node":{"cpu":{"usageNanoCores":1000000000}}}`
	for !now.HasWaiters() {
		time.Sleep(time.Millisecond)
	}
	now.Step(every)
	if got := (<-rounds)["a"]; got != (use{Cores: 1}) {
		t.Errorf("a moment later: %+v", got)
	}
	stop()
	<-done
}

func TestUseOfANode(t *testing.T) {
	s := &seen{nodes: nil, uses: map[string]use{"a": {Cores: 0.0129, Bytes: 5<<20 + 17}}}
	s.nodes = append(s.nodes, node("a"), node("b"))
	nodes, _ := s.nodesWithPods()
	if d := cmp.Diff(&share{0.0129, 2, "13m", "2"}, nodes[0].UsedCPU); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(&share{5<<20 + 17, 1 << 30, "5Mi", "1Gi"}, nodes[0].UsedMemory); d != "" {
		t.Error(d)
	}
	if got := usedCPU(use{Cores: 0.035}, share{}).Asked; got != "35m" {
		t.Errorf("35 millicores are %s", got)
	}
	if nodes[1].UsedCPU != nil {
		t.Error("of b nothing is known")
	}
}

func FuzzDecodeUse(f *testing.F) {
	f.Add(`{"node":{"cpu":{"usageNanoCores":1},"memory":{"workingSetBytes":2}}}`)
	f.Add(`{"node":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := decodeUse(strings.NewReader(text)); err == nil && (u.Cores < 0 || u.Bytes < 0) {
			t.Errorf("%q: %+v", text, u)
		}
	})
}
