package apiserver

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"kubergarten/engine/client"
)

// restClient is upstream's client of the core group.
func (c *cluster) restClient(t *testing.T, contentType string) *rest.RESTClient {
	t.Helper()
	rc, err := rest.RESTClientFor(&rest.Config{
		Host: c.url, BearerToken: "alice", APIPath: "/api", TLSClientConfig: rest.TLSClientConfig{Insecure: true}, QPS: -1,
		ContentConfig: rest.ContentConfig{
			GroupVersion: &corev1.SchemeGroupVersion, NegotiatedSerializer: scheme.Codecs.WithoutConversion(), ContentType: contentType,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return rc
}

// TestInformers holds that client-go's informers, which begin with the initial
// events of a watch, see all and only what there is.
func TestInformers(t *testing.T) {
	c := newCluster(t, quiet)
	own := client.For[*corev1.ConfigMap](client.New(c.door, userNamed("alice")))
	for i := range 50 {
		if _, err := own.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprint("before-", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, contentType := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
		t.Run(contentType, func(t *testing.T) {
			lw := cache.NewListWatchFromClient(c.restClient(t, contentType), "configmaps", "default", fields.Everything())
			seen, gone := make(chan string, 200), make(chan string, 200)
			_, inf := cache.NewInformerWithOptions(cache.InformerOptions{ListerWatcher: lw, ObjectType: &corev1.ConfigMap{}, Handler: cache.ResourceEventHandlerFuncs{
				AddFunc:    func(o any) { seen <- o.(*corev1.ConfigMap).Name },
				DeleteFunc: func(o any) { gone <- o.(*corev1.ConfigMap).Name },
			}})
			go inf.RunWithContext(t.Context())
			names := map[string]bool{}
			for range 50 {
				names[receive(t, seen)] = true
			}
			name := "after-" + strings.ReplaceAll(contentType, "/", "-")
			if _, err := own.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}); err != nil {
				t.Fatal(err)
			}
			if got := receive(t, seen); got != name || len(names) != 50 {
				t.Errorf("saw %s after %d names", got, len(names))
			}
			if err := own.Delete(t.Context(), "default", name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := receive(t, gone); got != name {
				t.Errorf("saw %s go", got)
			}
		})
	}
}

func receive(t *testing.T, ch <-chan string) string {
	t.Helper()
	select {
	case s := <-ch:
		return s
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		return ""
	}
}

func TestPagesAndRevisions(t *testing.T) {
	c := newCluster(t, quiet)
	h := &harness{t: t, Server: c.Server}
	h.dial(c)
	const path = "/api/v1/namespaces/default/configmaps"
	for _, name := range []string{"a", "b", "c"} {
		h.call("POST", path, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"`+name+`"}}`).want(t, 201, "")
	}
	page := h.call("GET", path+"?limit=2", "").want(t, 200, "")
	token, _ := page.field(t, "metadata", "continue").(string)
	if len(page.field(t, "items").([]any)) != 2 || token == "" {
		t.Fatalf("first page: %s", page.body)
	}
	if left := h.call("GET", path+"?limit=2&continue="+url.QueryEscape(token), "").want(t, 200, ""); len(left.field(t, "items").([]any)) != 1 {
		t.Errorf("second page: %s", left.body)
	}
	h.call("GET", path+"?continue=frog", "").want(t, 400, "")
	h.call("GET", path+"?resourceVersion=999999999", "").want(t, 504, "")
	h.call("GET", path+"?resourceVersionMatch=Exact", "").want(t, 422, `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`)
	h.call("GET", path+"?watch=1&sendInitialEvents=true", "").want(t, 422, `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`)
	lines := h.watchLines(path+"?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Da", "application/json", 2)
	if !strings.Contains(lines[0], `"type":"ADDED"`) || !strings.Contains(lines[1], `"type":"BOOKMARK"`) || !strings.Contains(lines[1], `"k8s.io/initial-events-end":"true"`) {
		t.Errorf("%q", lines)
	}
}
