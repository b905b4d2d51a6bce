package lessons

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// settle puts an object of a manifest into the lesson's namespace.
func settle(obj *unstructured.Unstructured, namespace string) error {
	gvk := obj.GroupVersionKind()
	k, ok := kindOf(gvk)
	switch {
	case !ok:
		return fmt.Errorf("lessons know no kind %s %s", obj.GetAPIVersion(), obj.GetKind())
	case !k.namespaced:
		return fmt.Errorf("%s %q does not live in a namespace, so no reset could take it away", gvk.Kind, obj.GetName())
	case obj.GetName() == "":
		return fmt.Errorf("a %s has no name", gvk.Kind)
	case obj.GetNamespace() != "" && obj.GetNamespace() != namespace:
		return fmt.Errorf("%s %q is for namespace %q, not %q", gvk.Kind, obj.GetName(), obj.GetNamespace(), namespace)
	}
	obj.SetNamespace(namespace)
	return nil
}
