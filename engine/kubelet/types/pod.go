package types

// Upstream: pkg/kubelet/types/pod_update.go

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Annotations of pods that the kubelet reads and writes.
const (
	ConfigSourceAnnotationKey    = "kubernetes.io/config.source"
	ConfigMirrorAnnotationKey    = corev1.MirrorPodAnnotationKey
	ConfigFirstSeenAnnotationKey = "kubernetes.io/config.seen"
	ConfigHashAnnotationKey      = "kubernetes.io/config.hash"
)

// Sources of pods.
const (
	FileSource      = "file"
	ApiserverSource = "api"
)

// Labels of sandboxes and containers.
const (
	KubernetesPodNameLabel       = "io.kubernetes.pod.name"
	KubernetesPodNamespaceLabel  = "io.kubernetes.pod.namespace"
	KubernetesPodUIDLabel        = "io.kubernetes.pod.uid"
	KubernetesContainerNameLabel = "io.kubernetes.container.name"
)

// IsStaticPod reports whether the pod comes from a file of the node.
func IsStaticPod(pod *corev1.Pod) bool {
	source, ok := pod.Annotations[ConfigSourceAnnotationKey]
	return ok && source != ApiserverSource
}

// IsMirrorPod reports whether the pod is a picture of a static pod.
func IsMirrorPod(pod *corev1.Pod) bool {
	_, ok := pod.Annotations[ConfigMirrorAnnotationKey]
	return ok
}

// IsNodeCriticalPod reports whether the node cannot do without the pod.
func IsNodeCriticalPod(pod *corev1.Pod) bool {
	return pod.Spec.PriorityClassName == "system-node-critical"
}

// FullName is the pod's name and namespace as one word; names have no "_".
func FullName(pod *corev1.Pod) string { return pod.Name + "_" + pod.Namespace }

// Format is how upstream's messages name a pod: "name_namespace(uid)".
func Format(pod *corev1.Pod) string {
	return fmt.Sprintf("%s_%s(%s)", pod.Name, pod.Namespace, pod.UID)
}

// IsTerminal reports whether the phase is one that no pod leaves.
func IsTerminal(phase corev1.PodPhase) bool {
	return phase == corev1.PodSucceeded || phase == corev1.PodFailed
}

// ConditionByKubelet reports whether the kubelet alone writes conditions of that type.
func ConditionByKubelet(t corev1.PodConditionType) bool {
	switch t {
	case corev1.PodScheduled, corev1.PodReady, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReadyToStartContainers:
		return true
	}
	return false
}
