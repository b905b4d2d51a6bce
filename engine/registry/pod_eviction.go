package registry

// Upstream: pkg/registry/core/pod/storage/eviction.go

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/util/dryrun"
)

// evictionREST is pods/eviction: a deletion that asks for leave first. There
// are no disruption budgets yet, so leave is given.
type evictionREST struct{ pods, status *Store }

var _ rest.NamedCreater = evictionREST{}

// New returns an empty Eviction.
func (evictionREST) New() runtime.Object { return &policyv1.Eviction{} }

// Destroy implements rest.Storage.
func (evictionREST) Destroy() {}

// Create evicts the pod called name.
func (r evictionREST) Create(ctx context.Context, name string, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	e, ok := obj.(*policyv1.Eviction)
	if !ok {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("not a Eviction object: %T", obj))
	}
	if e.Name != name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Eviction object")
	}
	del, err := evictionOptions(e, opts)
	if err != nil {
		return nil, err
	}
	if validate != nil {
		if err := validate(ctx, e.DeepCopy()); err != nil {
			return nil, err
		}
	}
	if err := r.mark(ctx, name, del); err != nil {
		return nil, err
	}
	if _, _, err := r.pods.Delete(ctx, name, rest.ValidateAllObjectFunc, del); err != nil {
		return nil, err
	}
	return &metav1.Status{Status: metav1.StatusSuccess}, nil
}

// evictionOptions are those of the body; a dry run can be asked for in either place.
func evictionOptions(e *policyv1.Eviction, opts *metav1.CreateOptions) (*metav1.DeleteOptions, error) {
	var asked []string
	if opts != nil {
		asked = opts.DryRun
	}
	if e.DeleteOptions == nil {
		return &metav1.DeleteOptions{DryRun: asked}, nil
	}
	del := e.DeleteOptions.DeepCopy()
	switch {
	case len(del.DryRun) == 0:
		del.DryRun = asked
	case len(asked) > 0 && !slices.Equal(asked, del.DryRun):
		//lint:ignore ST1005 upstream's words
		return nil, fmt.Errorf("Non-matching dry-run options in request and content: %v and %v", asked, del.DryRun)
	}
	return del, nil
}

// mark tells on the pod why it will go. From then on the resourceVersion is
// ours, so that a precondition on it has done its work.
func (r evictionREST) mark(ctx context.Context, name string, del *metav1.DeleteOptions) error {
	if dryrun.IsDryRun(del.DryRun) {
		return nil
	}
	info := rest.DefaultUpdatedObjectInfo(nil, func(_ context.Context, _, old runtime.Object) (runtime.Object, error) {
		p := old.(*corev1.Pod).DeepCopy()
		if err := r.pods.checkPreconditions(p, del.Preconditions); err != nil {
			return nil, err
		}
		setCondition(p, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI",
			Message: "Eviction API: evicting", LastTransitionTime: r.pods.now(),
		})
		return p, nil
	})
	out, _, err := r.status.Update(ctx, name, info, rest.ValidateAllObjectFunc, rest.ValidateAllObjectUpdateFunc, false, &metav1.UpdateOptions{})
	if err == nil && del.Preconditions != nil && del.Preconditions.ResourceVersion != nil {
		del.Preconditions.ResourceVersion = &out.(*corev1.Pod).ResourceVersion
	}
	return err
}
