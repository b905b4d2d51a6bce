package client_test

import (
	"context"
	"errors"
	"reflect"
	"syscall"
	"testing"
	"testing/synctest"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/component"
)

// server is an API server that is the same for everybody, and remembers who came.
type server struct {
	api client.Interface
	who []string
}

func (s *server) As(who user.Info) client.Interface {
	s.who = append(s.who, who.GetName())
	return s.api
}

func TestAServerThatIsNotThereRefuses(t *testing.T) {
	door := component.NewDoor[client.Server]("127.0.0.1:6443")
	pods := client.For[*corev1.Pod](client.New(door, &user.DefaultInfo{Name: "me"}))
	if _, err := pods.Get(t.Context(), "default", "p"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want connection refused", err)
	}
	s := &server{api: clienttest.New()}
	shut, err := door.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pods.Get(t.Context(), "default", "p"); !apierrors.IsNotFound(err) {
		t.Errorf("got %v, want not found", err)
	}
	shut()
	if _, err := pods.Get(t.Context(), "default", "p"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want connection refused again", err)
	}
	if len(s.who) != 1 || s.who[0] != "me" {
		t.Errorf("came as %v, want me", s.who)
	}
}

func TestWaitingForAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := component.NewDoor[client.Server]("127.0.0.1:6443")
		api := client.Waiting(client.New(door, &user.DefaultInfo{Name: "me"}), door)
		got := make(chan error)
		go func() {
			_, err := client.For[*corev1.Pod](api).Get(t.Context(), "default", "p")
			got <- err
		}()
		synctest.Wait()
		if _, err := door.Open(&server{api: clienttest.New()}); err != nil {
			t.Fatal(err)
		}
		if err := <-got; !apierrors.IsNotFound(err) {
			t.Errorf("got %v, want not found", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		nowhere := component.NewDoor[client.Server]("127.0.0.1:6443")
		waiting := client.Waiting(client.New(nowhere, &user.DefaultInfo{}), nowhere)
		if _, err := client.For[*corev1.Pod](waiting).Get(ctx, "default", "p"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
	})
}

// TestKinds holds the table to what apimachinery knows of the types.
func TestKinds(t *testing.T) {
	seen := map[any]bool{}
	for _, k := range client.Kinds() {
		if seen[k.Resource] {
			t.Errorf("%s stands there twice", k.Resource)
		}
		seen[k.Resource] = true
		if _, err := scheme.Scheme.New(k.GroupVersionKind); err != nil {
			t.Errorf("%s: %v", k.Resource, err)
		}
	}
	if got := client.ResourceOf[*rbacv1.ClusterRole](); got != rbacv1.SchemeGroupVersion.WithResource("clusterroles") {
		t.Errorf("cluster roles are at %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a type without a resource must panic")
		}
	}()
	client.ResourceOf[*corev1.ComponentStatus]()
}

func configMap(ns, name, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: map[string]string{"value": value}},
		Data:       map[string]string{"k": value},
	}
}

func TestVerbs(t *testing.T) {
	cms := client.For[*corev1.ConfigMap](clienttest.New(configMap("a", "one", "1"), configMap("b", "two", "2")))
	all, err := cms.List(t.Context(), "", metav1.ListOptions{})
	if err != nil || len(all) != 2 {
		t.Fatalf("List() = %d, %v", len(all), err)
	}
	some, err := cms.List(t.Context(), "", metav1.ListOptions{LabelSelector: "value=2"})
	if err != nil || len(some) != 1 || some[0].Name != "two" {
		t.Errorf("List(value=2) = %v, %v", some, err)
	}
	fresh := some[0].DeepCopy()
	fresh.Data["k"] = "3"
	if _, err := cms.Update(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	if _, err := cms.Update(t.Context(), fresh); !apierrors.IsConflict(err) {
		t.Errorf("a stale update: %v, want conflict", err)
	}
	if err := cms.Delete(t.Context(), "a", "one", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := cms.Get(t.Context(), "a", "one"); !apierrors.IsNotFound(err) {
		t.Errorf("after delete: %v, want not found", err)
	}
}

func TestInformers(t *testing.T) {
	api := clienttest.New(configMap("a", "one", "1"))
	lists := 0
	api.OnCall = func(verb string, _ client.Target, _ runtime.Object) error {
		if verb == "watch" || verb == "list" {
			lists++
		}
		return nil
	}
	f := client.NewInformers(api)
	first := client.InformerFor[*corev1.ConfigMap](f, metav1.ListOptions{})
	again := client.InformerAt(f, client.ResourceOf[*corev1.ConfigMap]())
	if err := first.AddIndex("value", func(cm *corev1.ConfigMap) []string { return []string{cm.Data["k"]} }); err != nil {
		t.Fatal(err)
	}
	changes := make(chan string, 16)
	if _, err := first.OnChange(client.Handler[*corev1.ConfigMap]{
		Add:    func(cm *corev1.ConfigMap) { changes <- "add " + cm.Name },
		Update: func(_, cm *corev1.ConfigMap) { changes <- "update " + cm.Name },
		Delete: func(cm *corev1.ConfigMap) { changes <- "delete " + cm.Name },
	}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	defer func() { cancel(); <-done }()
	if err := f.Synced(ctx); err != nil {
		t.Fatal(err)
	}
	if lists != 1 {
		t.Errorf("%d requests for one kind, want 1: it is shared", lists)
	}
	shared, ok := first.Get("a", "one")
	other, ok2 := again.Get("a", "one")
	if !ok || !ok2 || reflect.ValueOf(shared).Pointer() != reflect.ValueOf(other).Pointer() {
		t.Error("two informers of one kind have two objects")
	}
	if got := first.Indexed("value", "1"); len(got) != 1 {
		t.Errorf("index has %v", got)
	}
	cms := client.For[*corev1.ConfigMap](api)
	if _, err := cms.Create(ctx, configMap("a", "two", "2")); err != nil {
		t.Fatal(err)
	}
	if err := cms.Delete(ctx, "a", "two", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"add one", "add two", "delete two"} {
		if got := <-changes; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
}

func TestSyncedEndsWithItsContext(t *testing.T) {
	f := client.NewInformers(clienttest.New())
	client.InformerFor[*corev1.Pod](f, metav1.ListOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Synced(ctx); err == nil {
		t.Error("informers that do not run are synced")
	}
}
