package resource

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// selector gives a Service another selector, as kubectl set selector does.
func (p pages) selector(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	want, err := labels.ConvertSelectorToLabelsMap(r.PostFormValue("selector"))
	if err != nil || len(want) == 0 {
		return apierrors.NewBadRequest("one selector is required")
	}
	u, err := s.client.Get(r.Context(), s.Target)
	if err != nil {
		return err
	}
	// Keys that are not asked for any more go, which a merge patch says by null.
	all := map[string]any{}
	old, _, _ := unstructured.NestedStringMap(u.Object, "spec", "selector")
	for key := range old {
		all[key] = nil
	}
	for key, value := range want {
		all[key] = value
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"selector": all}})
	if err != nil {
		return err
	}
	if err := s.client.Patch(r.Context(), s.Target, types.MergePatchType, "kubectl-set", patch); err != nil {
		return err
	}
	p.did(w, r, s, "selector updated")
	return nil
}

// port lets a port of a Service lead to another of its pods.
func (p pages) port(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	from, err1 := strconv.ParseInt(r.PostFormValue("port"), 10, 32)
	to, err2 := strconv.ParseInt(r.PostFormValue("to"), 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	patch := portPatch(int32(from), corev1.Protocol(r.PostFormValue("protocol")), int32(to))
	if err := s.client.Patch(r.Context(), s.Target, types.StrategicMergePatchType, "kubectl-patch", []byte(patch)); err != nil {
		return err
	}
	p.did(w, r, s, "patched")
	return nil
}
