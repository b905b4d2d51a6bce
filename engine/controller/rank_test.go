package controller

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// TestSortForDeletion has, in each line, a pod that must go before another.
func TestSortForDeletion(t *testing.T) {
	ready := func(name string) podMaker { return pod(name).on("n1").ready(time.Hour).created(time.Hour) }
	for _, tt := range []struct {
		name         string
		first, later *corev1.Pod
	}{
		{"without a node before with", pod("a").phase(corev1.PodPending).obj, pod("b").on("n1").phase(corev1.PodPending).obj},
		{"pending before unknown", pod("a").on("n1").phase(corev1.PodPending).obj, pod("b").on("n1").phase(corev1.PodUnknown).obj},
		{"unknown before running", pod("a").on("n1").phase(corev1.PodUnknown).obj, pod("b").on("n1").obj},
		{"not ready before ready", pod("a").on("n1").obj, ready("b").obj},
		{"cheap before dear", ready("a").cost("-5").obj, ready("b").obj},
		{"nonsense costs nothing", ready("a").cost("cheap").obj, ready("b").cost("1").obj},
		{"on a fuller node first", pod("a").on("full").ready(time.Hour).obj, pod("b").on("n1").ready(time.Hour).obj},
		{"ready for less time first", ready("a").ready(time.Minute).obj, ready("b").obj},
		{"of one magnitude by lot, that is UID", ready("a").ready(61 * time.Minute).obj, ready("b").ready(60 * time.Minute).obj},
		{"restarted more often first", ready("a").restarts(3).obj, ready("b").restarts(2).obj},
		{"younger first", ready("a").created(time.Minute).obj, ready("b").obj},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rank := func(p *corev1.Pod) int { return map[string]int{"full": 2, "n1": 1}[p.Spec.NodeName] }
			for _, pods := range [][]*corev1.Pod{{tt.first, tt.later}, {tt.later, tt.first}} {
				SortForDeletion(pods, rank, now)
				if pods[0] != tt.first {
					t.Errorf("%s goes first, want %s", pods[0].Name, tt.first.Name)
				}
			}
		})
	}
}

func TestSidecarsRestartsCount(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	make := func(name string, restarts int32) *corev1.Pod {
		p := pod(name).on("n1").ready(time.Hour).obj
		p.Spec.InitContainers = []corev1.Container{{Name: "proxy", RestartPolicy: &always}, {Name: "init"}}
		p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "proxy", RestartCount: restarts}, {Name: "init", RestartCount: 9 - restarts}}
		return p
	}
	pods := []*corev1.Pod{make("calm", 1), make("restless", 4)}
	SortForDeletion(pods, func(*corev1.Pod) int { return 0 }, now)
	if pods[0].Name != "restless" {
		t.Error("the pod whose sidecar restarts more often does not go first")
	}
}
