package overview

import (
	"cmp"
	"context"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/ui/frame"
)

// A watcher follows what a visitor may list, and touches the panels that a
// change concerns. Its informers share their objects with the API server's
// watch cache.
type watcher struct {
	deps      Deps
	informers *client.Informers
	touch     func(panels ...string)
	fill      []func(*seen) // each reads its informer
	refused   refusals
	denied    []client.Target // what is refused
	first     recent          // of the trace; empty if the visitor may not see it
	meter     *meter
}

func newWatcher(ctx context.Context, d Deps, f *client.Informers, touch func(...string)) (*watcher, error) {
	api := frame.From(ctx).API
	first, err := d.since(ctx, 0)
	if err != nil {
		return nil, err
	}
	w := &watcher{deps: d, informers: f, touch: touch, refused: refusals{}, first: first, meter: newMeter(frame.From(ctx))}
	return w, cmp.Or(
		follow(ctx, w, api, func(s *seen, all []*corev1.Node) { s.nodes = all }, "nodes", "plane"),
		follow(ctx, w, api, func(s *seen, all []*corev1.Pod) { s.pods = all }, "nodes", "plane", "work"),
		follow(ctx, w, api, func(s *seen, all []*appsv1.Deployment) { s.deployments = all }, "work"),
		follow(ctx, w, api, func(s *seen, all []*appsv1.ReplicaSet) { s.replicaSets = all }, "work"),
		follow(ctx, w, api, func(s *seen, all []*appsv1.DaemonSet) { s.daemonSets = all }, "work"),
		follow(ctx, w, api, func(s *seen, all []*corev1.ReplicationController) { s.controllers = all }, "work"),
		follow(ctx, w, api, func(s *seen, all []*corev1.Event) { s.events = all }, "news"),
	)
}

// follow adds a kind to the watcher, unless the visitor may not list it: an
// informer would ask again for ever.
func follow[T client.Object](ctx context.Context, w *watcher, api client.Interface, set func(*seen, []T), panels ...string) error {
	at := client.Target{GroupVersionResource: client.ResourceOf[T]()}
	_, err := api.List(ctx, at, metav1.ListOptions{Limit: 1})
	if apierrors.IsForbidden(err) {
		w.refused[at.Resource] = err.Error()
		w.denied = append(w.denied, at)
		return nil
	}
	if err != nil {
		return err
	}
	inf := client.InformerFor[T](w.informers, metav1.ListOptions{})
	w.fill = append(w.fill, func(s *seen) { set(s, inf.List(metav1.NamespaceAll, nil)) })
	tell := func() { w.touch(panels...) }
	_, err = inf.OnChange(client.Handler[T]{
		Add: func(T) { tell() }, Update: func(_, _ T) { tell() }, Delete: func(T) { tell() },
	})
	return err
}

// hope ends the view when the visitor has been allowed something that was refused.
func (w *watcher) hope(ctx context.Context) error {
	if len(w.denied) == 0 {
		return nil
	}
	beat := w.deps.Clock.NewTicker(time.Minute)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C():
		}
		if slices.ContainsFunc(w.denied, func(at client.Target) bool { return w.mayList(ctx, at) }) {
			return frame.ErrAgain
		}
	}
}

func (w *watcher) mayList(ctx context.Context, at client.Target) bool {
	_, err := frame.From(ctx).API.List(ctx, at, metav1.ListOptions{Limit: 1})
	return err == nil
}

// followTrace touches the news whenever there are records that it tells of.
func (w *watcher) followTrace(ctx context.Context) {
	var seq uint64
	if n := len(w.first.records); n > 0 {
		seq = w.first.records[n-1].Seq
	}
	records, more := w.first.records, w.first.more
	for more != nil {
		if slices.ContainsFunc(records, isNews) {
			w.touch("news")
		}
		select {
		case <-ctx.Done():
			return
		case <-more:
		}
		if records, more = w.deps.Trace.Since(seq); len(records) > 0 {
			seq = records[len(records)-1].Seq
		}
	}
}

// see is what the informers have now; the trace is read only for the news.
func (w *watcher) see(news bool) *seen {
	s := &seen{refused: w.refused, uses: w.meter.read(), offers: w.deps.offers}
	for _, fill := range w.fill {
		fill(s)
	}
	if news && w.first.more != nil {
		s.records, _ = w.deps.Trace.Since(0)
	}
	return s
}
