package resource

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/ui/kube"
)

// failingImage sees an object of a resource whose template has an image, with a
// pod whose own image cannot be pulled.
func failingImage(t *testing.T, group, resource, template, own string) *seen {
	t.Helper()
	at := func(group, resource, name string) kube.Target {
		return kube.Target{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: "v1", Resource: resource}, Namespace: "default", Name: name}
	}
	pod := `{"metadata": {"name": "shop-1"}, "spec": {"containers": [{"name": "web", "image": "` + own + `"}]}, "status": {"containerStatuses": [
		{"name": "web", "state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}]}}`
	v := &seen{subject: subject{Target: at(group, resource, "shop")}, Object: &unstructured.Unstructured{}, Images: []string{"nginx:1.27"}}
	object := `{"kind": "x", "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "` + template + `"}]}}}}`
	if err := v.Object.UnmarshalJSON([]byte(object)); err != nil {
		t.Fatal(err)
	}
	v.Tree.Owned = []*branch{{Target: at("", "pods", "shop-1"), Kind: "Pod", Row: &kube.Row{Object: json.RawMessage(pod)}}}
	return v
}

// TestOffersOfAnImage: another image is offered where it comes to the pods that
// are there, or to new ones; and old pods are deleted where nothing else does it.
func TestOffersOfAnImage(t *testing.T) {
	for _, tt := range []struct {
		name, group, resource, template, own string
		want                                 []string
	}{
		{"a Deployment", "apps", "deployments", "nginx:1.161", "nginx:1.161", []string{"resource.use-image", "resource.image"}},
		{"a Deployment, corrected", "apps", "deployments", "nginx:1.27", "nginx:1.161", []string{"resource.image"}},
		{"a ReplicaSet", "apps", "replicasets", "nginx:1.161", "nginx:1.161", []string{"resource.use-image", "resource.image"}},
		{"a ReplicaSet, corrected", "apps", "replicasets", "nginx:1.27", "nginx:1.161", []string{"resource.delete-stale"}},
		{"a ReplicationController, corrected", "", "replicationcontrollers", "nginx:1.27", "nginx:1.161", []string{"resource.delete-stale"}},
		{"a Job", "batch", "jobs", "nginx:1.161", "nginx:1.161", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := failingImage(t, tt.group, tt.resource, tt.template, tt.own)
			var got []string
			for _, o := range v.imageOffers(v.troubles()) {
				got = append(got, o.Key)
				if o.Key == "resource.delete-stale" && !strings.HasSuffix(o.Href, "pods/default/shop-1/delete") {
					t.Errorf("it leads to %s", o.Href)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
