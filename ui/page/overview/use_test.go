package overview

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	"kubergarten/engine/client/clienttest"
	"kubergarten/ui/frame"
)

// inMemory is the way to an API server that is a function.
type inMemory http.HandlerFunc

func (api inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	api(w, r)
	return w.Result(), nil
}

func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		api := inMemory(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("Authorization") != "Bearer ann":
				w.WriteHeader(http.StatusForbidden)
			case r.URL.Path == "/api/v1/nodes/b/proxy/stats/summary":
				fmt.Fprint(w, `{"node":{"nodeName":"b"}}`)
			case r.URL.Path == "/api/v1/nodes/a/proxy/stats/summary" && time.Since(start) < every:
				fmt.Fprint(w, `{"node":{"nodeName":"a","cpu":{"usageNanoCores":250000000},"memory":{"workingSetBytes":1048576}}}`)
			case r.URL.Path == "/api/v1/nodes/a/proxy/stats/summary":
				fmt.Fprint(w, `{"node":{"cpu":{"usageNanoCores":1000000000}}}`)
			default:
				w.WriteHeader(http.StatusForbidden)
			}
		})
		m := newMeter(&frame.Visitor{
			User: &user.DefaultInfo{Name: "ann"}, API: clienttest.New(node("a"), node("b"), node("down")),
			REST: &rest.Config{Host: "http://api", BearerToken: "ann", Transport: api},
		})
		ctx, stop := context.WithCancel(t.Context())
		rounds := make(chan map[string]use)
		done := make(chan struct{})
		go func() {
			defer close(done)
			m.run(ctx, Deps{Clock: clock.RealClock{}}, func() { rounds <- m.read() })
		}()
		want := map[string]use{"a": {Cores: 0.25, Bytes: 1 << 20}, "b": {}}
		if d := cmp.Diff(want, <-rounds); d != "" {
			t.Error(d)
		}
		if got := (<-rounds)["a"]; got != (use{Cores: 1}) || time.Since(start) != every {
			t.Errorf("after %v: %+v", time.Since(start), got)
		}
		stop()
		<-done
	})
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
