package review

import (
	"fmt"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
)

// newOf returns a new object of t's type.
func newOf[T runtime.Object](t T) runtime.Object {
	return reflect.New(reflect.TypeOf(t).Elem()).Interface().(runtime.Object)
}

func notA(want, got runtime.Object) error {
	kind := reflect.TypeOf(want).String()
	return apierrors.NewBadRequest(fmt.Sprintf("not a %s: %#v", kind[strings.LastIndexByte(kind, '.')+1:], got))
}
