package replicaset

// Upstream: pkg/controller/replication/conversion.go

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// A workload is one of the two kinds that this controller serves, seen as
// ReplicaSets.
type workload struct {
	kind   schema.GroupVersionKind
	lookup func(key string) (*appsv1.ReplicaSet, bool)
	inNS   func(ns string) []*appsv1.ReplicaSet
	fresh  func(ctx context.Context, ns, name string) (*appsv1.ReplicaSet, error)
	status func(ctx context.Context, rs *appsv1.ReplicaSet) error
	// object is the thing itself, for events.
	object func(rs *appsv1.ReplicaSet) client.Object
	watch  func(l *controller.Loop, changed func(old, rs *appsv1.ReplicaSet), gone func(key string)) error
}

func replicaSets(cc controller.Context) workload {
	informer := client.InformerFor[*appsv1.ReplicaSet](cc.Informers, metav1.ListOptions{})
	api := client.For[*appsv1.ReplicaSet](cc.Client)
	return workload{
		kind:   appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
		lookup: informer.ByKey,
		inNS:   func(ns string) []*appsv1.ReplicaSet { return informer.List(ns, nil) },
		fresh:  api.Get,
		status: func(ctx context.Context, rs *appsv1.ReplicaSet) error {
			_, err := api.UpdateStatus(ctx, rs)
			return err
		},
		object: func(rs *appsv1.ReplicaSet) client.Object { return rs },
		watch: func(l *controller.Loop, changed func(old, rs *appsv1.ReplicaSet), gone func(string)) error {
			return controller.Watch(l, informer, client.Handler[*appsv1.ReplicaSet]{
				Add:    func(rs *appsv1.ReplicaSet) { changed(nil, rs) },
				Update: changed,
				Delete: func(rs *appsv1.ReplicaSet) { gone(controller.Key(rs)) },
			})
		},
	}
}

func replicationControllers(cc controller.Context) workload {
	informer := client.InformerFor[*corev1.ReplicationController](cc.Informers, metav1.ListOptions{})
	api := client.For[*corev1.ReplicationController](cc.Client)
	return workload{
		kind: corev1.SchemeGroupVersion.WithKind("ReplicationController"),
		lookup: func(key string) (*appsv1.ReplicaSet, bool) {
			rc, ok := informer.ByKey(key)
			return asReplicaSet(rc), ok
		},
		inNS: func(ns string) (out []*appsv1.ReplicaSet) {
			for _, rc := range informer.List(ns, nil) {
				out = append(out, asReplicaSet(rc))
			}
			return out
		},
		fresh: func(ctx context.Context, ns, name string) (*appsv1.ReplicaSet, error) {
			rc, err := api.Get(ctx, ns, name)
			return asReplicaSet(rc), err
		},
		status: func(ctx context.Context, rs *appsv1.ReplicaSet) error {
			_, err := api.UpdateStatus(ctx, asController(rs))
			return err
		},
		object: func(rs *appsv1.ReplicaSet) client.Object { return asController(rs) },
		watch: func(l *controller.Loop, changed func(old, rs *appsv1.ReplicaSet), gone func(string)) error {
			return controller.Watch(l, informer, client.Handler[*corev1.ReplicationController]{
				Add: func(rc *corev1.ReplicationController) { changed(nil, asReplicaSet(rc)) },
				Update: func(old, rc *corev1.ReplicationController) {
					changed(asReplicaSet(old), asReplicaSet(rc))
				},
				Delete: func(rc *corev1.ReplicationController) { gone(controller.Key(rc)) },
			})
		},
	}
}

// asReplicaSet is the ReplicaSet that rc would be. Parts are shared with rc.
func asReplicaSet(rc *corev1.ReplicationController) *appsv1.ReplicaSet {
	if rc == nil {
		return nil
	}
	rs := &appsv1.ReplicaSet{
		ObjectMeta: rc.ObjectMeta,
		Spec: appsv1.ReplicaSetSpec{
			Replicas:        rc.Spec.Replicas,
			MinReadySeconds: rc.Spec.MinReadySeconds,
			Selector:        &metav1.LabelSelector{MatchLabels: rc.Spec.Selector},
		},
		Status: appsv1.ReplicaSetStatus{
			Replicas: rc.Status.Replicas, FullyLabeledReplicas: rc.Status.FullyLabeledReplicas,
			ReadyReplicas: rc.Status.ReadyReplicas, AvailableReplicas: rc.Status.AvailableReplicas,
			ObservedGeneration: rc.Status.ObservedGeneration,
		},
	}
	if rc.Spec.Template != nil {
		rs.Spec.Template = *rc.Spec.Template
	}
	for _, c := range rc.Status.Conditions {
		rs.Status.Conditions = append(rs.Status.Conditions, appsv1.ReplicaSetCondition{
			Type: appsv1.ReplicaSetConditionType(c.Type), Status: c.Status,
			LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message,
		})
	}
	return rs
}

// asController is asReplicaSet backwards.
func asController(rs *appsv1.ReplicaSet) *corev1.ReplicationController {
	rc := &corev1.ReplicationController{
		ObjectMeta: rs.ObjectMeta,
		Spec: corev1.ReplicationControllerSpec{
			Replicas:        rs.Spec.Replicas,
			MinReadySeconds: rs.Spec.MinReadySeconds,
			Selector:        rs.Spec.Selector.MatchLabels,
			Template:        &rs.Spec.Template,
		},
		Status: corev1.ReplicationControllerStatus{
			Replicas: rs.Status.Replicas, FullyLabeledReplicas: rs.Status.FullyLabeledReplicas,
			ReadyReplicas: rs.Status.ReadyReplicas, AvailableReplicas: rs.Status.AvailableReplicas,
			ObservedGeneration: rs.Status.ObservedGeneration,
		},
	}
	for _, c := range rs.Status.Conditions {
		rc.Status.Conditions = append(rc.Status.Conditions, corev1.ReplicationControllerCondition{
			Type: corev1.ReplicationControllerConditionType(c.Type), Status: c.Status,
			LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message,
		})
	}
	return rc
}
