package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	testclock "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"

	"kubergarten/engine/etcd"
	"kubergarten/engine/storage"
)

func TestMain(m *testing.M) {
	// buntdb's own goroutine ends up to a second after its file was closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/tidwall/buntdb.(*DB).backgroundManager"))
}

// world is an etcd and a store of pods on it.
type world struct {
	*storage.Store
	kv    etcd.KV
	clock *testclock.FakeClock
	log   *slog.Logger
}

func logger(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

func newWorld(t testing.TB, change ...func(*storage.Config)) *world {
	t.Helper()
	w := &world{clock: testclock.NewFakeClock(time.Unix(1e9, 0)), log: logger(t)}
	server, err := etcd.New(etcd.Config{Backend: etcd.Memory, Clock: w.clock, Log: w.log})
	if err != nil {
		t.Fatal(err)
	}
	background(t, server.Run)
	w.kv = server
	w.Store, _ = w.start(t, change...)
	return w
}

// start runs another store on the same etcd.
func (w *world) start(t testing.TB, change ...func(*storage.Config)) (s *storage.Store, stop func()) {
	t.Helper()
	cfg := podConfig(w.kv)
	cfg.Clock, cfg.Log = w.clock, w.log
	for _, f := range change {
		f(&cfg)
	}
	s, err := storage.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop = background(t, s.Run)
	<-s.Ready()
	return s, stop
}

// background runs run until the test ends or stop is called.
func background(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func podConfig(kv etcd.KV) storage.Config {
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	return storage.Config{
		KV: kv, Resource: schema.GroupResource{Resource: "pods"}, Namespaced: true,
		Codec:       scheme.Codecs.CodecForVersions(info.Serializer, scheme.Codecs.UniversalDeserializer(), corev1.SchemeGroupVersion, nil),
		NewFunc:     func() runtime.Object { return &corev1.Pod{} },
		NewListFunc: func() runtime.Object { return &corev1.PodList{} },
		GetAttrs: func(obj runtime.Object) (labels.Set, fields.Set, error) {
			p := obj.(*corev1.Pod)
			return p.Labels, fields.Set{"metadata.name": p.Name, "metadata.namespace": p.Namespace, "spec.nodeName": p.Spec.NodeName}, nil
		},
	}
}

func pod(name string, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: types.UID("uid-" + name)}}
	for _, f := range change {
		f(p)
	}
	return p
}

func onNode(node string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Spec.NodeName = node } }

func labelled(kv ...string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Labels = map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			p.Labels[kv[i]] = kv[i+1]
		}
	}
}

func (w *world) create(t testing.TB, p *corev1.Pod) *corev1.Pod {
	t.Helper()
	out, err := w.Create(t.Context(), p.Namespace, p.Name, p)
	if err != nil {
		t.Fatal(err)
	}
	return out.(*corev1.Pod)
}

func (w *world) change(t testing.TB, name string, change func(*corev1.Pod)) *corev1.Pod {
	t.Helper()
	out, err := w.GuaranteedUpdate(t.Context(), "default", name, nil, func(now runtime.Object) (runtime.Object, error) {
		p := now.(*corev1.Pod).DeepCopy()
		change(p)
		return p, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.(*corev1.Pod)
}

func (w *world) remove(t testing.TB, name string) *corev1.Pod {
	t.Helper()
	out, err := w.Delete(t.Context(), "default", name, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.(*corev1.Pod)
}

func TestLife(t *testing.T) {
	w := newWorld(t)
	in := pod("web", onNode("node-1"))
	made := w.create(t, in)
	if in.ResourceVersion != "" || made.ResourceVersion != "2" {
		t.Errorf("versions: in %q, out %q", in.ResourceVersion, made.ResourceVersion)
	}
	_, err := w.Create(t.Context(), "default", "web", in)
	if !apierrors.IsAlreadyExists(err) || err.Error() != `pods "web" already exists` {
		t.Errorf("create again: %v", err)
	}
	same := w.change(t, "web", func(*corev1.Pod) {})
	if same != made {
		t.Errorf("an update that changes nothing made version %s", same.ResourceVersion)
	}
	changed := w.change(t, "web", labelled("a", "b"))
	got, err := w.Get(t.Context(), "default", "web", "")
	if err != nil || got != runtime.Object(changed) {
		t.Errorf("get after update: %v, %v; want the very object that update returned", got, err)
	}
	gone := w.remove(t, "web")
	if gone.ResourceVersion != "4" || gone.Labels["a"] != "b" || changed.ResourceVersion != "3" {
		t.Errorf("deleted: %v; the last version is now %s", gone, changed.ResourceVersion)
	}
	_, err = w.Get(t.Context(), "default", "web", "")
	if !apierrors.IsNotFound(err) || err.Error() != `pods "web" not found` {
		t.Errorf("get after deletion: %v", err)
	}
}

func TestOnDiskAsUpstream(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("web"))
	kv, _, err := w.kv.Get(t.Context(), "/registry/pods/default/web", 0)
	if err != nil || kv == nil {
		t.Fatalf("the key: %v, %v", kv, err)
	}
	if !bytes.HasPrefix(kv.Value, []byte("k8s\x00")) {
		t.Errorf("the value begins with %q", kv.Value[:4])
	}
	prefixes := map[schema.GroupResource]string{
		{Resource: "pods"}:                                         "pods",
		{Resource: "services"}:                                     "services/specs",
		{Resource: "nodes"}:                                        "minions",
		{Resource: "replicationcontrollers"}:                       "controllers",
		{Group: "apps", Resource: "deployments"}:                   "deployments",
		{Group: "discovery.k8s.io", Resource: "endpointslices"}:    "endpointslices",
		{Group: "coordination.k8s.io", Resource: "leases"}:         "leases",
		{Group: "rbac.authorization.k8s.io", Resource: "roles"}:    "roles",
		{Group: "networking.k8s.io", Resource: "ingresses"}:        "ingress",
		{Group: "events.k8s.io", Resource: "events"}:               "events",
		{Group: "rbac.authorization.k8s.io", Resource: "somesuch"}: "somesuch",
	}
	for gr, want := range prefixes {
		if got := storage.ResourcePrefix(gr); got != want {
			t.Errorf("%s lies under %s, want %s", gr, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, pod("web"))
	veto := errors.New("vetoed")
	wrongUID := &storage.Preconditions{UID: ptr.To(types.UID("other"))}
	oldVersion := &storage.Preconditions{ResourceVersion: ptr.To("1")}
	touch := func(o runtime.Object) (runtime.Object, error) {
		p := o.(*corev1.Pod).DeepCopy()
		p.Generation++
		return p, nil
	}
	tests := []struct {
		name string
		do   func() error
		want string
	}{
		{"create with a version", func() error { _, err := w.Create(t.Context(), "default", "x", made); return err }, "resourceVersion should not be set on objects to be created"},
		{"update with another UID", func() error { _, err := w.GuaranteedUpdate(t.Context(), "default", "web", wrongUID, touch); return err }, `Operation cannot be fulfilled on pods "web": StorageError: invalid object, Code: 4, Key: /registry/pods/default/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: uid-web`},
		{"delete an old version", func() error { _, err := w.Delete(t.Context(), "default", "web", oldVersion, nil); return err }, `Operation cannot be fulfilled on pods "web": StorageError: invalid object, Code: 4, Key: /registry/pods/default/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: 2`},
		{"delete against a veto", func() error {
			_, err := w.Delete(t.Context(), "default", "web", nil, func(runtime.Object) error { return veto })
			return err
		}, "vetoed"},
		{"update what does not exist", func() error { _, err := w.GuaranteedUpdate(t.Context(), "default", "x", nil, touch); return err }, `pods "x" not found`},
		{"delete what does not exist", func() error { _, err := w.Delete(t.Context(), "default", "x", nil, nil); return err }, `pods "x" not found`},
		{"get the future", func() error { _, err := w.Get(t.Context(), "default", "web", "99"); return err }, "Timeout: Too large resource version: 99, current: 2"},
		{"list the future", func() error {
			_, err := w.List(t.Context(), "", &storage.ListOptions{ResourceVersion: "99", Match: metav1.ResourceVersionMatchExact})
			return err
		}, "Timeout: Too large resource version: 99, current: 2"},
		{"list from a bad token", func() error {
			_, err := w.List(t.Context(), "", &storage.ListOptions{Continue: "!"})
			return err
		}, "invalid continue token: continue key is not valid: illegal base64 data at input byte 0"},
		{"too large", func() error {
			_, err := w.Create(t.Context(), "default", "x", pod("x", labelled("a", string(make([]byte, 2<<20)))))
			return err
		}, "Request entity too large: etcdserver: request is too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.do(); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestUpdateIsRetried: an update that another overtakes starts again on what is
// then there.
func TestUpdateIsRetried(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("web"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				w.change(t, "web", func(p *corev1.Pod) { p.Generation++ })
			}
		})
	}
	wg.Wait()
	if got := w.change(t, "web", func(*corev1.Pod) {}); got.Generation != 200 {
		t.Errorf("generation %d after 200 increments", got.Generation)
	}
}

func TestUpdateThatDeletes(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("web"))
	out, err := w.GuaranteedUpdate(t.Context(), "default", "web", nil, func(now runtime.Object) (runtime.Object, error) {
		p := now.(*corev1.Pod).DeepCopy()
		p.Finalizers = nil
		return p, storage.ErrDelete
	})
	if err != nil || out.(*corev1.Pod).ResourceVersion != "3" {
		t.Fatalf("got %v, %v", out, err)
	}
	if _, err := w.Get(t.Context(), "default", "web", ""); !apierrors.IsNotFound(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestReadYourWrites reads at once what others have just been acknowledged.
func TestReadYourWrites(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("web"))
	for i := range 200 {
		put := w.change(t, "web", func(p *corev1.Pod) { p.Generation = int64(i + 1) })
		got, err := w.Get(t.Context(), "default", "web", "")
		if err != nil || got.(*corev1.Pod).ResourceVersion != put.ResourceVersion {
			t.Fatalf("write %d: got %v, %v", i, got, err)
		}
		list, err := w.List(t.Context(), "default", nil)
		if err != nil || list.(*corev1.PodList).Items[0].Generation != int64(i+1) {
			t.Fatalf("write %d: listed %v, %v", i, list, err)
		}
	}
}

func TestTTL(t *testing.T) {
	w := newWorld(t, func(c *storage.Config) { c.TTL = func(runtime.Object) time.Duration { return time.Hour } })
	events, err := w.Watch(t.Context(), "", &storage.ListOptions{ResourceVersion: "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	w.create(t, pod("a"))
	w.create(t, pod("b"))
	read(t, events, 2)
	w.clock.Step(time.Hour + 2*time.Minute)
	if got := read(t, events, 2); got[0] != "DELETED a 4" || got[1] != "DELETED b 5" {
		t.Errorf("after their time: %v", got)
	}
}

// TestCorrupt: one object that can not be decoded does not hide the others.
func TestCorrupt(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("good"))
	if _, err := w.kv.Txn(t.Context(), etcd.TxnRequest{Key: "/registry/pods/default/bad", Value: []byte("k8s\x00garbage")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Get(t.Context(), "default", "bad", ""); !apierrors.IsInternalError(err) {
		t.Errorf("get of the bad one: %v", err)
	}
	list, err := w.List(t.Context(), "", nil)
	if err != nil || len(list.(*corev1.PodList).Items) != 1 {
		t.Errorf("list: %v, %v", list, err)
	}
	other, _ := w.start(t)
	if _, err := other.Get(t.Context(), "default", "good", ""); err != nil {
		t.Errorf("a cache that starts beside a bad object: %v", err)
	}
}

func TestEtcdAway(t *testing.T) {
	cfg := podConfig(nil)
	server, err := etcd.New(etcd.Config{Backend: etcd.Memory, Clock: testclock.NewFakeClock(time.Time{}), Log: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	stop := background(t, server.Run)
	<-server.Ready()
	stop()
	cfg.KV, cfg.Clock, cfg.Log = server, testclock.NewFakeClock(time.Time{}), logger(t)
	s, err := storage.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "default", "web", ""); !apierrors.IsServerTimeout(err) {
		t.Errorf("get: %v", err)
	}
	if _, err := s.Create(t.Context(), "default", "web", pod("web")); !apierrors.IsServerTimeout(err) {
		t.Errorf("create: %v", err)
	}
	if _, err := s.List(t.Context(), "", nil); !apierrors.IsServerTimeout(err) {
		t.Errorf("list: %v", err)
	}
}

func names(list runtime.Object) (out []string) {
	for _, p := range list.(*corev1.PodList).Items {
		out = append(out, p.Name)
	}
	return out
}

func TestList(t *testing.T) {
	w := newWorld(t)
	w.create(t, pod("a", onNode("n1"), labelled("app", "web")))      // 2
	w.create(t, pod("b", onNode("n2"), labelled("app", "web")))      // 3
	w.create(t, pod("c", onNode("n1"), labelled("app", "db")))       // 4
	w.create(t, pod("a", func(p *corev1.Pod) { p.Namespace = "x" })) // 5
	w.change(t, "b", onNode("n1"))                                   // 6
	sel := func(s string) labels.Selector { l, _ := labels.Parse(s); return l }
	tests := []struct {
		name, ns string
		opts     *storage.ListOptions
		want     string
	}{
		{"all", "", nil, "a b c a @6"},
		{"a namespace", "default", nil, "a b c @6"},
		{"an empty namespace", "none", nil, " @6"},
		{"by label", "", &storage.ListOptions{Label: sel("app=web")}, "a b @6"},
		{"by field", "", &storage.ListOptions{Field: fields.OneTermEqualSelector("spec.nodeName", "n1")}, "a b c @6"},
		{"by name", "default", &storage.ListOptions{Field: fields.OneTermEqualSelector("metadata.name", "b")}, "b @6"},
		{"by name everywhere", "", &storage.ListOptions{Field: fields.OneTermEqualSelector("metadata.name", "a")}, "a a @6"},
		{"by name that is not there", "default", &storage.ListOptions{Field: fields.OneTermEqualSelector("metadata.name", "z")}, " @6"},
		{"any version", "", &storage.ListOptions{ResourceVersion: "0"}, "a b c a @6"},
		{"not older than", "", &storage.ListOptions{ResourceVersion: "3", Match: metav1.ResourceVersionMatchNotOlderThan}, "a b c a @6"},
		{"exactly", "", &storage.ListOptions{ResourceVersion: "3", Match: metav1.ResourceVersionMatchExact}, "a b @3"},
		{"exactly, by a field that has changed", "", &storage.ListOptions{ResourceVersion: "5", Match: metav1.ResourceVersionMatchExact, Field: fields.OneTermEqualSelector("spec.nodeName", "n2")}, "b @5"},
		{"a limit and a version", "", &storage.ListOptions{ResourceVersion: "3", Limit: 5}, "a b @3"},
		{"a page", "default", &storage.ListOptions{Limit: 2}, "a b @6 more 1"},
		{"a page by label", "default", &storage.ListOptions{Limit: 1, Label: sel("app=web")}, "a @6 more ?"},
		{"a page that holds all", "default", &storage.ListOptions{Limit: 3}, "a b c @6"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := w.List(t.Context(), tt.ns, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, describe(list.(*corev1.PodList))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// describe says what a list holds, of which version, and how much there is more.
func describe(l *corev1.PodList) string {
	out := ""
	for i, name := range names(l) {
		if i > 0 {
			out += " "
		}
		out += name
	}
	out += " @" + l.ResourceVersion
	if l.Continue != "" && l.RemainingItemCount != nil {
		out += fmt.Sprintf(" more %d", *l.RemainingItemCount)
	} else if l.Continue != "" {
		out += " more ?"
	}
	return out
}

// TestPages: the pages of one list show one revision, whatever is written in
// between; and if that is compacted, the token of the error goes on with the newest.
func TestPages(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.create(t, pod(fmt.Sprint("p", i)))
	}
	page := func(token string) (*corev1.PodList, error) {
		l, err := w.List(t.Context(), "default", &storage.ListOptions{Limit: 2, Continue: token})
		if err != nil {
			return nil, err
		}
		return l.(*corev1.PodList), nil
	}
	first, err := page("")
	if err != nil {
		t.Fatal(err)
	}
	w.remove(t, "p2")
	w.create(t, pod("p9"))
	second, err := page(first.Continue)
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(second); got != "p2 p3 @6 more 1" {
		t.Errorf("second page: %s", got)
	}
	if err := w.kv.Compact(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	_, err = page(second.Continue)
	if !apierrors.IsResourceExpired(err) {
		t.Fatalf("a page after compaction: %v", err)
	}
	token := err.(apierrors.APIStatus).Status().ListMeta.Continue
	rest, err := page(token)
	if err != nil || describe(rest) != "p4 p9 @8" {
		t.Errorf("the rest, inconsistent: %v, %v", rest, err)
	}
	_, err = w.List(t.Context(), "", &storage.ListOptions{ResourceVersion: "3", Match: metav1.ResourceVersionMatchExact})
	if !apierrors.IsResourceExpired(err) || err.Error() != "The resourceVersion for the provided list is too old." {
		t.Errorf("an exact list after compaction: %v", err)
	}
}
