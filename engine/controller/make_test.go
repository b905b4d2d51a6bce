package controller

import (
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// now is the time at which these tests play.
var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A podMaker builds pods by chains: pod("a").on("n1").ready(time.Hour).obj.
type podMaker struct{ obj *corev1.Pod }

func pod(name string) podMaker {
	return podMaker{&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("uid-" + name)},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning},
	}}
}

func (m podMaker) on(node string) podMaker {
	m.obj.Spec.NodeName = node
	return m
}

func (m podMaker) phase(p corev1.PodPhase) podMaker {
	m.obj.Status.Phase = p
	return m
}

func (m podMaker) ready(since time.Duration) podMaker {
	m.obj.Status.Conditions = []corev1.PodCondition{{
		Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(now.Add(-since)),
	}}
	return m
}

func (m podMaker) created(ago time.Duration) podMaker {
	m.obj.CreationTimestamp = metav1.NewTime(now.Add(-ago))
	return m
}

func (m podMaker) cost(c string) podMaker {
	m.obj.Annotations = map[string]string{corev1.PodDeletionCost: c}
	return m
}

func (m podMaker) restarts(n int32) podMaker {
	m.obj.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "c", RestartCount: n}}
	return m
}

func (m podMaker) label(k, v string) podMaker {
	m.obj.Labels = map[string]string{k: v}
	return m
}

func (m podMaker) ownedBy(uid types.UID) podMaker {
	yes := true
	m.obj.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: string(uid), UID: uid, Controller: &yes}}
	return m
}

func (m podMaker) deleting() podMaker {
	m.obj.DeletionTimestamp = &metav1.Time{Time: now}
	return m
}

// testContext is what a controller of the tests works with.
func testContext(api client.Interface) Context {
	return Context{
		Client: api, Informers: client.NewInformers(api), Events: record.NewFakeRecorder(100),
		Clock: clock.New(), Log: slog.New(slog.DiscardHandler),
	}
}
