package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestOpenAPI: each document has the paths that kubectl looks for.
func TestOpenAPI(t *testing.T) {
	if len(OpenAPIPaths()) != len(groupVersions()) {
		t.Errorf("index is %v", OpenAPIPaths())
	}
	for path, url := range OpenAPIPaths() {
		gz, hash, ok := OpenAPI(path)
		if !ok || url != "/openapi/v3/"+path+"?hash="+hash {
			t.Errorf("%s: %t, %s", path, ok, url)
		}
		r, err := gzip.NewReader(bytes.NewReader(gz))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Paths map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, r := range Resources() {
			if r.GVK().GroupVersion().String() == strings.TrimPrefix(strings.TrimPrefix(path, "apis/"), "api/") {
				if _, ok := doc.Paths["/"+path+"/"+collection(r)]["post"]; !ok {
					t.Errorf("%s has no way to create %s", path, r.Plural)
				}
			}
		}
	}
	if _, _, ok := OpenAPI("apis/batch/v1"); ok {
		t.Error("batch/v1 has a document, though nobody serves it")
	}
}

func collection(r Resource) string {
	if r.Namespaced {
		return "namespaces/{namespace}/" + r.Plural
	}
	return r.Plural
}

// TestTypeConverter: every kind has a schema, and goes there and back.
func TestTypeConverter(t *testing.T) {
	c := TypeConverter()
	try := func(obj runtime.Object, gvk schema.GroupVersionKind) {
		obj.GetObjectKind().SetGroupVersionKind(gvk)
		typed, err := c.ObjectToTyped(obj)
		if err == nil {
			_, err = c.TypedToObject(typed)
		}
		if err != nil {
			t.Errorf("%s: %v", gvk, err)
		}
	}
	for _, r := range Resources() {
		try(r.New(), r.GVK())
		for _, s := range r.Subresources {
			try(s.New(), s.GVK())
		}
	}
	strange := &corev1.Pod{TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v9"}}
	if _, err := c.ObjectToTyped(strange); err == nil {
		t.Error("v9 is known")
	}
}

func BenchmarkReadSchema(b *testing.B) {
	for b.Loop() {
		if _, err := readSchema(smdSchema); err != nil {
			b.Fatal(err)
		}
	}
}

func TestBootstrapPolicy(t *testing.T) {
	p := BootstrapPolicy()
	if len(p.ClusterRoles) < 60 || len(p.ClusterRoleBindings) < 40 || len(p.Roles["kube-system"]) == 0 || len(p.RoleBindings["kube-system"]) == 0 {
		t.Errorf("%d roles, %d bindings, %d and %d in kube-system", len(p.ClusterRoles), len(p.ClusterRoleBindings), len(p.Roles["kube-system"]), len(p.RoleBindings["kube-system"]))
	}
	for _, name := range []string{"cluster-admin", "system:node", "system:kube-scheduler", "system:controller:deployment-controller", "system:basic-user"} {
		found := false
		for _, r := range p.ClusterRoles {
			found = found || r.Name == name
		}
		if !found {
			t.Errorf("no role %s", name)
		}
	}
}
