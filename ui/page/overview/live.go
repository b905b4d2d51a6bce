package overview

import (
	"context"
	"io"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
)

// A watcher follows what the visitor may list, for one tab. Its informers share
// their objects with the API server's watch cache.
type watcher struct {
	deps      Deps
	informers *client.Informers
	send      func(...frame.Part)
	fill      []func(*seen) // each reads its informer
	refused   refusals
	trace     bool // the visitor may see the trace
}

// follow sends each panel when something in it has changed.
func (d Deps) follow(ctx context.Context, _ url.Values, send func(...frame.Part)) error {
	api := frame.From(ctx).API
	w := &watcher{deps: d, informers: client.NewInformers(api), send: send, refused: refusals{}}
	follow(ctx, w, api, func(s *seen, all []*corev1.Node) { s.nodes = all }, "nodes", "plane")
	follow(ctx, w, api, func(s *seen, all []*corev1.Pod) { s.pods = all }, "nodes", "plane", "work")
	follow(ctx, w, api, func(s *seen, all []*appsv1.Deployment) { s.deployments = all }, "work")
	follow(ctx, w, api, func(s *seen, all []*appsv1.ReplicaSet) { s.replicaSets = all }, "work")
	follow(ctx, w, api, func(s *seen, all []*appsv1.DaemonSet) { s.daemonSets = all }, "work")
	follow(ctx, w, api, func(s *seen, all []*corev1.ReplicationController) { s.controllers = all }, "work")
	follow(ctx, w, api, func(s *seen, all []*corev1.Event) { s.events = all }, "news")
	traced := make(chan struct{})
	defer func() { <-traced }()
	first := d.since(ctx, 0)
	w.trace = first.more != nil
	go func() {
		defer close(traced)
		w.followTrace(ctx, first)
	}()
	return w.informers.Run(ctx)
}

// follow adds a kind to the watcher, unless the visitor may not list it: an
// informer would ask again for ever.
func follow[T client.Object](ctx context.Context, w *watcher, api client.Interface, set func(*seen, []T), panels ...string) {
	resource := client.ResourceOf[T]()
	if _, err := api.List(ctx, client.Target{GroupVersionResource: resource}, metav1.ListOptions{Limit: 1}); err != nil {
		w.refused[resource.Resource] = err.Error()
		return
	}
	inf := client.InformerFor[T](w.informers, metav1.ListOptions{})
	w.fill = append(w.fill, func(s *seen) { set(s, inf.List(metav1.NamespaceAll, nil)) })
	tell := func() { w.touch(panels...) }
	_, err := inf.OnChange(client.Handler[T]{
		Add: func(T) { tell() }, Update: func(_, _ T) { tell() }, Delete: func(T) { tell() },
	})
	if err != nil {
		w.refused[resource.Resource] = err.Error()
	}
}

// followTrace touches the news whenever there are records that it tells of.
func (w *watcher) followTrace(ctx context.Context, r recent) {
	var seq uint64
	if n := len(r.records); n > 0 {
		seq = r.records[n-1].Seq
	}
	for r.more != nil {
		select {
		case <-ctx.Done():
			return
		case <-r.more:
			if r.records, r.more = w.deps.Trace.Since(seq); len(r.records) > 0 {
				seq = r.records[len(r.records)-1].Seq
			}
			if slices.ContainsFunc(r.records, isNews) {
				w.touch("news")
			}
		}
	}
}

// touch sends the panels. They are rendered when the frame sends them, from
// what the informers then have: of a hundred changes in a row, the tab gets the
// outcome of the last.
func (w *watcher) touch(panels ...string) {
	for _, name := range panels {
		html := templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
			return w.panel(name).Render(ctx, out)
		})
		w.send(frame.Part{Target: "overview-" + name, HTML: html})
	}
}

func (w *watcher) panel(name string) templ.Component {
	s := &seen{refused: w.refused}
	for _, fill := range w.fill {
		fill(s)
	}
	switch name {
	case "nodes":
		return nodesPanel(s)
	case "plane":
		return planePanel(s)
	case "work":
		return workPanel(s)
	}
	if w.trace {
		s.records, _ = w.deps.Trace.Since(0)
	}
	return newsPanel(s, w.deps.Clock.Now())
}
