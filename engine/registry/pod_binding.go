package registry

// Upstream: pkg/registry/core/pod/storage/storage.go

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
	"kubergarten/engine/storage"
)

// bindingREST is pods/binding: the scheduler's word on where a pod runs.
type bindingREST struct{ pods *Store }

var (
	_ rest.NamedCreater                   = bindingREST{}
	_ rest.SubresourceObjectMetaPreserver = bindingREST{}
)

// New returns an empty Binding.
func (bindingREST) New() runtime.Object { return &corev1.Binding{} }

// Destroy implements rest.Storage.
func (bindingREST) Destroy() {}

// PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate keeps the uid and
// resourceVersion of the Binding, which are the pod's: see preconditions.
func (bindingREST) PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate() bool { return true }

// Create binds the pod called name to the node that obj names.
func (r bindingREST) Create(ctx context.Context, name string, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	b, ok := obj.(*corev1.Binding)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not a Binding object: %#v", obj))
	}
	if b.Name != name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Binding object")
	}
	if errs := api.BindingRules().Create(ctx, b); len(errs) != 0 {
		return nil, errs.ToAggregate()
	}
	if validate != nil {
		if err := validate(ctx, b.DeepCopy()); err != nil {
			return nil, err
		}
	}
	if err := r.assign(ctx, b, isDryRun(opts)); err != nil {
		return nil, err
	}
	return &metav1.Status{Status: metav1.StatusSuccess}, nil
}

func (r bindingREST) assign(ctx context.Context, b *corev1.Binding, dryRun bool) error {
	ns, err := r.pods.place(ctx, b.Name)
	if err != nil {
		return err
	}
	_, err = r.pods.store(dryRun).GuaranteedUpdate(ctx, ns, b.Name, preconditions(b), func(current runtime.Object) (runtime.Object, error) {
		p := current.(*corev1.Pod).DeepCopy()
		return p, r.bind(p, b)
	})
	if status := apierrors.APIStatus(nil); err != nil && !errors.As(err, &status) {
		return apierrors.NewConflict(schema.GroupResource{Resource: "pods/binding"}, b.Name, err)
	}
	return err
}

// preconditions makes sure that b means the pod that is there.
func preconditions(b *corev1.Binding) *storage.Preconditions {
	pre := &storage.Preconditions{}
	if b.UID != "" {
		pre.UID = &b.UID
	}
	if b.ResourceVersion != "" {
		pre.ResourceVersion = &b.ResourceVersion
	}
	return pre
}

// bind puts p on the node of b, or says why it can not be there.
func (r bindingREST) bind(p *corev1.Pod, b *corev1.Binding) error {
	switch {
	case p.DeletionTimestamp != nil:
		return fmt.Errorf("pod %s is being deleted, cannot be assigned to a host", p.Name)
	case p.Spec.NodeName != "":
		return fmt.Errorf("pod %v is already assigned to node %q", p.Name, p.Spec.NodeName)
	case len(p.Spec.SchedulingGates) != 0:
		return fmt.Errorf("pod %v has non-empty .spec.schedulingGates", p.Name)
	}
	p.Spec.NodeName, p.Status.NominatedNodeName = b.Target.Name, ""
	p.Annotations = with(p.Annotations, b.Annotations)
	p.Labels = with(p.Labels, b.Labels)
	setCondition(p, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: r.pods.now()})
	return nil
}

// setCondition adds c to p, or puts it in the place of the one of its type. The
// time of the transition only changes with the status.
func setCondition(p *corev1.Pod, c corev1.PodCondition) {
	i := slices.IndexFunc(p.Status.Conditions, func(old corev1.PodCondition) bool { return old.Type == c.Type })
	if i < 0 {
		p.Status.Conditions = append(p.Status.Conditions, c)
		return
	}
	if old := p.Status.Conditions[i]; old.Status == c.Status {
		c.LastTransitionTime = old.LastTransitionTime
	}
	p.Status.Conditions[i] = c
}

// with adds the entries of more to m.
func with(m, more map[string]string) map[string]string {
	if len(more) == 0 {
		return m
	}
	if m == nil {
		m = map[string]string{}
	}
	maps.Copy(m, more)
	return m
}

// legacyBindingREST is bindings: a Binding whose name says which pod it means.
type legacyBindingREST struct{ bindingREST }

var (
	_ rest.Creater              = legacyBindingREST{}
	_ rest.Scoper               = legacyBindingREST{}
	_ rest.SingularNameProvider = legacyBindingREST{}
)

// NamespaceScoped is true, as of pods.
func (legacyBindingREST) NamespaceScoped() bool { return true }

// GetSingularName returns "binding".
func (legacyBindingREST) GetSingularName() string { return "binding" }

// Create binds the pod that obj is named after.
func (r legacyBindingREST) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	b, ok := obj.(*corev1.Binding)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not a Binding object: %T", obj))
	}
	return r.bindingREST.Create(ctx, b.Name, obj, validate, opts)
}
