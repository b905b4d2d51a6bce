package kubelet

// Upstream: pkg/kubelet/pod/mirror_client.go, kubelet.go (tryReconcileMirrorPods)

import (
	"context"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	kubetypes "kubergarten/engine/kubelet/types"
)

// mirrorChanged wakes the static pod whose picture changed; a picture of
// nothing is deleted.
func (k *Kubelet) mirrorChanged(mirror *corev1.Pod) {
	if static, ok := k.pods.static(kubetypes.FullName(mirror)); ok {
		k.workers.kick(static.UID)
		k.status.Resend(static.UID)
		return
	}
	if _, ok := k.pods.mirror(kubetypes.FullName(mirror)); ok && k.fromAPI.Load() && !k.workers.ending(kubetypes.FullName(mirror)) {
		go k.deleteMirror(context.Background(), mirror)
	}
}

// mirrorLinger is how long a mirror pod that somebody deletes stays, because
// they first look at it and then wait for its end: were the next one there
// already when they begin to wait, they would wait for ever.
const mirrorLinger = 200 * time.Millisecond

// reconcileMirror makes the API server's picture of a static pod a true one.
func (k *Kubelet) reconcileMirror(ctx context.Context, pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil || !k.fromAPI.Load() {
		return
	}
	mirror, ok := k.pods.mirror(kubetypes.FullName(pod))
	hash := pod.Annotations[kubetypes.ConfigHashAnnotationKey]
	if ok && mirror.DeletionTimestamp == nil && mirror.Annotations[kubetypes.ConfigMirrorAnnotationKey] == hash {
		return
	}
	switch { // its end will be told, and brings us back
	case ok && mirror.DeletionTimestamp != nil:
		k.deps.Clock.AfterFunc(mirrorLinger, func() { k.deleteMirror(context.Background(), mirror) })
		return
	case ok:
		k.deleteMirror(ctx, mirror)
		return
	}
	if err := k.createMirror(ctx, pod, hash); err != nil && !apierrors.IsAlreadyExists(err) {
		k.deps.Log.Log(ctx, k.mirrorFailure(), "Failed creating a mirror pod", "pod", kubetypes.Format(pod), "err", err)
	}
}

// mirrorsSettle is how long the API server may lack what mirror pods need.
const mirrorsSettle = 10 * time.Second

// mirrorFailure is how grave it is that a mirror pod cannot be created. Upstream
// calls it an error, always. But it is what a cluster's first second looks like,
// and it is tried again.
func (k *Kubelet) mirrorFailure() slog.Level {
	if k.deps.Clock.Since(k.fromSince) < mirrorsSettle {
		return slog.LevelInfo
	}
	return slog.LevelError
}

func (k *Kubelet) createMirror(ctx context.Context, pod *corev1.Pod, hash string) error {
	node, ok := k.nodes.Get("", k.cfg.NodeName)
	if !ok {
		return nil // registering wakes us again
	}
	mirror := pod.DeepCopy()
	mirror.UID, mirror.ResourceVersion = "", ""
	mirror.Annotations[kubetypes.ConfigMirrorAnnotationKey] = hash
	yes := true
	mirror.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID, Controller: &yes,
	}}
	_, err := client.For[*corev1.Pod](k.deps.API).Create(ctx, mirror)
	return err
}

func (k *Kubelet) deleteMirror(ctx context.Context, mirror *corev1.Pod) {
	zero := int64(0)
	err := client.For[*corev1.Pod](k.deps.API).Delete(ctx, mirror.Namespace, mirror.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &zero, Preconditions: metav1.NewUIDPreconditions(string(mirror.UID)),
	})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		k.deps.Log.ErrorContext(ctx, "Failed deleting a mirror pod", "pod", kubetypes.Format(mirror), "err", err)
	}
}
