package apiserver

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metainternalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
	"kubergarten/engine/trace"
)

// local is the API as one of our own components sees it: no bytes between.
type local struct {
	srv  *Server
	user user.Info
}

var _ client.Interface = local{}

// As returns the API as who sees it.
func (s *Server) As(who user.Info) client.Interface { return local{s, who} }

// open finds the endpoint of at, and asks whether the user may.
func (l local) open(ctx context.Context, verb string, at client.Target) (*request, error) {
	return l.openSome(ctx, verb, at, metav1.ListOptions{})
}

// openSome is open for a part of a collection.
func (l local) openSome(ctx context.Context, verb string, at client.Target, which metav1.ListOptions) (*request, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e, ok := l.srv.serves[where{at.GroupVersionResource, at.Subresource}]
	if !ok {
		return nil, notServed()
	}
	q := &request{endpoint: e, user: l.user, ns: at.Namespace, name: at.Name, verb: verb, manager: managerOf(l.user), local: true}
	if q.gvr == namespaces() && q.ns == "" {
		q.ns = at.Name
	}
	if q.name == "" && which.FieldSelector != "" {
		q.name = nameIn(which.FieldSelector)
	}
	if err := l.admitted(ctx, q, which); err != nil {
		return nil, err
	}
	if !q.has(verb) {
		return nil, notAllowed()
	}
	return q, nil
}

func (l local) admitted(ctx context.Context, q *request, which metav1.ListOptions) error {
	writes := isWrite(q.verb)
	if writes {
		q.step(trace.Authenticated, nil, l.user.GetName())
	}
	if err := l.srv.authorize(ctx, withSelectors(q.attributes(q.verb), which.LabelSelector, which.FieldSelector)); err != nil {
		return err
	}
	if writes {
		q.step(trace.Authorized, nil, l.user.GetName()+" may "+q.verb)
	}
	return nil
}

// rescue turns a panic in one call into its error: the caller is one of our own
// components, and would die of it.
func (l local) rescue(err *error) {
	if p := recover(); p != nil {
		l.srv.log.Error("apiserver panic'd", "user", l.user.GetName(), "panic", p, "stack", string(debug.Stack()))
		*err = errPanic()
	}
}

// isWrite reports whether the verb changes something.
func isWrite(verb string) bool {
	switch verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return true
	}
	return false
}

// managerOf names a component as its User-Agent would over HTTPS.
func managerOf(u user.Info) string {
	name := u.GetName()
	switch {
	case strings.HasPrefix(name, "system:node:"):
		return "kubelet"
	case strings.HasPrefix(name, "system:serviceaccount:kube-system:") && strings.HasSuffix(name, "-controller"):
		return "kube-controller-manager"
	case strings.HasPrefix(name, "system:serviceaccount:"):
		return name[strings.LastIndexByte(name, ':')+1:]
	}
	return strings.TrimPrefix(name, "system:")
}

// Create implements client.Interface.
func (l local) Create(ctx context.Context, at client.Target, obj runtime.Object, opts metav1.CreateOptions) (out runtime.Object, err error) {
	defer l.rescue(&err)
	q, err := l.open(ctx, "create", at)
	if err != nil {
		return nil, err
	}
	if err := q.isOurKind(obj); err != nil {
		return nil, err
	}
	obj = obj.DeepCopyObject()
	api.Default(obj)
	return q.create(ctx, obj, &opts)
}

// isOurKind refuses an object of another Go type than the endpoint's, which
// HTTP would find when decoding.
func (q *request) isOurKind(obj runtime.Object) error {
	if got, err := api.Kind(obj); err != nil || got != q.kind {
		return apierrors.NewBadRequest(fmt.Sprintf("%T cannot be handled as a %s", obj, q.kind.Kind))
	}
	return nil
}

// Update implements client.Interface.
func (l local) Update(ctx context.Context, at client.Target, obj runtime.Object, opts metav1.UpdateOptions) (out runtime.Object, err error) {
	defer l.rescue(&err)
	q, err := l.open(ctx, "update", at)
	if err != nil {
		return nil, err
	}
	if err := q.isOurKind(obj); err != nil {
		return nil, err
	}
	out, _, err = q.update(ctx, obj, &opts)
	return out, err
}

// Patch implements client.Interface.
func (l local) Patch(ctx context.Context, at client.Target, pt types.PatchType, data []byte, opts metav1.PatchOptions) (out runtime.Object, err error) {
	defer l.rescue(&err)
	q, err := l.open(ctx, "patch", at)
	if err != nil {
		return nil, err
	}
	out, _, err = q.patch(ctx, pt, data, &opts)
	return out, err
}

// Delete implements client.Interface.
func (l local) Delete(ctx context.Context, at client.Target, opts metav1.DeleteOptions) (out runtime.Object, err error) {
	defer l.rescue(&err)
	q, err := l.open(ctx, "delete", at)
	if err != nil {
		return nil, err
	}
	out, _, err = q.delete(ctx, &opts)
	return out, err
}

// DeleteCollection implements client.Interface.
func (l local) DeleteCollection(ctx context.Context, at client.Target, opts metav1.DeleteOptions, list metav1.ListOptions) (err error) {
	defer l.rescue(&err)
	q, err := l.openSome(ctx, "deletecollection", at, list)
	if err != nil {
		return err
	}
	which, err := listOptions(list)
	if err != nil {
		return err
	}
	_, err = q.deleteCollection(ctx, &opts, which)
	return err
}

// Get implements client.Interface.
func (l local) Get(ctx context.Context, at client.Target, opts metav1.GetOptions) (out runtime.Object, err error) {
	defer l.rescue(&err)
	q, err := l.open(ctx, "get", at)
	if err != nil {
		return nil, err
	}
	return q.get(ctx, &opts)
}

// List implements client.Interface.
func (l local) List(ctx context.Context, at client.Target, opts metav1.ListOptions) (out runtime.Object, err error) {
	defer l.rescue(&err)
	q, err := l.openSome(ctx, "list", at, opts)
	if err != nil {
		return nil, err
	}
	which, err := listOptions(opts)
	if err != nil {
		return nil, err
	}
	return q.list(ctx, which)
}

// Watch implements client.Interface.
func (l local) Watch(ctx context.Context, at client.Target, opts metav1.ListOptions) (w watch.Interface, err error) {
	defer l.rescue(&err)
	q, err := l.openSome(ctx, "watch", at, opts)
	if err != nil {
		return nil, err
	}
	opts.Watch = true
	which, err := listOptions(opts)
	if err != nil {
		return nil, err
	}
	w, err = q.watch(ctx, which)
	if err != nil {
		return nil, err
	}
	return l.srv.bounded(w, opts.TimeoutSeconds), nil
}

// listOptions parses the selectors of opts.
func listOptions(opts metav1.ListOptions) (*metainternalversion.ListOptions, error) {
	var out metainternalversion.ListOptions
	if err := metainternalversion.Convert_v1_ListOptions_To_internalversion_ListOptions(&opts, &out, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return &out, nil
}
