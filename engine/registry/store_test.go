package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

// TestServed holds the registry against the table of contents.
func TestServed(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Tokens = issuerFunc(nil) })
	// What is answered without being stored, or streams, is the API server's.
	elsewhere := []string{"attach", "exec", "log", "portforward", "proxy"}
	for _, r := range api.Resources() {
		st, ok := f.Storage(r.GVR(), "")
		if own := r.Prefix != "" || r.Plural == "bindings"; ok != own {
			t.Errorf("%s: served is %t, want %t", r.GVR(), ok, own)
		}
		for _, verb := range r.Verbs {
			if ok && !does(st, verb) {
				t.Errorf("%s: %T cannot %s", r.GVR(), st, verb)
			}
		}
		for _, sub := range r.Subresources {
			st, ok := f.Storage(r.GVR(), sub.Name)
			if want := !slices.Contains(elsewhere, sub.Name); ok != want {
				t.Errorf("%s/%s: served is %t, want %t", r.GVR(), sub.Name, ok, want)
			}
			for _, verb := range sub.Verbs {
				if ok && !does(st, verb) {
					t.Errorf("%s/%s: %T cannot %s", r.GVR(), sub.Name, st, verb)
				}
			}
		}
	}
	if _, ok := f.Storage(schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "nonsense"); ok {
		t.Error("pods/nonsense is served")
	}
}

// does tells whether st implements what verb needs.
func does(st rest.Storage, verb string) (ok bool) {
	switch verb {
	case "create":
		_, ok = st.(rest.Creater)
		if !ok {
			_, ok = st.(rest.NamedCreater)
		}
	case "get":
		_, ok = st.(rest.Getter)
	case "list":
		_, ok = st.(rest.Lister)
	case "watch":
		_, ok = st.(rest.Watcher)
	case "update", "patch":
		_, ok = st.(rest.Updater)
	case "delete":
		_, ok = st.(rest.GracefulDeleter)
	case "deletecollection":
		_, ok = st.(rest.CollectionDeleter)
	}
	return ok
}

func TestCreate(t *testing.T) {
	f := newFixture(t)
	m := mustCreate(f, configMap("a"))
	if m.UID == "" || m.ResourceVersion == "" || !m.CreationTimestamp.Time.Equal(epoch()) {
		t.Errorf("metadata is %+v", m.ObjectMeta)
	}
	if got, err := read[*corev1.ConfigMap](f, "a"); err != nil || !cmp.Equal(got, m) {
		t.Errorf("read %v, %v", got, err)
	}
	for _, tt := range []struct{ name, want string }{
		{"a", `configmaps "a" already exists`},
		{"A", `ConfigMap "A" is invalid: metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`},
		{"", `ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required`},
	} {
		_, err := create(f, configMap(tt.name))
		wantError(t, err, tt.want)
	}
	other := configMap("b")
	other.Namespace = "elsewhere"
	_, err := create(f, other)
	wantError(t, err, "the namespace of the provided object does not match the namespace sent on the request")
}

func TestCreateIsAdmitted(t *testing.T) {
	f := newFixture(t)
	no := errors.New("no")
	_, err := at[rest.Creater](f, gvrOf(t, configMap("a")), "").Create(f.ctx, configMap("a"), func(_ context.Context, o runtime.Object) error {
		o.(*corev1.ConfigMap).Data["k"] = "changed" // a copy
		return no
	}, &metav1.CreateOptions{})
	if !errors.Is(err, no) {
		t.Errorf("error is %v", err)
	}
	if _, err := read[*corev1.ConfigMap](f, "a"); !apierrors.IsNotFound(err) {
		t.Errorf("it was stored: %v", err)
	}
}

func TestGenerateName(t *testing.T) {
	f := newFixture(t)
	seen := map[string]bool{}
	for range 20 {
		m := configMap("")
		m.GenerateName = "some-"
		m = mustCreate(f, m)
		if !strings.HasPrefix(m.Name, "some-") || len(m.Name) != len("some-")+5 || seen[m.Name] {
			t.Errorf("name is %q", m.Name)
		}
		seen[m.Name] = true
	}
}

func TestDryRun(t *testing.T) {
	f := newFixture(t)
	all := []string{metav1.DryRunAll}
	gvr := gvrOf(t, configMap("a"))
	if _, err := at[rest.Creater](f, gvr, "").Create(f.ctx, configMap("a"), nil, &metav1.CreateOptions{DryRun: all}); err != nil {
		t.Error(err)
	}
	if _, err := read[*corev1.ConfigMap](f, "a"); !apierrors.IsNotFound(err) {
		t.Errorf("a dry run stored it: %v", err)
	}
	m := mustCreate(f, configMap("a"))
	_, err := at[rest.Creater](f, gvr, "").Create(f.ctx, configMap("a"), nil, &metav1.CreateOptions{DryRun: all})
	wantError(t, err, `configmaps "a" already exists`)

	next := m.DeepCopy()
	next.Data["k"] = "w"
	out, _, err := at[rest.Updater](f, gvr, "").Update(f.ctx, "a", rest.DefaultUpdatedObjectInfo(next), nil, nil, false, &metav1.UpdateOptions{DryRun: all})
	if err != nil || out.(*corev1.ConfigMap).Data["k"] != "w" {
		t.Errorf("update: %v, %v", out, err)
	}
	if _, gone, err := remove[*corev1.ConfigMap](f, "a", &metav1.DeleteOptions{DryRun: all}); err != nil || !gone {
		t.Errorf("delete: %t, %v", gone, err)
	}
	if got, err := read[*corev1.ConfigMap](f, "a"); err != nil || !cmp.Equal(got, m) {
		t.Errorf("dry runs changed it: %s %v", cmp.Diff(m, got), err)
	}
}

func TestUpdateConflicts(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, configMap("a"))
	old := mustUpdate(f, "a", "", func(m *corev1.ConfigMap) { m.Data["k"] = "1" })
	mustUpdate(f, "a", "", func(m *corev1.ConfigMap) { m.Data["k"] = "2" })

	put := func(change func(*corev1.ConfigMap)) error {
		m := old.DeepCopy()
		change(m)
		_, _, err := at[rest.Updater](f, gvrOf(t, m), "").Update(f.ctx, m.Name, rest.DefaultUpdatedObjectInfo(m), nil, nil, false, &metav1.UpdateOptions{})
		return err
	}
	wantError(t, put(func(m *corev1.ConfigMap) { m.Data["k"] = "3" }),
		`Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again`)
	wantError(t, put(func(m *corev1.ConfigMap) { m.ResourceVersion, m.Data["k"] = "", "4" }), "")
	if err := put(func(m *corev1.ConfigMap) { m.UID = types.UID("other") }); !apierrors.IsConflict(err) || !strings.Contains(err.Error(), "Precondition failed: UID in precondition: other, UID in object meta: ") {
		t.Errorf("error is %v", err)
	}
	wantError(t, put(func(m *corev1.ConfigMap) { m.Name = "nobody" }), `configmaps "nobody" not found`)
	if got, _ := read[*corev1.ConfigMap](f, "a"); got.Data["k"] != "4" {
		t.Errorf("k is %q", got.Data["k"])
	}
}

// TestUpdateManyWriters: each of many read-modify-writes counts once.
func TestUpdateManyWriters(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, configMap("a"))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := update(f, "a", "", func(m *corev1.ConfigMap) { m.Data["k"] += "x"; m.ResourceVersion = "" }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, _ := read[*corev1.ConfigMap](f, "a"); got.Data["k"] != "v"+strings.Repeat("x", 20) {
		t.Errorf("k is %q", got.Data["k"])
	}
}

func TestCreateOnUpdate(t *testing.T) {
	f := newFixture(t)
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "l", Namespace: "default"}}
	lease.ResourceVersion = "77" // of one that is gone
	put := func() (created bool, err error) {
		_, created, err = at[rest.Updater](f, gvrOf(t, lease), "").Update(f.ctx, "l", rest.DefaultUpdatedObjectInfo(lease.DeepCopy()), nil, nil, false, &metav1.UpdateOptions{})
		return created, err
	}
	if created, err := put(); err != nil || !created {
		t.Errorf("created is %t, %v", created, err)
	}
	lease.ResourceVersion = ""
	_, err := put()
	wantError(t, err, `leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`)

	lease.Name, lease.UID = "m", "u"
	_, _, err = at[rest.Updater](f, gvrOf(t, lease), "").Update(f.ctx, "m", rest.DefaultUpdatedObjectInfo(lease), nil, nil, false, &metav1.UpdateOptions{})
	if !apierrors.IsConflict(err) || !strings.Contains(err.Error(), "Precondition failed: UID in precondition: u, UID in object meta: ") {
		t.Errorf("error is %v", err)
	}

	// A config map is only created by an update if the caller says so, as apply does.
	for _, may := range []bool{false, true} {
		_, created, err := at[rest.Updater](f, gvrOf(t, configMap("a")), "").Update(f.ctx, "a", rest.DefaultUpdatedObjectInfo(configMap("a")), nil, nil, may, &metav1.UpdateOptions{})
		if created != may || (err == nil) != may {
			t.Errorf("may create: %t; created %t, %v", may, created, err)
		}
	}
}

func TestListAndWatch(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, configMap("a"))
	mustCreate(f, configMap("b"))
	gvr := gvrOf(t, configMap("a"))
	list, err := at[rest.Lister](f, gvr, "").List(f.ctx, &internalversion.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", "b")})
	if err != nil {
		t.Fatal(err)
	}
	l := list.(*corev1.ConfigMapList)
	if len(l.Items) != 1 || l.Items[0].Name != "b" {
		t.Errorf("list is %v", l.Items)
	}
	w, err := at[rest.Watcher](f, gvr, "").Watch(f.ctx, &internalversion.ListOptions{ResourceVersion: l.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if _, _, err := remove[*corev1.ConfigMap](f, "a", nil); err != nil {
		t.Fatal(err)
	}
	if e := <-w.ResultChan(); e.Type != watch.Deleted {
		t.Errorf("event is %v", e.Type)
	}
}

func TestSharedObjectsStayAsTheyAre(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, pod("a"))
	shared, _ := read[*corev1.Pod](f, "a")
	before := shared.DeepCopy()
	mustUpdate(f, "a", "status", func(p *corev1.Pod) { p.Status.Phase = corev1.PodRunning })
	mustUpdate(f, "a", "", func(p *corev1.Pod) { p.Labels = map[string]string{"x": "y"} })
	if _, _, err := remove[*corev1.Pod](f, "a", nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, shared); diff != "" {
		t.Errorf("a shared object was changed:\n%s", diff)
	}
}
