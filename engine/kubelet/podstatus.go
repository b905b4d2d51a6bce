package kubelet

// Upstream: pkg/kubelet/kubelet_pods.go (generateAPIPodStatus)

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/kuberuntime"
	"kubergarten/engine/kubelet/status"
	"kubergarten/engine/kubelet/types"
)

// podStatus makes the API's status of the pod from what the runtime knows.
// terminal: none of its containers is started again.
func (k *Kubelet) podStatus(pod *corev1.Pod, p *container.PodStatus, terminal bool) corev1.PodStatus {
	old, ok := k.status.Get(pod.UID)
	if !ok {
		old = pod.Status
	}
	st := k.convert(pod, p, &old)
	k.probes.UpdatePodStatus(pod, st) // the phase depends on which sidecars have started
	all := slices.Concat(st.ContainerStatuses, st.InitContainerStatuses)
	st.Phase = phaseOf(pod, all, terminal, container.AnyRegularActive(pod, p))
	keepFinal(st, &old, &pod.Status)
	if k.pastDeadline(pod, &old) {
		st.Phase, st.Reason, st.Message = corev1.PodFailed, deadlineReason, deadlineMessage
	}
	k.addresses(pod, st)
	k.conditions(pod, p, st, &old)
	return *st
}

// convert words containers and addresses.
func (k *Kubelet) convert(pod *corev1.Pod, p *container.PodStatus, old *corev1.PodStatus) *corev1.PodStatus {
	s := &statuses{pod, p, func(name string) (kuberuntime.Failure, bool) { return k.reasons.get(pod.UID, name) }}
	st := &corev1.PodStatus{QOSClass: kuberuntime.QOS(pod), Resources: old.Resources}
	for _, ip := range p.IPs {
		st.PodIPs = append(st.PodIPs, corev1.PodIP{IP: ip})
	}
	if len(st.PodIPs) > 0 {
		st.PodIP = st.PodIPs[0].IP
	}
	st.ContainerStatuses = s.of(pod.Spec.Containers, old.ContainerStatuses, false)
	st.InitContainerStatuses = s.of(pod.Spec.InitContainers, old.InitContainerStatuses, true)
	var debug []corev1.Container
	for _, e := range pod.Spec.EphemeralContainers {
		debug = append(debug, corev1.Container(e.EphemeralContainerCommon))
	}
	st.EphemeralContainerStatuses = s.of(debug, old.EphemeralContainerStatuses, false)
	return st
}

// keepFinal keeps a final phase, and the reason and message of a phase that is
// still the same.
func keepFinal(st, old, api *corev1.PodStatus) {
	if !types.IsTerminal(st.Phase) {
		switch {
		case types.IsTerminal(old.Phase):
			st.Phase = old.Phase
		case types.IsTerminal(api.Phase):
			st.Phase = api.Phase
		}
	}
	if types.IsTerminal(api.Phase) {
		st.Phase = api.Phase
	}
	if st.Phase == old.Phase {
		st.Reason, st.Message = old.Reason, old.Message
		if st.Reason == "" {
			st.Reason = api.Reason
		}
		if st.Message == "" {
			st.Message = api.Message
		}
	}
}

// addresses fills in the node's address, which is also that of host network pods.
func (k *Kubelet) addresses(pod *corev1.Pod, st *corev1.PodStatus) {
	if !k.cfg.NodeIP.IsValid() {
		return
	}
	st.HostIP = k.cfg.NodeIP.String()
	st.HostIPs = []corev1.HostIP{{IP: st.HostIP}}
	if pod.Spec.HostNetwork && st.PodIP == "" {
		st.PodIP = st.HostIP
		st.PodIPs = []corev1.PodIP{{IP: st.PodIP}}
	}
}

func (k *Kubelet) conditions(pod *corev1.Pod, p *container.PodStatus, st, old *corev1.PodStatus) {
	for _, c := range pod.Status.Conditions {
		if !types.ConditionByKubelet(c.Type) {
			st.Conditions = append(st.Conditions, c)
		}
	}
	all := slices.Concat(st.InitContainerStatuses, st.ContainerStatuses)
	st.Conditions = append(st.Conditions,
		status.ReadyToStart(pod, p),
		status.Initialized(pod, all, st.Phase),
		status.PodReady(pod, st.Conditions, all, st.Phase),
		status.ContainersReady(pod, all, st.Phase),
		status.Scheduled(pod),
	)
}

// What a pod that ran too long is told.
const (
	deadlineReason  = "DeadlineExceeded"
	deadlineMessage = "Pod was active on the node longer than the specified deadline"
)

// deadline is when the pod has run long enough; zero: never.
func deadline(pod *corev1.Pod, st *corev1.PodStatus) time.Time {
	if pod.Spec.ActiveDeadlineSeconds == nil || st.StartTime.IsZero() {
		return time.Time{}
	}
	return st.StartTime.Add(time.Duration(*pod.Spec.ActiveDeadlineSeconds) * time.Second)
}

func (k *Kubelet) pastDeadline(pod *corev1.Pod, st *corev1.PodStatus) bool {
	d := deadline(pod, st)
	return !d.IsZero() && !k.deps.Clock.Now().Before(d)
}
