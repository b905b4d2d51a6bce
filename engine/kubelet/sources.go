package kubelet

// Upstream: pkg/kubelet/kubelet.go (HandlePodAdditions, ...), config/config.go, config/apiserver.go

import (
	"context"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/kuberuntime"
	"kubergarten/engine/kubelet/lifecycle"
	"kubergarten/engine/kubelet/prober"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// setStaticPods makes the node's static pods those of the set.
func (k *Kubelet) setStaticPods(set []*corev1.Pod) {
	keep := map[types.UID]bool{}
	for _, pod := range set {
		keep[pod.UID] = true
	}
	for _, pod := range k.pods.all() {
		if kubetypes.IsStaticPod(pod) && !keep[pod.UID] {
			k.removePod(pod)
		}
	}
	for _, pod := range set {
		if was, ok := k.pods.get(pod.UID); ok && reflect.DeepEqual(was.Spec, pod.Spec) {
			continue
		}
		k.addPod(pod)
	}
}

// followAPI follows the pods that the API server binds to this node, once it
// is known what they need: services, runtime classes, the node itself.
func (k *Kubelet) followAPI(ctx context.Context) error {
	if err := k.informers.Synced(ctx); err != nil {
		return nil // the kubelet stops
	}
	if err := k.registered(ctx); err != nil {
		return nil // the kubelet stops
	}
	pods := client.InformerFor[*corev1.Pod](k.informers, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("spec.nodeName", k.cfg.NodeName).String(),
	})
	if _, err := pods.OnChange(client.Handler[*corev1.Pod]{Add: k.addPod, Update: k.updatePod, Delete: k.removePod}); err != nil {
		return fmt.Errorf("follow pods: %w", err)
	}
	if err := k.informers.Synced(ctx); err != nil {
		return nil // the kubelet stops
	}
	k.fromSince = k.deps.Clock.Now()
	k.fromAPI.Store(true)
	k.cleanUp(ctx)
	k.kickStatic()
	return nil
}

// kickStatic makes static pods look for their mirror pods.
func (k *Kubelet) kickStatic() {
	for _, pod := range k.pods.all() {
		if kubetypes.IsStaticPod(pod) {
			k.workers.kick(pod.UID)
		}
	}
}

// addPod takes a pod that is new here.
func (k *Kubelet) addPod(pod *corev1.Pod) {
	k.pods.set(pod)
	if kubetypes.IsMirrorPod(pod) {
		k.mirrorChanged(pod)
		return
	}
	k.emit(trace.Observed, pod, fmt.Sprintf("the kubelet of %s saw pod %s/%s", k.cfg.NodeName, pod.Namespace, pod.Name))
	if k.admit(pod) {
		k.workers.update(pod)
	}
}

// admit decides whether the node takes the pod; a refused pod has failed. Pods
// that end, or run already, are not judged.
func (k *Kubelet) admit(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil || kubetypes.IsTerminal(pod.Status.Phase) || k.workers.known(pod.UID) {
		return true
	}
	k.admission.Lock()
	defer k.admission.Unlock()
	var others []*corev1.Pod
	for _, o := range k.workers.active() {
		if o.UID != pod.UID && !kubetypes.IsTerminal(k.statusOf(o).Phase) && !replaces(pod, o) {
			others = append(others, o)
		}
	}
	r := lifecycle.Admit(pod, k.node(), others)
	if r == nil {
		return true
	}
	k.reject(pod, r)
	return false
}

// replaces reports whether a static pod is a new version of another, whose
// resources and ports it will have.
func replaces(pod, other *corev1.Pod) bool {
	return kubetypes.IsStaticPod(pod) && kubetypes.IsStaticPod(other) && kubetypes.FullName(pod) == kubetypes.FullName(other)
}

func (k *Kubelet) reject(pod *corev1.Pod, r *lifecycle.Refusal) {
	k.recorder.Event(container.PodRef(pod), corev1.EventTypeWarning, r.Reason, r.Message)
	k.status.SetPodStatus(pod, corev1.PodStatus{
		QOSClass: kuberuntime.QOS(pod), Phase: corev1.PodFailed, Reason: r.Reason, Message: "Pod was rejected: " + r.Message,
	})
}

// updatePod takes a change that the API server tells of.
func (k *Kubelet) updatePod(old, pod *corev1.Pod) {
	if old.UID != pod.UID { // it was deleted and made anew between two looks
		k.removePod(old)
		k.addPod(pod)
		return
	}
	k.pods.set(pod)
	switch {
	case kubetypes.IsMirrorPod(pod):
		k.mirrorChanged(pod)
	case significant(old, pod):
		k.workers.update(pod)
		k.status.Resend(pod.UID)
	default:
		k.status.Resend(pod.UID)
		if len(pod.Spec.ReadinessGates) > 0 && !reflect.DeepEqual(old.Status.Conditions, pod.Status.Conditions) {
			k.workers.update(pod) // a gate may have opened
		}
	}
}

// significant reports whether there is more to the change than a status, which
// is our own.
func significant(old, pod *corev1.Pod) bool {
	return old.Generation != pod.Generation ||
		!reflect.DeepEqual(old.DeletionTimestamp, pod.DeletionTimestamp) ||
		!reflect.DeepEqual(old.DeletionGracePeriodSeconds, pod.DeletionGracePeriodSeconds) ||
		!reflect.DeepEqual(old.Labels, pod.Labels) ||
		!reflect.DeepEqual(old.Annotations, pod.Annotations) ||
		!reflect.DeepEqual(old.Spec, pod.Spec)
}

// removePod takes away a pod that its source does not want any more.
func (k *Kubelet) removePod(pod *corev1.Pod) {
	k.pods.remove(pod)
	if kubetypes.IsMirrorPod(pod) {
		k.mirrorChanged(pod)
		return
	}
	if !k.workers.known(pod.UID) {
		k.removeRemains(pod)
	}
	k.workers.remove(pod.UID)
	k.status.Forget(pod.UID)
}

// objectChanged wakes the pods that refer to an object that changed.
func (k *Kubelet) objectChanged(pods []types.UID) {
	for _, uid := range pods {
		k.workers.kick(uid)
	}
}

func (k *Kubelet) livenessChanged(uid types.UID, _ container.ID, r prober.Result) {
	if r == prober.Failure {
		k.workers.kick(uid)
	}
}

func (k *Kubelet) readinessChanged(uid types.UID, id container.ID, r prober.Result) {
	k.status.SetContainerReadiness(uid, id, r == prober.Success)
}

func (k *Kubelet) startupChanged(uid types.UID, id container.ID, r prober.Result) {
	k.status.SetContainerStarted(uid, id, r == prober.Success)
	if r != prober.Unknown {
		k.workers.kick(uid)
		k.probes.Kick(uid)
	}
}
