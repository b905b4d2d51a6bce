package registry

// Upstream: pkg/registry/apps/deployment/storage/storage.go (ScaleREST)

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"kubergarten/engine/api"
)

// scaleREST is the subresource "scale": the number of replicas, whatever the
// kind is that has them.
type scaleREST struct{ store *Store }

var (
	_ rest.Patcher        = scaleREST{}
	_ rest.TableConvertor = scaleREST{}
)

// New returns an empty Scale.
func (scaleREST) New() runtime.Object { return &autoscalingv1.Scale{} }

// Destroy implements rest.Storage.
func (scaleREST) Destroy() {}

// GroupVersionKind is that of the body.
func (scaleREST) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind {
	return autoscalingv1.SchemeGroupVersion.WithKind("Scale")
}

// ConvertToTable returns the rows that kubectl get prints.
func (r scaleREST) ConvertToTable(ctx context.Context, obj, opts runtime.Object) (*metav1.Table, error) {
	return r.store.ConvertToTable(ctx, obj, opts)
}

// Get returns the Scale of the object called name.
func (r scaleREST) Get(ctx context.Context, name string, opts *metav1.GetOptions) (runtime.Object, error) {
	obj, err := r.store.Get(ctx, name, opts)
	if err != nil {
		return nil, err
	}
	return scaleOf(obj)
}

// Update sets the replicas of the object called name.
func (r scaleREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, _ rest.ValidateObjectFunc, validate rest.ValidateObjectUpdateFunc, _ bool, opts *metav1.UpdateOptions) (runtime.Object, bool, error) {
	obj, _, err := r.store.Update(ctx, name, scaleInfo{info, r.store.resource}, nil, scaleValidation(validate), false, opts)
	if err != nil {
		return nil, false, err
	}
	out, err := scaleOf(obj)
	return out, false, err
}

// scaleValidation shows admission the Scales, not what they scale.
func scaleValidation(validate rest.ValidateObjectUpdateFunc) rest.ValidateObjectUpdateFunc {
	if validate == nil {
		return nil
	}
	return func(ctx context.Context, obj, old runtime.Object) error {
		s, err := scaleOf(obj)
		if err != nil {
			return err
		}
		was, err := scaleOf(old)
		if err != nil {
			return err
		}
		return validate(ctx, s, was)
	}
}

// scaleOf returns the Scale of obj.
func scaleOf(obj runtime.Object) (*autoscalingv1.Scale, error) {
	m, replicas, have, sel, err := scaled(obj)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{
			Name: m.Name, Namespace: m.Namespace, UID: m.UID, ResourceVersion: m.ResourceVersion, CreationTimestamp: m.CreationTimestamp,
		},
		Spec:   autoscalingv1.ScaleSpec{Replicas: *replicas},
		Status: autoscalingv1.ScaleStatus{Replicas: have, Selector: sel.String()},
	}, nil
}

// scaled finds in obj what a Scale shows. replicas points into obj, if it is
// set there.
func scaled(obj runtime.Object) (m *metav1.ObjectMeta, replicas *int32, have int32, sel labels.Selector, err error) {
	var one int32 = 1
	switch o := obj.(type) {
	case *appsv1.Deployment:
		m, replicas, have = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas
		sel, err = metav1.LabelSelectorAsSelector(o.Spec.Selector)
	case *appsv1.ReplicaSet:
		m, replicas, have = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas
		sel, err = metav1.LabelSelectorAsSelector(o.Spec.Selector)
	case *corev1.ReplicationController:
		m, replicas, have = &o.ObjectMeta, o.Spec.Replicas, o.Status.Replicas
		sel = labels.Set(o.Spec.Selector).AsSelector()
	default:
		return nil, nil, 0, nil, fmt.Errorf("%T has no scale", obj)
	}
	if replicas == nil {
		replicas = &one
	}
	return m, replicas, have, sel, err
}

// scaleInfo makes the new object by way of its Scale.
type scaleInfo struct {
	rest.UpdatedObjectInfo
	resource api.Resource
}

// UpdatedObject returns current with the replicas that the client's Scale says,
// and with the managers that this leaves in managedFields.
func (i scaleInfo) UpdatedObject(ctx context.Context, current runtime.Object) (runtime.Object, error) {
	obj := current.DeepCopyObject()
	m, _, _, _, err := scaled(obj)
	if err != nil {
		return nil, err
	}
	gv := i.resource.GVK().GroupVersion()
	fields := managedfields.NewScaleHandler(m.ManagedFields, gv, managedfields.ResourcePathMappings{gv.String(): fieldpath.MakePathOrDie("spec", "replicas")})
	old, err := scaleOf(obj)
	if err != nil {
		return nil, err
	}
	if old.ManagedFields, err = fields.ToSubresource(); err != nil {
		return nil, err
	}
	updated, err := i.UpdatedObjectInfo.UpdatedObject(ctx, old)
	if err != nil {
		return nil, err
	}
	s, err := i.checked(ctx, updated, m)
	if err != nil {
		return nil, err
	}
	setReplicas(obj, s.Spec.Replicas)
	m.ResourceVersion = s.ResourceVersion
	m.ManagedFields, err = fields.ToParent(s.ManagedFields)
	return obj, err
}

// checked returns obj as a valid Scale of the object that m is about.
func (i scaleInfo) checked(ctx context.Context, obj runtime.Object, m *metav1.ObjectMeta) (*autoscalingv1.Scale, error) {
	s, ok := obj.(*autoscalingv1.Scale)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("expected input object type to be Scale, but %T", obj))
	}
	if errs := api.ScaleRules().Update(ctx, s, s); len(errs) > 0 {
		return nil, apierrors.NewInvalid(autoscalingv1.SchemeGroupVersion.WithKind("Scale").GroupKind(), m.Name, errs)
	}
	if s.UID != "" && s.UID != m.UID {
		gr := schema.GroupResource{Group: i.resource.Group, Resource: i.resource.Plural + "/scale"}
		//lint:ignore ST1005 upstream's words
		return nil, apierrors.NewConflict(gr, m.Name, fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", s.UID, m.UID))
	}
	return s, nil
}

func setReplicas(obj runtime.Object, n int32) {
	switch o := obj.(type) {
	case *appsv1.Deployment:
		o.Spec.Replicas = &n
	case *appsv1.ReplicaSet:
		o.Spec.Replicas = &n
	case *corev1.ReplicationController:
		o.Spec.Replicas = &n
	}
}
