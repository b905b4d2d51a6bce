package coredns

// Upstream: plugin/ready

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

func setupReady(c *controller) error {
	addr, err := c.address(":8181")
	if err != nil {
		return err
	}
	in, log := c.inst, c.log()
	mux := http.NewServeMux()
	mux.HandleFunc("/ready", func(w http.ResponseWriter, r *http.Request) {
		in.settle(r.Context())
		if not := in.notReady(); len(not) > 0 {
			log.infof("Plugins not ready: %q", strings.Join(not, ","))
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, strings.Join(not, ","))
			return
		}
		_, _ = io.WriteString(w, "OK")
	})
	in.tasks = append(in.tasks, func(ctx context.Context) error { return in.web(ctx, addr, mux) })
	return nil
}

// settle waits a moment for an instance that is about to be ready. The kubelet
// asks as soon as the container runs, here within milliseconds, and would come
// again only after the period of its probe.
func (in *instance) settle(ctx context.Context) {
	moment := in.Clock.NewTimer(500 * time.Millisecond)
	defer moment.Stop()
	select {
	case <-in.prepared:
	case <-moment.C():
	case <-ctx.Done():
	}
}

// notReady names the plugins that are not ready yet.
func (in *instance) notReady() []string {
	var out []string
	for _, r := range in.ready {
		if !r.ready() {
			out = append(out, r.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
