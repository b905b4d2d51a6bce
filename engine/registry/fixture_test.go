package registry

import (
	"context"
	"io"
	"log/slog"
	"reflect"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/api"
	"kubergarten/engine/etcd"
	"kubergarten/engine/storage"
)

// fixture is a registry on an etcd in memory.
type fixture struct {
	*Registry
	t     testing.TB
	clock *clocktesting.FakeClock
	ctx   context.Context // of namespace "default"
	kv    etcd.KV
}

func epoch() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// newFixture starts a registry; change adjusts its Config.
func newFixture(t testing.TB, change ...func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clocktesting.NewFakeClock(epoch())}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	server, err := etcd.New(etcd.Config{Backend: etcd.Memory, Clock: f.clock, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	f.kv = server
	run(t, server.Run)
	f.start(log, change...)
	return f
}

// start makes a new registry on the fixture's etcd.
func (f *fixture) start(log *slog.Logger, change ...func(*Config)) {
	f.t.Helper()
	cfg := Config{Storage: storage.Config{KV: f.kv, Clock: f.clock, Log: log}}
	for _, c := range change {
		c(&cfg)
	}
	r, err := New(cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Registry = r
	f.ctx = run(f.t, r.Run)
	f.ctx = genericapirequest.WithNamespace(f.ctx, "default")
	select {
	case <-r.Ready():
	case <-time.After(time.Minute):
		f.t.Fatal("registry is not ready")
	}
}

// run runs f until the test ends, and returns its context.
func run(t testing.TB, f func(context.Context) error) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("run: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return ctx
}

// at returns what serves the resource, which is "group/plural" or "plural".
func at[T any](f *fixture, gvr schema.GroupVersionResource, sub string) T {
	f.t.Helper()
	st, ok := f.Storage(gvr, sub)
	if !ok {
		f.t.Fatalf("nobody serves %s %s", gvr, sub)
	}
	v, ok := st.(T)
	if !ok {
		f.t.Fatalf("%s %s: %T does not do that", gvr, sub, st)
	}
	return v
}

func gvrOf(t testing.TB, obj runtime.Object) schema.GroupVersionResource {
	t.Helper()
	gvk, err := api.Kind(obj)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range api.Resources() {
		if r.GVK() == gvk {
			return r.GVR()
		}
	}
	t.Fatalf("no resource of %s", gvk)
	return schema.GroupVersionResource{}
}

// gvrFor is the resource of T, a pointer to a struct.
func gvrFor[T runtime.Object](t testing.TB) schema.GroupVersionResource {
	t.Helper()
	return gvrOf(t, reflect.New(reflect.TypeFor[T]().Elem()).Interface().(runtime.Object))
}

// create stores obj, with defaults.
func create[T runtime.Object](f *fixture, obj T) (T, error) {
	f.t.Helper()
	obj = obj.DeepCopyObject().(T)
	api.Default(obj)
	out, err := at[rest.Creater](f, gvrOf(f.t, obj), "").Create(f.ctx, obj, rest.ValidateAllObjectFunc, &metav1.CreateOptions{})
	if err != nil {
		var none T
		return none, err
	}
	return out.(T), nil
}

func mustCreate[T runtime.Object](f *fixture, obj T) T {
	f.t.Helper()
	out, err := create(f, obj)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// update writes what change makes of the stored object, to sub.
func update[T runtime.Object](f *fixture, name string, sub string, change func(T)) (T, error) {
	f.t.Helper()
	var none T
	info := rest.DefaultUpdatedObjectInfo(nil, func(_ context.Context, _, old runtime.Object) (runtime.Object, error) {
		obj := old.DeepCopyObject().(T)
		change(obj)
		return obj, nil
	})
	out, _, err := at[rest.Updater](f, gvrFor[T](f.t), sub).Update(f.ctx, name, info, rest.ValidateAllObjectFunc, rest.ValidateAllObjectUpdateFunc, false, &metav1.UpdateOptions{})
	if err != nil {
		return none, err
	}
	return out.(T), nil
}

func mustUpdate[T runtime.Object](f *fixture, name string, sub string, change func(T)) T {
	f.t.Helper()
	out, err := update(f, name, sub, change)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

func read[T runtime.Object](f *fixture, name string) (T, error) {
	f.t.Helper()
	var none T
	out, err := at[rest.Getter](f, gvrFor[T](f.t), "").Get(f.ctx, name, &metav1.GetOptions{})
	if err != nil {
		return none, err
	}
	return out.(T), nil
}

func remove[T runtime.Object](f *fixture, name string, opts *metav1.DeleteOptions) (runtime.Object, bool, error) {
	f.t.Helper()
	return at[rest.GracefulDeleter](f, gvrFor[T](f.t), "").Delete(f.ctx, name, rest.ValidateAllObjectFunc, opts)
}

func pod(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "busybox:1.28"}}},
	}
}

func template(labels map[string]string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod("x").Spec}
}

func deployment(name string) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template(labels)},
	}
}

func replicaSet(name string) *appsv1.ReplicaSet {
	labels := map[string]string{"app": name}
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       appsv1.ReplicaSetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template(labels)},
	}
}

func daemonSet(name string) *appsv1.DaemonSet {
	labels := map[string]string{"app": name}
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template(labels)},
	}
}

func controller(name string) *corev1.ReplicationController {
	labels := map[string]string{"app": name}
	tmpl := template(labels)
	return &corev1.ReplicationController{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       corev1.ReplicationControllerSpec{Selector: labels, Template: &tmpl},
	}
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"}, Data: map[string]string{"k": "v"}}
}

func namespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func service(name string, change ...func(*corev1.ServiceSpec)) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       corev1.ServiceSpec{Selector: map[string]string{"app": name}, Ports: []corev1.ServicePort{{Port: 80}}},
	}
	for _, c := range change {
		c(&s.Spec)
	}
	return s
}

// wantError fails unless err's text is want; want is empty for no error.
func wantError(t testing.TB, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error is\n\t%s\nwant\n\t%s", got, want)
	}
}

// defaulted returns obj with upstream's defaults.
func defaulted[T runtime.Object](obj T) T {
	api.Default(obj)
	return obj
}
