package storage

// Upstream: k8s.io/apiserver/pkg/storage/cacher/caching_object.go

import (
	"bytes"
	"io"
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// An item is one version of an object, with what is worth doing only once for all
// who see it. It is itself an object that encodes only once: that is what a watch
// for the wire gets.
type item struct {
	obj runtime.Object
	rev int64

	attrs struct {
		once   sync.Once
		labels labels.Set
		fields fields.Set
		err    error
	}

	mu      sync.Mutex
	encoded map[runtime.Identifier]*encoded
}

// encoded is the object in one media type.
type encoded struct {
	once sync.Once
	data []byte
	err  error
}

var _ runtime.CacheableObject = (*item)(nil)

// Shallow returns a copy of obj that shares all but the fields of obj itself. Its
// metadata and TypeMeta can be set; codecs set the latter even while they encode,
// so whoever encodes a shared object must encode its Shallow copy.
func Shallow(obj runtime.Object) runtime.Object {
	v := reflect.ValueOf(obj)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return obj
	}
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(v.Elem())
	return c.Interface().(runtime.Object)
}

// GetObject implements runtime.CacheableObject. The copy is a shallow one.
func (i *item) GetObject() runtime.Object { return Shallow(i.obj) }

// GetObjectKind implements runtime.Object.
func (i *item) GetObjectKind() schema.ObjectKind { return Shallow(i.obj).GetObjectKind() }

// DeepCopyObject implements runtime.Object.
func (i *item) DeepCopyObject() runtime.Object {
	return &item{obj: i.obj.DeepCopyObject(), rev: i.rev}
}

// CacheEncode implements runtime.CacheableObject.
func (i *item) CacheEncode(id runtime.Identifier, encode func(runtime.Object, io.Writer) error, w io.Writer) error {
	e := i.encoding(id)
	e.once.Do(func() {
		var buf bytes.Buffer
		e.err = encode(Shallow(i.obj), &buf)
		e.data = buf.Bytes()
	})
	if e.err != nil {
		return e.err
	}
	if s, ok := w.(runtime.Splice); ok {
		s.Splice(e.data)
		return nil
	}
	_, err := w.Write(e.data)
	return err
}

func (i *item) encoding(id runtime.Identifier) *encoded {
	i.mu.Lock()
	defer i.mu.Unlock()
	e := i.encoded[id]
	if e == nil {
		e = &encoded{}
		if i.encoded == nil {
			i.encoded = map[runtime.Identifier]*encoded{}
		}
		i.encoded[id] = e
	}
	return e
}

// matches reports whether sel selects the item.
func (s *Store) matches(i *item, sel selection) bool {
	if sel.empty() {
		return true
	}
	i.attrs.once.Do(func() {
		i.attrs.labels, i.attrs.fields, i.attrs.err = s.cfg.GetAttrs(i.obj)
	})
	return i.attrs.err == nil && sel.matches(i.attrs.labels, i.attrs.fields)
}

// A selection is what the selectors of a request admit.
type selection struct {
	label labels.Selector
	field fields.Selector
}

func (s selection) empty() bool {
	return (s.label == nil || s.label.Empty()) && (s.field == nil || s.field.Empty())
}

func (s selection) matches(l labels.Set, f fields.Set) bool {
	return (s.label == nil || s.label.Matches(l)) && (s.field == nil || s.field.Matches(f))
}
