package kubelet

// Upstream: pkg/kubelet/pod/pod_manager.go

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	kubetypes "kubergarten/engine/kubelet/types"
)

// podManager knows which pods the node shall run: static pods and pods of the
// API server by UID, mirror pods by the full name that they share with the
// static pod they are the picture of.
type podManager struct {
	mu      sync.Mutex
	byUID   map[types.UID]*corev1.Pod
	mirrors map[string]*corev1.Pod
}

func newPodManager() *podManager {
	return &podManager{byUID: map[types.UID]*corev1.Pod{}, mirrors: map[string]*corev1.Pod{}}
}

func (m *podManager) set(pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kubetypes.IsMirrorPod(pod) {
		m.mirrors[kubetypes.FullName(pod)] = pod
		return
	}
	m.byUID[pod.UID] = pod
}

func (m *podManager) remove(pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !kubetypes.IsMirrorPod(pod) {
		delete(m.byUID, pod.UID)
		return
	}
	if name := kubetypes.FullName(pod); m.mirrors[name] != nil && m.mirrors[name].UID == pod.UID {
		delete(m.mirrors, name)
	}
}

// get returns the pod of that UID, which is no mirror pod's.
func (m *podManager) get(uid types.UID) (*corev1.Pod, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	pod, ok := m.byUID[uid]
	return pod, ok
}

// all returns all pods but mirror pods.
func (m *podManager) all() []*corev1.Pod {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]*corev1.Pod, 0, len(m.byUID))
	for _, pod := range m.byUID {
		out = append(out, pod)
	}
	return out
}

// named returns the pod of that name; of two, as while a static pod is being
// replaced, one of them.
func (m *podManager) named(ns, name string) (*corev1.Pod, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found *corev1.Pod
	for _, pod := range m.byUID {
		if pod.Namespace == ns && pod.Name == name && (found == nil || pod.DeletionTimestamp == nil) {
			found = pod
		}
	}
	return found, found != nil
}

// mirror returns the static pod's picture in the API server.
func (m *podManager) mirror(fullName string) (*corev1.Pod, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	pod, ok := m.mirrors[fullName]
	return pod, ok
}

// static returns the static pod of that full name.
func (m *podManager) static(fullName string) (*corev1.Pod, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, pod := range m.byUID {
		if kubetypes.IsStaticPod(pod) && kubetypes.FullName(pod) == fullName {
			return pod, true
		}
	}
	return nil, false
}

// OnServer implements status.Pods.
func (m *podManager) OnServer(uid types.UID) (*corev1.Pod, bool) {
	pod, ok := m.get(uid)
	if ok && kubetypes.IsStaticPod(pod) {
		return m.mirror(kubetypes.FullName(pod))
	}
	return pod, ok
}

// podForServer returns the pod of that name with its newest status.
func (k *Kubelet) podForServer(ns, name string) (*corev1.Pod, types.UID, bool) {
	pod, ok := k.pods.named(ns, name)
	if !ok {
		return nil, "", false
	}
	pod = pod.DeepCopy()
	pod.Status = *k.statusOf(pod)
	return pod, pod.UID, true
}
