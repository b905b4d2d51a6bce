package clienttest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
)

// Create implements client.Interface.
func (a *API) Create(ctx context.Context, at client.Target, obj runtime.Object, _ metav1.CreateOptions) (runtime.Object, error) {
	if err := a.called(ctx, "create", at, obj); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if at.Subresource != "" {
		return a.post(at, obj)
	}
	o := obj.DeepCopyObject().(client.Object)
	if o.GetNamespace() == "" {
		o.SetNamespace(at.Namespace)
	}
	o.SetUID("")
	a.birth(at.GroupVersionResource, o)
	at.Name = o.GetName()
	if _, err := a.find(at); err == nil {
		return nil, apierrors.NewAlreadyExists(at.GroupResource(), at.Name)
	}
	a.store(at.GroupVersionResource, nil, o)
	return o, nil
}

// Update implements client.Interface.
func (a *API) Update(ctx context.Context, at client.Target, obj runtime.Object, _ metav1.UpdateOptions) (runtime.Object, error) {
	if err := a.called(ctx, "update", at, obj); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if at.Name == "" {
		at.Name = obj.(client.Object).GetName()
	}
	old, err := a.find(at)
	if err != nil {
		return nil, err
	}
	return a.replace(at, old, obj.DeepCopyObject().(client.Object))
}

// Patch implements client.Interface.
func (a *API) Patch(ctx context.Context, at client.Target, pt types.PatchType, data []byte, _ metav1.PatchOptions) (runtime.Object, error) {
	if err := a.called(ctx, "patch", at, nil); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, err := a.find(at)
	if apierrors.IsNotFound(err) && pt == types.ApplyYAMLPatchType {
		return a.apply(at, data)
	}
	if err != nil {
		return nil, err
	}
	o, err := patched(old, pt, data)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if u := o.GetUID(); u != old.GetUID() {
		return nil, apierrors.NewConflict(at.GroupResource(), at.Name, errors.New("Precondition failed: UID in precondition: "+string(u)+", UID in object meta: "+string(old.GetUID())))
	}
	return a.replace(at, old, o)
}

func (a *API) apply(at client.Target, data []byte) (runtime.Object, error) {
	obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(data, nil, nil)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	o := obj.(client.Object)
	a.birth(at.GroupVersionResource, o)
	a.store(at.GroupVersionResource, nil, o)
	return o, nil
}

func patched(old client.Object, pt types.PatchType, data []byte) (client.Object, error) {
	was, err := json.Marshal(old)
	if err != nil {
		return nil, err
	}
	is, err := patchJSON(was, pt, data, old)
	if err != nil {
		return nil, err
	}
	o := reflect.New(reflect.TypeOf(old).Elem()).Interface().(client.Object)
	return o, json.Unmarshal(is, o)
}

func patchJSON(was []byte, pt types.PatchType, data []byte, kind any) ([]byte, error) {
	switch pt {
	case types.JSONPatchType:
		p, err := jsonpatch.DecodePatch(data)
		if err != nil {
			return nil, err
		}
		return p.Apply(was)
	case types.MergePatchType:
		return jsonpatch.MergePatch(was, data)
	case types.StrategicMergePatchType:
		return strategicpatch.StrategicMergePatch(was, data, kind)
	case types.ApplyYAMLPatchType:
		return jsonpatch.MergePatch(was, data)
	}
	return nil, errors.New("unknown patch type " + string(pt))
}

// replace stores o in the place of old, as the subresource allows. mu is held.
func (a *API) replace(at client.Target, old, o client.Object) (runtime.Object, error) {
	if rv := o.GetResourceVersion(); rv != "" && rv != old.GetResourceVersion() {
		return nil, apierrors.NewConflict(at.GroupResource(), at.Name, errors.New("the object has been modified; please apply your changes to the latest version and try again"))
	}
	o = merge(at.Subresource, old, o)
	o.SetUID(old.GetUID())
	o.SetCreationTimestamp(old.GetCreationTimestamp())
	o.SetDeletionTimestamp(old.GetDeletionTimestamp())
	o.SetResourceVersion(old.GetResourceVersion())
	o.SetGeneration(old.GetGeneration())
	if reflect.DeepEqual(old, o) {
		return old, nil // no change, no revision
	}
	if !sameField(old, o, "Spec") {
		o.SetGeneration(old.GetGeneration() + 1)
	}
	if o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0 && graceOf(o) == 0 {
		a.remove(at.GroupVersionResource, old, o)
		return o, nil
	}
	a.store(at.GroupVersionResource, old, o)
	return o, nil
}

// merge takes the status from o and the rest from old, or the other way round.
func merge(sub string, old, o client.Object) client.Object {
	from := reflect.ValueOf(o).Elem().FieldByName("Status")
	if !from.IsValid() {
		return o
	}
	if sub == "status" {
		out := old.DeepCopyObject().(client.Object)
		reflect.ValueOf(out).Elem().FieldByName("Status").Set(from)
		out.SetAnnotations(o.GetAnnotations()) // a status update may change them, as upstream
		return out
	}
	if pod, ok := o.(*corev1.Pod); ok && sub == "ephemeralcontainers" {
		out := old.DeepCopyObject().(*corev1.Pod)
		out.Spec.EphemeralContainers = pod.Spec.EphemeralContainers
		return out
	}
	from.Set(reflect.ValueOf(old.DeepCopyObject()).Elem().FieldByName("Status"))
	return o
}

func sameField(a, b client.Object, name string) bool {
	x, y := reflect.ValueOf(a).Elem().FieldByName(name), reflect.ValueOf(b).Elem().FieldByName(name)
	return !x.IsValid() || reflect.DeepEqual(x.Interface(), y.Interface())
}
