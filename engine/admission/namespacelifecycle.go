package admission

// Upstream: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"

	"kubergarten/engine/client"
)

// namespaceLifecycle lets nobody create anything in a namespace that does not
// exist, or is about to end, and nobody delete the namespaces that must be there.
type namespaceLifecycle struct {
	*admission.Handler
	namespaces client.Of[*corev1.Namespace]
}

var _ admission.MutationInterface = namespaceLifecycle{}

func newNamespaceLifecycle(cfg Config) admission.Interface {
	return namespaceLifecycle{admission.NewHandler(admission.Create, admission.Update, admission.Delete), client.For[*corev1.Namespace](cfg.API)}
}

// Admit implements admission.MutationInterface, for it must come before all else.
func (p namespaceLifecycle) Admit(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if a.GetKind().GroupKind() == (schema.GroupKind{Kind: "Namespace"}) {
		immortal := []string{metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic}
		if a.GetOperation() == admission.Delete && slices.Contains(immortal, a.GetName()) {
			return apierrors.NewForbidden(a.GetResource().GroupResource(), a.GetName(), errors.New("this namespace may not be deleted"))
		}
		return nil
	}
	if a.GetNamespace() == "" || a.GetOperation() == admission.Delete || isAccessReview(a) {
		return nil
	}
	ns, err := p.namespaces.Get(ctx, "", a.GetNamespace())
	switch {
	case apierrors.IsNotFound(err):
		return err
	case err != nil:
		return apierrors.NewInternalError(err)
	case a.GetOperation() == admission.Create && ns.Status.Phase == corev1.NamespaceTerminating:
		return terminating(a)
	}
	return nil
}

// isAccessReview: to refuse these would tell which namespaces there are.
func isAccessReview(a admission.Attributes) bool {
	return a.GetResource().GroupResource() == schema.GroupResource{Group: "authorization.k8s.io", Resource: "localsubjectaccessreviews"}
}

func terminating(a admission.Attributes) error {
	err := admission.NewForbidden(a, fmt.Errorf("unable to create new content in namespace %s because it is being terminated", a.GetNamespace()))
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil {
		status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{
			Type:    corev1.NamespaceTerminatingCause,
			Message: fmt.Sprintf("namespace %s is being terminated", a.GetNamespace()),
			Field:   "metadata.namespace",
		})
	}
	return err
}
