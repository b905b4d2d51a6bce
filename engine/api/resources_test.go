package api

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestResources checks each line of the table against the scheme.
func TestResources(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Resources() {
		if seen[r.GVR().String()] {
			t.Errorf("%s is there twice", r.GVR())
		}
		seen[r.GVR().String()] = true
		if k, err := Kind(r.New()); err != nil || k != r.GVK() {
			t.Errorf("%s makes %v, %v", r.GVR(), k, err)
		}
		if (r.Prefix == "") != (r.NewList == nil) {
			t.Errorf("%s: prefix %q, but list is %t", r.GVR(), r.Prefix, r.NewList != nil)
		}
		if r.NewList != nil {
			if k, err := Kind(r.NewList()); err != nil || k.Kind != r.Kind+"List" || !meta.IsListType(r.NewList()) {
				t.Errorf("%s lists %v, %v", r.GVR(), k, err)
			}
		}
		for _, s := range r.Subresources {
			if k, err := Kind(s.New()); err != nil || k != s.GVK() {
				t.Errorf("%s/%s makes %v, %v", r.GVR(), s.Name, k, err)
			}
		}
		if got, ok := Find(r.GVR()); !ok || got.Kind != r.Kind {
			t.Errorf("%s is not found", r.GVR())
		}
	}
	if _, ok := Find(schema.GroupVersionResource{Version: "v1", Resource: "gremlins"}); ok {
		t.Error("gremlins are found")
	}
}

// TestAttrs: what can be selected by is what the scheme lets be asked for.
func TestAttrs(t *testing.T) {
	for _, r := range Resources() {
		if r.Prefix == "" || r.GroupResource() == (schema.GroupResource{Group: "events.k8s.io", Resource: "events"}) {
			continue
		}
		_, set, err := r.Attrs(r.New())
		if err != nil {
			t.Errorf("%s: %v", r.GVR(), err)
		}
		if _, ok := set["metadata.namespace"]; ok != r.Namespaced {
			t.Errorf("%s: metadata.namespace is %t", r.GVR(), ok)
		}
	}
}

func TestFieldSelector(t *testing.T) {
	tests := []struct {
		name string
		gvr  schema.GroupVersionResource
		text string
		want string // selector, or error
	}{
		{"pods by node", schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "spec.nodeName=n,status.phase!=Running", "spec.nodeName=n,status.phase!=Running"},
		{"pods by host", schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "spec.host=n", "spec.nodeName=n"},
		{"events of old", schema.GroupVersionResource{Version: "v1", Resource: "events"}, "involvedObject.name=p", "involvedObject.name=p"},
		{"events of new", schema.GroupVersionResource{Group: "events.k8s.io", Version: "v1", Resource: "events"}, "regarding.name=p", "involvedObject.name=p"},
		{"unknown", schema.GroupVersionResource{Version: "v1", Resource: "pods"}, "spec.color=red", "field label not supported: spec.color"},
		{"config map", schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, "data.k=v", `"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := Find(tt.gvr)
			if !ok {
				t.Fatal("not found")
			}
			sel, err := r.FieldSelector(tt.text)
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = sel.String()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPodAttrs(t *testing.T) {
	r, _ := Find(schema.GroupVersionResource{Version: "v1", Resource: "pods"})
	p := &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n", HostNetwork: true}, Status: corev1.PodStatus{PodIPs: []corev1.PodIP{{IP: "10.244.0.2"}}}}
	p.Name, p.Namespace, p.Labels = "p", "ns", map[string]string{"a": "b"}
	l, f, err := r.Attrs(p)
	if err != nil || l["a"] != "b" {
		t.Fatal(l, err)
	}
	for field, want := range map[string]string{"spec.nodeName": "n", "spec.hostNetwork": "true", "status.podIP": "10.244.0.2", "metadata.name": "p", "metadata.namespace": "ns"} {
		if f[field] != want {
			t.Errorf("%s is %q, want %q", field, f[field], want)
		}
	}
	if !fields.OneTermEqualSelector("spec.nodeName", "n").Matches(f) {
		t.Error("not selected by its node")
	}
}
