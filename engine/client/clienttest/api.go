package clienttest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
)

// API is an API server in memory.
type API struct {
	// Now is the server's time; time.Now if nil. Set it before use.
	Now func() time.Time
	// OnCall, if set, is told of each request before it is served; its error
	// is the answer. Verbs are Kubernetes' own: create, patch, watch, ... Set
	// it before use.
	OnCall func(verb string, at client.Target, obj runtime.Object) error

	mu      sync.Mutex
	rev     int64
	uids    int
	objects map[schema.GroupVersionResource]map[types.NamespacedName]client.Object
	log     []change
	watches map[*watcher]struct{}
}

// A change is one event of the log; old is nil for a creation.
type change struct {
	rev      int64
	gvr      schema.GroupVersionResource
	typ      watch.EventType
	old, obj client.Object
}

var _ client.Interface = (*API)(nil)

// New returns an API server that holds objects. It panics on an object whose
// kind client-go's scheme does not know.
func New(objects ...runtime.Object) *API {
	a := &API{
		objects: map[schema.GroupVersionResource]map[types.NamespacedName]client.Object{},
		watches: map[*watcher]struct{}{},
	}
	for _, obj := range objects {
		a.Add(obj)
	}
	return a
}

// Add stores obj as it is, status and all. It panics if it cannot.
func (a *API) Add(obj runtime.Object) {
	o := obj.DeepCopyObject().(client.Object)
	gvk, err := kindOf(obj)
	if err != nil {
		panic(err)
	}
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.birth(gvr, o)
	a.store(gvr, nil, o)
}

func kindOf(obj runtime.Object) (schema.GroupVersionKind, error) {
	kinds, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil {
		return schema.GroupVersionKind{}, err
	}
	return kinds[0], nil
}

func (a *API) now() metav1.Time {
	if a.Now != nil {
		return metav1.NewTime(a.Now()).Rfc3339Copy()
	}
	return metav1.Now().Rfc3339Copy()
}

func (a *API) called(ctx context.Context, verb string, at client.Target, obj runtime.Object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.OnCall != nil {
		return a.OnCall(verb, at, obj)
	}
	return nil
}

// birth fills in what the server gives every new object. mu is held.
func (a *API) birth(gvr schema.GroupVersionResource, o client.Object) {
	if o.GetName() == "" && o.GetGenerateName() != "" {
		o.SetName(o.GetGenerateName() + rand.String(5))
	}
	if o.GetUID() == "" {
		a.uids++
		o.SetUID(types.UID(fmt.Sprintf("00000000-0000-0000-0000-%012d", a.uids)))
	}
	if t := o.GetCreationTimestamp(); t.IsZero() {
		o.SetCreationTimestamp(a.now())
	}
	if o.GetGeneration() == 0 && (gvr.Group != "" || gvr.Resource == "pods") {
		o.SetGeneration(1)
	}
}

// store gives o the next revision, keeps it and tells the watches. mu is held.
func (a *API) store(gvr schema.GroupVersionResource, old, o client.Object) {
	a.rev++
	o.SetResourceVersion(strconv.FormatInt(a.rev, 10))
	all := a.objects[gvr]
	if all == nil {
		all = map[types.NamespacedName]client.Object{}
		a.objects[gvr] = all
	}
	all[keyOf(o)] = o
	typ := watch.Added
	if old != nil {
		typ = watch.Modified
	}
	a.publish(change{a.rev, gvr, typ, old, o})
}

// remove forgets o. mu is held.
func (a *API) remove(gvr schema.GroupVersionResource, old, o client.Object) {
	a.rev++
	o.SetResourceVersion(strconv.FormatInt(a.rev, 10))
	delete(a.objects[gvr], keyOf(o))
	a.publish(change{a.rev, gvr, watch.Deleted, old, o})
}

func (a *API) publish(c change) {
	a.log = append(a.log, c)
	for w := range a.watches {
		w.see(c)
	}
}

// find returns the stored object, or NotFound. mu is held.
func (a *API) find(at client.Target) (client.Object, error) {
	o, ok := a.objects[at.GroupVersionResource][types.NamespacedName{Namespace: at.Namespace, Name: at.Name}]
	if !ok {
		return nil, apierrors.NewNotFound(at.GroupResource(), at.Name)
	}
	return o, nil
}

func keyOf(o client.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}
}
