package nodelifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func node(conditions ...corev1.NodeCondition) *corev1.Node {
	return &corev1.Node{Status: corev1.NodeStatus{Conditions: conditions}}
}

func is(t corev1.NodeConditionType, s corev1.ConditionStatus) corev1.NodeCondition {
	return corev1.NodeCondition{Type: t, Status: s}
}

func words(taints []corev1.Taint) string {
	var out []string
	for _, t := range taints {
		out = append(out, strings.TrimPrefix(t.Key, "node.kubernetes.io/")+":"+string(t.Effect))
	}
	return strings.Join(out, " ")
}

func TestWantedTaints(t *testing.T) {
	cordoned := node(is(corev1.NodeReady, "True"))
	cordoned.Spec.Unschedulable = true
	for _, tt := range []struct {
		name  string
		node  *corev1.Node
		evict bool
		want  string
	}{
		{"ready", node(is(corev1.NodeReady, "True")), true, ""},
		{"not ready", node(is(corev1.NodeReady, "False")), true, "not-ready:NoSchedule not-ready:NoExecute"},
		{"silent", node(is(corev1.NodeReady, "Unknown")), true, "unreachable:NoSchedule unreachable:NoExecute"},
		{"silent, as all are", node(is(corev1.NodeReady, "Unknown")), false, "unreachable:NoSchedule"},
		{"cordoned", cordoned, true, "unschedulable:NoSchedule"},
		{"under pressure", node(is(corev1.NodeMemoryPressure, "True"), is(corev1.NodeDiskPressure, "True"), is(corev1.NodePIDPressure, "True")), true, "memory-pressure:NoSchedule disk-pressure:NoSchedule pid-pressure:NoSchedule"},
		{"without a network", node(is(corev1.NodeNetworkUnavailable, "True")), true, "network-unavailable:NoSchedule"},
		{"new, without conditions", node(), true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := words(wantedTaints(tt.node, tt.evict)); got != tt.want {
				t.Errorf("taints %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTaintsOf(t *testing.T) {
	since, now := metav1.NewTime(time.Unix(100, 0)), metav1.NewTime(time.Unix(200, 0))
	n := node()
	n.Spec.Taints = []corev1.Taint{
		{Key: "mine", Effect: corev1.TaintEffectNoSchedule},
		{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule, TimeAdded: &since},
		{Key: corev1.TaintNodeDiskPressure, Effect: corev1.TaintEffectNoSchedule, TimeAdded: &since},
	}
	want := []corev1.Taint{n.Spec.Taints[0], n.Spec.Taints[1], {Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoExecute, TimeAdded: &now}}
	got, changed := taintsOf(n, wantedTaints(node(is(corev1.NodeReady, "False")), true), now)
	if diff := cmp.Diff(want, got); diff != "" || !changed {
		t.Errorf("changed %v; taints (-want +got):\n%s", changed, diff)
	}
	n.Spec.Taints = got
	if again, changed := taintsOf(n, wantedTaints(node(is(corev1.NodeReady, "False")), true), now); changed {
		t.Errorf("a second look changes them to %v", again)
	}
}

func TestUnknown(t *testing.T) {
	n := node(corev1.NodeCondition{Type: corev1.NodeReady, Status: "True", Reason: "KubeletReady"})
	n.CreationTimestamp = metav1.NewTime(time.Unix(50, 0))
	now := metav1.NewTime(time.Unix(200, 0))
	if !unknown(n, now) || unknown(n, now) {
		t.Error("the first look should change the conditions, and the second not")
	}
	want := []corev1.NodeCondition{
		{Type: corev1.NodeReady, Status: "Unknown", Reason: "NodeStatusUnknown", Message: "Kubelet stopped posting node status.", LastTransitionTime: now},
	}
	for _, c := range []corev1.NodeConditionType{corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure} {
		want = append(want, corev1.NodeCondition{
			Type: c, Status: "Unknown", Reason: "NodeStatusNeverUpdated", Message: "Kubelet never posted node status.",
			LastHeartbeatTime: n.CreationTimestamp, LastTransitionTime: now,
		})
	}
	if diff := cmp.Diff(want, n.Status.Conditions); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}
