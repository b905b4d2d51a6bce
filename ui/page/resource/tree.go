package resource

import (
	"context"
	"slices"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/ui/kube"
)

// deepest is how many owners above an object are shown: owners may go in a circle.
const deepest = 6

// A branch is an object of the owner tree with what it owns.
type branch struct {
	kube.Target
	Kind         string
	UID          types.UID
	Status, Word string
	Row          *kube.Row // with the whole object, of what is owned
	Owned        []*branch
}

// A tree is an object's owners, the topmost first, and what it owns.
type tree struct {
	Owners []*branch
	Owned  []*branch
}

// ownable are the resources that an object of a kind may own.
func ownable(of schema.GroupVersionResource) []schema.GroupVersionResource {
	apps, pods := appsv1.SchemeGroupVersion, corev1.SchemeGroupVersion.WithResource("pods")
	switch of.GroupResource().String() {
	case "deployments.apps":
		return []schema.GroupVersionResource{apps.WithResource("replicasets"), pods}
	case "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "replicationcontrollers", "jobs.batch":
		return []schema.GroupVersionResource{pods}
	case "services":
		return []schema.GroupVersionResource{discoveryv1.SchemeGroupVersion.WithResource("endpointslices"), pods}
	}
	return nil
}

// A kin is a collection in which there may be something that an object owns, or
// that it serves.
type kin struct {
	kube.Target
	Labels string
}

// kin are the collections of the object's kin. A controller owns nothing that
// its selector does not match, for it lets go of what matches no more.
func (s subject) kin(u *unstructured.Unstructured) (all []kin) {
	query := selectorOf(u)
	for _, gvr := range ownable(s.GroupVersionResource) {
		of := query
		if gvr.Resource == "endpointslices" {
			of = discoveryv1.LabelServiceName + "=" + s.Name
		}
		if of != "" {
			all = append(all, kin{kube.Target{GroupVersionResource: gvr, Namespace: s.Namespace}, of})
		}
	}
	return all
}

// selectorOf is the object's selector of labels as a query, "" if there is none:
// of a Service or a ReplicationController a map, of others a LabelSelector.
func selectorOf(u *unstructured.Unstructured) string {
	raw, _, _ := unstructured.NestedMap(u.Object, "spec", "selector")
	if plain, found, err := unstructured.NestedStringMap(u.Object, "spec", "selector"); err == nil && found {
		return labels.SelectorFromSet(plain).String()
	}
	var s metav1.LabelSelector
	if raw == nil || runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &s) != nil {
		return ""
	}
	q, err := metav1.LabelSelectorAsSelector(&s)
	if err != nil {
		return ""
	}
	return q.String()
}

// grow reads the owner tree.
func (v *seen) grow(ctx context.Context) {
	v.climb(ctx)
	var all []*branch
	for _, found := range v.listAll(ctx, v.kin(v.Object)) {
		all = append(all, found...)
	}
	if isService(v.Target) {
		v.serve(ctx, all)
	}
	v.Tree.Owned = owned(v.Object.GetUID(), all, deepest)
}

// climb follows the owner references upwards.
func (v *seen) climb(ctx context.Context) {
	refs := v.Object.GetOwnerReferences()
	for range deepest {
		i := max(0, slices.IndexFunc(refs, func(o metav1.OwnerReference) bool { return o.Controller != nil && *o.Controller }))
		if len(refs) == 0 {
			return
		}
		b, up, err := v.owner(ctx, refs[i])
		if err != nil {
			v.refuse(err)
			return
		}
		v.Tree.Owners = slices.Insert(v.Tree.Owners, 0, b)
		refs = up
	}
}

// owner reads an owner and its own owner references.
func (v *seen) owner(ctx context.Context, ref metav1.OwnerReference) (*branch, []metav1.OwnerReference, error) {
	kind, err := v.client.KindOf(ctx, schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind))
	if err != nil {
		return nil, nil, err
	}
	at := kube.Target{GroupVersionResource: kind.GroupVersionResource, Name: ref.Name}
	if kind.Namespaced {
		at.Namespace = v.Namespace
	}
	t, err := v.client.Table(ctx, at, kube.Options{})
	if err != nil {
		return nil, nil, err
	}
	if len(t.Rows) != 1 {
		return nil, nil, errNoRow
	}
	return newBranch(t, t.Rows[0], kind.GroupVersionResource, kind.Kind), t.Rows[0].Meta.OwnerReferences, nil
}

// listAll lists several collections at once; what is refused is said.
func (v *seen) listAll(ctx context.Context, all []kin) [][]*branch {
	found, errs := make([][]*branch, len(all)), make([]error, len(all))
	var listing sync.WaitGroup
	for i, k := range all {
		listing.Go(func() {
			var t *kube.Table
			if t, errs[i] = v.client.Table(ctx, k.Target, kube.Options{Whole: true, LabelSelector: k.Labels}); errs[i] == nil {
				for _, r := range t.Rows {
					found[i] = append(found[i], newBranch(t, r, k.GroupVersionResource, kindName(k.GroupVersionResource)))
				}
			}
		})
	}
	listing.Wait()
	for _, err := range errs {
		if err != nil {
			v.refuse(err)
		}
	}
	return found
}

// kindName is the kind of an ownable resource.
func kindName(gvr schema.GroupVersionResource) string {
	return map[string]string{"replicasets": "ReplicaSet", "pods": "Pod", "endpointslices": "EndpointSlice"}[gvr.Resource]
}

func newBranch(t *kube.Table, r *kube.Row, gvr schema.GroupVersionResource, kind string) *branch {
	b := &branch{Target: kube.Target{GroupVersionResource: gvr, Namespace: r.Meta.Namespace, Name: r.Meta.Name}, Kind: kind, UID: r.Meta.UID, Row: r}
	b.Status, b.Word = rowStatus(t, r)
	return b
}

// owned are those of all that uid owns, each with what it owns in turn.
func owned(uid types.UID, all []*branch, depth int) (mine []*branch) {
	if depth == 0 {
		return nil
	}
	for _, b := range all {
		if slices.ContainsFunc(b.Row.Meta.OwnerReferences, func(o metav1.OwnerReference) bool { return o.UID == uid }) {
			b.Owned = owned(b.UID, all, depth-1)
			mine = append(mine, b)
		}
	}
	return mine
}

// walk visits what is owned.
func (t tree) walk(visit func(*branch)) {
	var down func([]*branch)
	down = func(all []*branch) {
		for _, b := range all {
			visit(b)
			down(b.Owned)
		}
	}
	down(t.Owned)
}

// uids are those of what is owned.
func (t tree) uids() map[types.UID]bool {
	all := map[types.UID]bool{}
	t.walk(func(b *branch) { all[b.UID] = true })
	return all
}
