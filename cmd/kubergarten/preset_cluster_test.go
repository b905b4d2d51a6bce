package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/lessons"
)

// TestPresetsReachTheControlPlane: a running component starts anew with the
// flags of a lesson, and without them after it.
func TestPresetsReachTheControlPlane(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster")
	}
	s := newServer(t)
	s.start()
	s.waitReady()
	kept, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	p, err := newPresets(s.data(), filepath.Join(s.data(), "admin.kubeconfig"), time.Now(), kept)
	if err != nil {
		t.Fatal(err)
	}
	defer p.node.Close()
	const flag = "--node-monitor-grace-period=40s"
	if err := p.Set(t.Context(), "kubernetes-admin", grace("40s")); err != nil {
		t.Fatal(err)
	}
	s.untilManager(func(pod *corev1.Pod) bool { return slices.Contains(pod.Spec.Containers[0].Command, flag) })
	if err := p.Set(t.Context(), "kubernetes-admin", lessons.Flags{}); err != nil {
		t.Fatal(err)
	}
	s.untilManager(func(pod *corev1.Pod) bool { return !slices.Contains(pod.Spec.Containers[0].Command, flag) })
}

// untilManager waits until kube-controller-manager is ready and as wanted.
func (s *server) untilManager(is func(*corev1.Pod) bool) {
	s.Helper()
	kube := s.kube()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		pod, err := kube.CoreV1().Pods(metav1.NamespaceSystem).Get(s.Context(), "kube-controller-manager-control-plane", metav1.GetOptions{})
		if err == nil && len(pod.Status.ContainerStatuses) > 0 && pod.Status.ContainerStatuses[0].Ready && is(pod) {
			return
		}
	}
	s.Fatalf("kube-controller-manager is not as wanted:\n%s", s.errOut)
}
