package registry

import (
	"context"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
)

func TestScale(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, deployment("x"))
	mustCreate(f, replicaSet("x"))
	mustCreate(f, controller("x"))
	for _, gvr := range []schema.GroupVersionResource{gvrOf(t, deployment("")), gvrOf(t, replicaSet("")), gvrOf(t, controller(""))} {
		t.Run(gvr.Resource, func(t *testing.T) {
			old, err := at[rest.Getter](f, gvr, "scale").Get(f.ctx, "x", &metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := old.(*autoscalingv1.Scale)
			if s.Spec.Replicas != 1 || s.Status.Selector != "app=x" || s.ResourceVersion == "" {
				t.Errorf("scale is %+v", s)
			}
			put := func(change func(*autoscalingv1.Scale)) (*autoscalingv1.Scale, error) {
				n := s.DeepCopy()
				change(n)
				out, _, err := at[rest.Updater](f, gvr, "scale").Update(f.ctx, "x", rest.DefaultUpdatedObjectInfo(n), nil, validScale, false, &metav1.UpdateOptions{})
				if err != nil {
					return nil, err
				}
				return out.(*autoscalingv1.Scale), nil
			}
			if out, err := put(func(s *autoscalingv1.Scale) { s.Spec.Replicas = 5 }); err != nil || out.Spec.Replicas != 5 {
				t.Errorf("%v, %v", out, err)
			}
			if _, err := put(func(s *autoscalingv1.Scale) { s.Spec.Replicas = 6 }); !apierrors.IsConflict(err) {
				t.Errorf("a stale scale: %v", err)
			}
			_, err = put(func(s *autoscalingv1.Scale) { s.Spec.Replicas, s.ResourceVersion = -1, "" })
			wantError(t, err, `Scale.autoscaling "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`)
		})
	}
	d, _ := read[*appsv1.Deployment](f, "x")
	c, _ := read[*corev1.ReplicationController](f, "x")
	if *d.Spec.Replicas != 5 || d.Generation != 2 || *c.Spec.Replicas != 5 {
		t.Errorf("replicas are %d, %d", *d.Spec.Replicas, *c.Spec.Replicas)
	}
}

// validScale is admission, which is shown Scales.
func validScale(_ context.Context, obj, old runtime.Object) error {
	_, _ = obj.(*autoscalingv1.Scale), old.(*autoscalingv1.Scale)
	return nil
}

// TestScaleManagers: who scaled owns the replicas of the deployment.
func TestScaleManagers(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, deployment("x"))
	now := metav1.NewTime(epoch())
	info := rest.DefaultUpdatedObjectInfo(nil, func(_ context.Context, _, old runtime.Object) (runtime.Object, error) {
		s := old.(*autoscalingv1.Scale)
		s.Spec.Replicas = 3
		s.ManagedFields = []metav1.ManagedFieldsEntry{{
			Manager: "kubectl", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "autoscaling/v1", Time: &now, Subresource: "scale",
			//lint:ignore SA1019 the test reads better so
			FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:spec":{"f:replicas":{}}}`)},
		}}
		return s, nil
	})
	if _, _, err := at[rest.Updater](f, gvrOf(t, deployment("")), "scale").Update(f.ctx, "x", info, nil, nil, false, &metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	d, _ := read[*appsv1.Deployment](f, "x")
	if len(d.ManagedFields) != 1 || d.ManagedFields[0].APIVersion != "apps/v1" || d.ManagedFields[0].Subresource != "scale" {
		t.Errorf("managers are %v", d.ManagedFields)
	}
}
