package lessons

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

// firstOf is the first object of a list, if there is one, and the list's revision.
func firstOf[T client.Object](list runtime.Object) (first T, revision string, err error) {
	m, err := meta.ListAccessor(list)
	if err != nil {
		return first, "", err
	}
	found := false
	err = meta.EachListItem(list, func(obj runtime.Object) error {
		if t, ok := obj.(T); ok && !found {
			first, found = t, true
		}
		return nil
	})
	return first, m.GetResourceVersion(), err
}

func errorOf(ev watch.Event) error {
	if ev.Type != watch.Error {
		return nil
	}
	return apierrors.FromObject(ev.Object)
}
