package storage_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	"kubergarten/engine/storage"
)

// read takes n events and describes them: "ADDED web 3".
func read(t testing.TB, w watch.Interface, n int) (out []string) {
	t.Helper()
	for len(out) < n {
		select {
		case e, ok := <-w.ResultChan():
			if !ok {
				t.Fatalf("the watch ended after %v", out)
			}
			out = append(out, word(e))
		case <-time.After(time.Minute):
			t.Fatalf("no more events after %v", out)
		}
	}
	return out
}

func word(e watch.Event) string {
	switch o := e.Object.(type) {
	case *corev1.Pod:
		if e.Type == watch.Bookmark {
			return strings.TrimSpace(fmt.Sprintf("BOOKMARK %s %s", o.ResourceVersion, o.Annotations[metav1.InitialEventsAnnotationKey]))
		}
		return fmt.Sprintf("%s %s %s", e.Type, o.Name, o.ResourceVersion)
	case *metav1.Status:
		return fmt.Sprintf("%s %d %s", e.Type, o.Code, o.Message)
	}
	return fmt.Sprintf("%s %T", e.Type, e.Object)
}

func (w *world) watch(t testing.TB, ns string, opts *storage.ListOptions) watch.Interface {
	t.Helper()
	out, err := w.Watch(t.Context(), ns, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Stop)
	return out
}

// history is six writes: the test's revisions 2 to 7.
func history(t *testing.T, w *world) {
	w.create(t, pod("a", onNode("n1")))                                  // 2
	w.create(t, pod("b"))                                                // 3
	w.change(t, "b", onNode("n1"))                                       // 4: moves in
	w.change(t, "a", labelled("x", "y"))                                 // 5
	w.change(t, "b", onNode("n2"))                                       // 6: moves out
	w.create(t, pod("c", func(p *corev1.Pod) { p.Namespace = "other" })) // 7
	w.remove(t, "a")                                                     // 8
}

func watchTests() []struct {
	name, ns string
	opts     *storage.ListOptions
	want     []string
} {
	n1 := fields.OneTermEqualSelector("spec.nodeName", "n1")
	x, _ := labels.Parse("x")
	return []struct {
		name, ns string
		opts     *storage.ListOptions
		want     []string
	}{
		{"from a version", "", &storage.ListOptions{ResourceVersion: "3"}, []string{"MODIFIED b 4", "MODIFIED a 5", "MODIFIED b 6", "ADDED c 7", "DELETED a 8"}},
		{"a namespace", "other", &storage.ListOptions{ResourceVersion: "1"}, []string{"ADDED c 7"}},
		{"by field", "", &storage.ListOptions{ResourceVersion: "1", Field: n1}, []string{"ADDED a 2", "ADDED b 4", "MODIFIED a 5", "DELETED b 6", "DELETED a 8"}},
		{"by label", "", &storage.ListOptions{ResourceVersion: "1", Label: x}, []string{"ADDED a 5", "DELETED a 8"}},
	}
}

// TestWatch holds watches that were there before to the same events as those that
// come later and read the cache, and those of a new store, which read etcd.
func TestWatch(t *testing.T) {
	w := newWorld(t)
	var live []watch.Interface
	for _, tt := range watchTests() {
		live = append(live, w.watch(t, tt.ns, tt.opts))
	}
	history(t, w)
	fresh, _ := w.start(t)
	for i, tt := range watchTests() {
		t.Run(tt.name, func(t *testing.T) {
			old, err := fresh.Watch(t.Context(), tt.ns, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer old.Stop()
			cached := w.watch(t, tt.ns, tt.opts)
			for how, it := range map[string]watch.Interface{"live": live[i], "cached": cached, "after a restart": old} {
				if diff := cmp.Diff(tt.want, read(t, it, len(tt.want))); diff != "" {
					t.Errorf("%s: %s", how, diff)
				}
			}
		})
	}
}

func TestInitialEvents(t *testing.T) {
	w := newWorld(t)
	history(t, w)
	tests := []struct {
		name string
		opts *storage.ListOptions
		want []string
	}{
		{"no version", nil, []string{"ADDED b 6", "ADDED c 7", "ADDED d 9"}},
		{"version 0", &storage.ListOptions{ResourceVersion: "0"}, []string{"ADDED b 6", "ADDED c 7", "ADDED d 9"}},
		{"asked for", &storage.ListOptions{SendInitialEvents: ptr.To(true), AllowBookmarks: true, Match: metav1.ResourceVersionMatchNotOlderThan}, []string{"ADDED b 6", "ADDED c 7", "BOOKMARK 8 true", "ADDED d 9"}},
		{"asked for, not older than", &storage.ListOptions{ResourceVersion: "3", SendInitialEvents: ptr.To(true), AllowBookmarks: true}, []string{"ADDED b 6", "ADDED c 7", "BOOKMARK 8 true", "ADDED d 9"}},
		{"not wanted", &storage.ListOptions{SendInitialEvents: ptr.To(false)}, []string{"ADDED d 9"}},
		{"by field", &storage.ListOptions{SendInitialEvents: ptr.To(true), AllowBookmarks: true, Field: fields.OneTermEqualSelector("spec.nodeName", "n9")}, []string{"BOOKMARK 8 true", "ADDED d 9"}},
	}
	var watches []watch.Interface
	for _, tt := range tests {
		watches = append(watches, w.watch(t, "", tt.opts))
	}
	w.create(t, pod("d", onNode("n9")))
	for i, tt := range tests {
		if diff := cmp.Diff(tt.want, read(t, watches[i], len(tt.want))); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if _, err := w.Watch(t.Context(), "", &storage.ListOptions{ResourceVersion: "99", SendInitialEvents: ptr.To(true), AllowBookmarks: true}); err == nil || !strings.Contains(err.Error(), "Too large resource version: 99, current: 9") {
		t.Errorf("initial events from the future: %v", err)
	}
}

// TestBookmark: a watch of a resource where nothing happens still learns how far
// the store is.
func TestBookmark(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("a"))
	with := w.watch(t, "", &storage.ListOptions{ResourceVersion: "1", AllowBookmarks: true})
	without := w.watch(t, "", &storage.ListOptions{ResourceVersion: "1"})
	read(t, with, 1)
	read(t, without, 1)
	other, _ := w.start(t, func(c *storage.Config) { c.ResourcePrefix = "others" })
	if _, err := other.Create(t.Context(), "default", "x", pod("x")); err != nil {
		t.Fatal(err)
	}
	stepUntil(t, w, with, "BOOKMARK 3")
	w.create(t, pod("b"))
	if got := read(t, with, 1); got[0] != "ADDED b 4" {
		t.Errorf("after the bookmark: %v", got)
	}
	if got := read(t, without, 1); got[0] != "ADDED b 4" {
		t.Errorf("who did not ask for bookmarks got %v", got)
	}
}

// stepUntil lets time pass until the watch says want. Whether the watcher already
// waits for the time to pass can not be seen from here.
func stepUntil(t *testing.T, w *world, it watch.Interface, want string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		w.clock.Step(time.Minute)
		select {
		case e := <-it.ResultChan():
			if got := word(e); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
			return
		case <-deadline:
			t.Fatalf("no %s", want)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestWatchCompacted(t *testing.T) {
	w := newWorld(t)
	history(t, w)
	if err := w.kv.Compact(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	fresh, _ := w.start(t)
	for rv, want := range map[string]string{"5": "ERROR 410 too old resource version: 5 (8)", "6": "ADDED c 7"} {
		it, err := fresh.Watch(t.Context(), "", &storage.ListOptions{ResourceVersion: rv})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, it, 1); got[0] != want {
			t.Errorf("from %s: %v, want %s", rv, got, want)
		}
		if rv == "5" {
			if _, more := <-it.ResultChan(); more {
				t.Error("the watch goes on after the error")
			}
		}
		it.Stop()
	}
}

// TestSlowWatch: one who reads nothing for a long time misses nothing, although
// the cache has long forgotten what he has not read.
func TestSlowWatch(t *testing.T) {
	w := newWorld(t)
	slow := w.watch(t, "", &storage.ListOptions{ResourceVersion: "1", Label: labels.Everything()})
	w.create(t, pod("web"))
	const n = 5000
	for i := range n {
		w.change(t, "web", func(p *corev1.Pod) { p.Generation = int64(i + 1) })
	}
	for i, e := range read(t, slow, n+1) {
		if !strings.HasSuffix(e, fmt.Sprintf(" web %d", i+2)) {
			t.Fatalf("event %d is %s", i, e)
		}
	}
}

// TestWatchEnds: with its context, when it is stopped, and with the store.
func TestWatchEnds(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	byContext, err := w.Watch(ctx, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	byStop := w.watch(t, "", nil)
	other, stop := w.start(t)
	byStore, err := other.Watch(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	byStop.Stop()
	stop()
	for _, it := range []watch.Interface{byContext, byStop, byStore} {
		for e := range it.ResultChan() {
			t.Errorf("an event: %v", e)
		}
	}
}

// TestForWire: all who watch for the wire share one encoding of each event.
func TestForWire(t *testing.T) {
	w := newWorld(t)
	ctx := storage.ForWire(t.Context())
	var watches []watch.Interface
	for range 3 {
		it, err := w.Watch(ctx, "", &storage.ListOptions{ResourceVersion: "1"})
		if err != nil {
			t.Fatal(err)
		}
		defer it.Stop()
		watches = append(watches, it)
	}
	made := w.create(t, pod("web"))
	var encodings atomic.Int64
	var wg sync.WaitGroup
	codec := scheme.Codecs.LegacyCodec(corev1.SchemeGroupVersion)
	for _, it := range watches {
		wg.Go(func() {
			obj := (<-it.ResultChan()).Object.(runtime.CacheableObject)
			var buf bytes.Buffer
			err := obj.CacheEncode("test", func(o runtime.Object, out io.Writer) error {
				encodings.Add(1)
				return codec.Encode(o, out)
			}, &buf)
			if err != nil || !strings.Contains(buf.String(), `"kind":"Pod"`) || !strings.Contains(buf.String(), `"name":"web"`) {
				t.Errorf("%v: %s", err, buf.String())
			}
		})
	}
	wg.Wait()
	if encodings.Load() != 1 {
		t.Errorf("encoded %d times", encodings.Load())
	}
	if made.Kind != "" {
		t.Error("encoding has changed the shared object")
	}
}

// TestReflector: client-go's reflector, which every informer is built on, ends up
// with what a list shows.
func TestReflector(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.create(t, pod(fmt.Sprint("old", i)))
	}
	store := &observed{Store: cache.NewStore(cache.MetaNamespaceKeyFunc), changed: make(chan struct{}, 1)}
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return w.List(ctx, "", &storage.ListOptions{ResourceVersion: o.ResourceVersion, Limit: o.Limit, Continue: o.Continue})
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return w.Watch(ctx, "", &storage.ListOptions{ResourceVersion: o.ResourceVersion, SendInitialEvents: o.SendInitialEvents, AllowBookmarks: o.AllowWatchBookmarks})
		},
	}
	r := cache.NewReflectorWithOptions(lw, &corev1.Pod{}, store, cache.ReflectorOptions{})
	background(t, func(ctx context.Context) error { r.RunWithContext(ctx); return nil })
	for i := range 100 {
		w.create(t, pod(fmt.Sprint("new", i)))
		w.change(t, fmt.Sprint("new", i), labelled("i", fmt.Sprint(i)))
		if i%3 == 0 {
			w.remove(t, fmt.Sprint("new", i))
		}
	}
	w.create(t, pod("last"))
	for timeout := time.After(time.Minute); ; {
		if _, ok, _ := store.GetByKey("default/last"); ok {
			break
		}
		select {
		case <-store.changed:
		case <-timeout:
			t.Fatalf("the reflector stays at %s", r.LastSyncResourceVersion())
		}
	}
	list, err := w.List(t.Context(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, p := range list.(*corev1.PodList).Items {
		want[p.Name] = p.ResourceVersion
	}
	got := map[string]string{}
	for _, o := range store.List() {
		got[o.(*corev1.Pod).Name] = o.(*corev1.Pod).ResourceVersion
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// observed is a store that says when it has changed.
type observed struct {
	cache.Store
	changed chan struct{}
}

func (o *observed) told(err error) error {
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return err
}

func (o *observed) Add(obj any) error                  { return o.told(o.Store.Add(obj)) }
func (o *observed) Update(obj any) error               { return o.told(o.Store.Update(obj)) }
func (o *observed) Delete(obj any) error               { return o.told(o.Store.Delete(obj)) }
func (o *observed) Replace(all []any, rv string) error { return o.told(o.Store.Replace(all, rv)) }
