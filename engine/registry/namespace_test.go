package registry

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestNamespaceLifecycle is a namespace's life as its controller sees it.
func TestNamespaceLifecycle(t *testing.T) {
	f := newFixture(t)
	n := mustCreate(f, namespace("n"))
	if n.Status.Phase != corev1.NamespaceActive || n.Labels[corev1.LabelMetadataName] != "n" || !cmp.Equal(n.Spec.Finalizers, []corev1.FinalizerName{"kubernetes"}) {
		t.Errorf("new namespace is %+v", n)
	}
	out, gone, err := remove[*corev1.Namespace](f, "n", nil)
	if err != nil || gone {
		t.Fatalf("gone is %t, %v", gone, err)
	}
	n = out.(*corev1.Namespace)
	if n.Status.Phase != corev1.NamespaceTerminating || n.DeletionTimestamp == nil {
		t.Errorf("deleted namespace is %+v", n)
	}
	if _, gone, err := remove[*corev1.Namespace](f, "n", nil); err != nil || gone {
		t.Errorf("second deletion: gone is %t, %v", gone, err)
	}
	n = mustUpdate(f, "n", "", func(n *corev1.Namespace) { n.Spec.Finalizers, n.Status.Phase = nil, corev1.NamespaceActive })
	if len(n.Spec.Finalizers) != 1 || n.Status.Phase != corev1.NamespaceTerminating {
		t.Errorf("a plain update changed %+v", n)
	}
	mustUpdate(f, "n", "status", func(n *corev1.Namespace) {
		n.Status.Conditions = []corev1.NamespaceCondition{{Type: corev1.NamespaceDeletionContentFailure, Status: corev1.ConditionFalse}}
	})
	mustUpdate(f, "n", "finalize", func(n *corev1.Namespace) { n.Spec.Finalizers = nil })
	if _, err := read[*corev1.Namespace](f, "n"); err == nil {
		if _, gone, err := remove[*corev1.Namespace](f, "n", nil); err != nil || !gone {
			t.Errorf("last deletion: gone is %t, %v", gone, err)
		}
	}
	if _, err := read[*corev1.Namespace](f, "n"); !apierrors.IsNotFound(err) {
		t.Errorf("still there: %v", err)
	}
}

func TestNamespaceGenerateName(t *testing.T) {
	f := newFixture(t)
	n := namespace("")
	n.GenerateName = "team-"
	n = mustCreate(f, n)
	if n.Labels[corev1.LabelMetadataName] != n.Name {
		t.Errorf("labels of %s are %v", n.Name, n.Labels)
	}
}

func TestNamespaceDeletionIsPinned(t *testing.T) {
	f := newFixture(t)
	n := mustCreate(f, namespace("n"))
	_, _, err := remove[*corev1.Namespace](f, "n", &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("other")})
	wantError(t, err, `Operation cannot be fulfilled on namespaces "n": Precondition failed: UID in precondition: other, UID in object meta: `+string(n.UID))
}
