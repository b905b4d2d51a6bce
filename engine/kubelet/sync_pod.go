package kubelet

// Upstream: pkg/kubelet/kubelet.go (SyncPod, SyncTerminatingPod, SyncTerminatedPod)

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/events"
	"kubergarten/engine/kubelet/kuberuntime"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/kubelet/volume"
	"kubergarten/engine/trace"
)

var _ podSyncer = (*Kubelet)(nil)

// syncPod is one step of a living pod: say how it is, prepare what it needs,
// and let the runtime do what is missing.
func (k *Kubelet) syncPod(ctx context.Context, pod *corev1.Pod) (terminal bool, next time.Time, err error) {
	p, err := k.runtime.Status(ctx, pod.UID)
	if err != nil {
		k.recorder.Eventf(pod, corev1.EventTypeWarning, events.FailedSync, "error determining status: %v", err)
		return false, next, err
	}
	st := k.podStatus(pod, p, false)
	if p.IPs = nil; len(st.PodIPs) > 0 { // those of the node, for a host network pod
		for _, ip := range st.PodIPs {
			p.IPs = append(p.IPs, ip.IP)
		}
	}
	if st.Reason == deadlineReason && pod.Status.Reason != deadlineReason {
		k.recorder.Event(container.PodRef(pod), corev1.EventTypeNormal, deadlineReason, deadlineMessage)
	}
	k.status.SetPodStatus(pod, st)
	if kubetypes.IsTerminal(st.Phase) {
		return true, next, nil
	}
	next = deadline(pod, k.statusOf(pod))
	if err := k.networkError(); err != nil && !pod.Spec.HostNetwork {
		k.recorder.Eventf(container.PodRef(pod), corev1.EventTypeWarning, events.NetworkNotReady, "network is not ready: %v", err)
		return false, next, fmt.Errorf("network is not ready: %w", err)
	}
	k.objects.RegisterPod(pod)
	if kubetypes.IsStaticPod(pod) {
		k.reconcileMirror(ctx, pod)
	}
	at, err := k.prepare(ctx, pod)
	if err != nil {
		return false, soonest(next, at), err
	}
	next = soonest(next, at)
	k.probes.AddPod(pod)
	k.probes.Kick(pod.UID)
	result := k.runtime.SyncPod(context.WithoutCancel(ctx), pod, p, k.pullSecrets(ctx, pod))
	return k.after(pod, &result, next)
}

// after learns from what the runtime did and says when to come again.
func (k *Kubelet) after(pod *corev1.Pod, r *kuberuntime.Result, next time.Time) (bool, time.Time, error) {
	k.reasons.update(pod.UID, r)
	if r.Changed {
		k.workers.kick(pod.UID) // its status is news, whatever events come
		return false, next, nil
	}
	if len(r.Failed) > 0 {
		k.refresh(pod) // the reasons are part of the status
	}
	next = soonest(next, r.RetryAt)
	if r.OnlyBackOff() {
		return false, next, nil
	}
	if err := r.Error(); err != nil {
		return false, r.RetryAt, err
	}
	return false, next, nil
}

// refresh says anew how the pod is.
func (k *Kubelet) refresh(pod *corev1.Pod) {
	if p, err := k.runtime.Status(context.Background(), pod.UID); err == nil {
		k.status.SetPodStatus(pod, k.podStatus(pod, p, false))
	}
}

func (k *Kubelet) statusOf(pod *corev1.Pod) *corev1.PodStatus {
	if st, ok := k.status.Get(pod.UID); ok {
		return &st
	}
	return &pod.Status
}

// soonest is the earlier of two times, where zero is never.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// prepare makes the pod's directory and mounts its volumes. The time is when a
// token must be renewed, or when a volume that failed is tried again.
func (k *Kubelet) prepare(ctx context.Context, pod *corev1.Pod) (time.Time, error) {
	dir := rel(k.volumes.Dir(pod.UID))
	if err := k.cfg.Root.MkdirAll(dir, 0o750); err != nil {
		k.recorder.Eventf(container.PodRef(pod), corev1.EventTypeWarning, events.FailedToMakePodDataDirectories, "error making pod data directories: %v", err)
		return time.Time{}, err
	}
	paths, renew, err := k.volumes.Mount(ctx, pod)
	if err != nil {
		return k.mountFailed(pod, err), err
	}
	if k.mounted.set(pod.UID, paths) && len(paths) > 0 {
		k.emit(trace.Mounted, pod, fmt.Sprintf("%d volumes of pod %s/%s are ready", len(paths), pod.Namespace, pod.Name))
	}
	return renew, nil
}

// mountFailed writes an event about each volume, and says when to try again.
func (k *Kubelet) mountFailed(pod *corev1.Pod, err error) (retry time.Time) {
	all, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return retry
	}
	for _, e := range all.Unwrap() {
		var failed *volume.Error
		if errors.As(e, &failed) {
			k.recorder.Event(container.PodRef(pod), corev1.EventTypeWarning, events.FailedMountVolume, failed.Error())
			retry = soonest(retry, failed.Retry)
		}
	}
	return retry
}

// pullSecrets gets the secrets that the pod names for pulling images.
func (k *Kubelet) pullSecrets(ctx context.Context, pod *corev1.Pod) []corev1.Secret {
	var found []corev1.Secret
	missing := ""
	for _, ref := range pod.Spec.ImagePullSecrets {
		s, err := k.objects.Secret(ctx, pod.Namespace, ref.Name)
		switch {
		case ref.Name == "":
		case err != nil && missing == "":
			missing = ref.Name
		case err != nil:
			missing += ", " + ref.Name
		default:
			found = append(found, *s)
		}
	}
	if missing != "" {
		k.recorder.Eventf(container.PodRef(pod), corev1.EventTypeWarning, "FailedToRetrieveImagePullSecret",
			"Unable to retrieve some image pull secrets (%s); attempting to pull the image may not succeed.", missing)
	}
	return found
}

// syncTerminatingPod ends the pod's containers and says how they ended.
func (k *Kubelet) syncTerminatingPod(ctx context.Context, pod *corev1.Pod, grace *time.Duration) error {
	p, err := k.runtime.Status(ctx, pod.UID)
	if err != nil {
		return err
	}
	k.status.SetPodStatus(pod, k.podStatus(pod, p, false))
	k.probes.StopLivenessAndStartup(pod.UID)
	if err := k.runtime.KillPod(ctx, pod, p, grace); err != nil {
		if ctx.Err() == nil {
			k.recorder.Eventf(container.PodRef(pod), corev1.EventTypeWarning, events.FailedToKillPod, "error killing pod: %v", err)
		}
		return fmt.Errorf("error killing pod: %w", err)
	}
	k.probes.RemovePod(pod.UID)
	stopped, err := k.runtime.Status(ctx, pod.UID)
	if err != nil {
		return fmt.Errorf("unable to read pod status prior to final pod termination: %w", err)
	}
	if still := stopped.Running(); len(still) > 0 {
		return fmt.Errorf("detected running containers after a successful KillPod, CRI violation: %v", still[0].ID)
	}
	stopped.IPs = p.IPs // the address is still the pod's in its status
	k.status.SetPodStatus(pod, k.podStatus(pod, stopped, true))
	return nil
}

// syncTerminatedPod takes away the pod's volumes and says the last word.
func (k *Kubelet) syncTerminatedPod(ctx context.Context, pod *corev1.Pod) error {
	p, err := k.runtime.Status(ctx, pod.UID)
	if err != nil {
		return err
	}
	k.probes.RemovePod(pod.UID)
	st := k.podStatus(pod, p, true)
	if len(st.PodIPs) == 0 {
		last := k.statusOf(pod)
		st.PodIP, st.PodIPs = last.PodIP, last.PodIPs
	}
	k.status.SetPodStatus(pod, st)
	k.mounted.forget(pod.UID)
	if err := k.volumes.Unmount(pod.UID); err != nil {
		return err
	}
	k.objects.UnregisterPod(pod.UID)
	k.status.TerminatePod(pod)
	return nil
}

// finished forgets what was remembered of a pod of which nothing is left. What
// the runtime has of one that its source still wants stays, for its logs.
func (k *Kubelet) finished(pod *corev1.Pod) {
	k.reasons.forget(pod)
	k.images.Forget(pod)
	if mirror, ok := k.pods.mirror(kubetypes.FullName(pod)); ok && kubetypes.IsStaticPod(pod) {
		k.mirrorChanged(mirror) // it may be a picture of nothing now
	}
	if _, ok := k.pods.get(pod.UID); !ok {
		k.removeRemains(pod)
	}
}

// emit writes a trace record about the pod.
func (k *Kubelet) emit(step trace.Step, pod *corev1.Pod, words string) {
	k.deps.Trace.Emit(trace.Record{
		Who: Name, Node: k.cfg.NodeName, Step: step, Words: words,
		Object: trace.Ref{Resource: "pods", Namespace: pod.Namespace, Name: pod.Name},
	})
}
