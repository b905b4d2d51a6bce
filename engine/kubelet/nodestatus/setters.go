package nodestatus

// Upstream: pkg/kubelet/nodestatus/setters.go

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/events"
)

// Set replaces or adds the condition and reports whether its status changed.
// The time of the last transition is kept if it did not.
func Set(node *corev1.Node, c corev1.NodeCondition) (changed bool) {
	for i := range node.Status.Conditions {
		old := &node.Status.Conditions[i]
		if old.Type != c.Type {
			continue
		}
		changed = old.Status != c.Status
		if !changed {
			c.LastTransitionTime = old.LastTransitionTime
		}
		*old = c
		return changed
	}
	node.Status.Conditions = append(node.Status.Conditions, c)
	return true
}

// Pressure says that nothing runs short, and returns the events of what changed.
func Pressure(node *corev1.Node, now metav1.Time) (reasons []string) {
	for _, p := range []struct {
		t                      corev1.NodeConditionType
		reason, message, event string
	}{
		{corev1.NodeMemoryPressure, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", "NodeHasSufficientMemory"},
		{corev1.NodeDiskPressure, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"},
		{corev1.NodePIDPressure, "KubeletHasSufficientPID", "kubelet has sufficient PID available", "NodeHasSufficientPID"},
	} {
		if Set(node, corev1.NodeCondition{Type: p.t, Status: corev1.ConditionFalse, Reason: p.reason, Message: p.message, LastHeartbeatTime: now, LastTransitionTime: now}) {
			reasons = append(reasons, p.event)
		}
	}
	return reasons
}

// Ready says whether the node is ready, and returns the event if that changed.
// It comes last, after the other conditions.
func Ready(node *corev1.Node, now metav1.Time, problem string) (event string) {
	c := corev1.NodeCondition{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status",
		LastHeartbeatTime: now, LastTransitionTime: now,
	}
	if problem != "" {
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, "KubeletNotReady", problem
	}
	known := false
	for _, old := range node.Status.Conditions {
		known = known || old.Type == corev1.NodeReady
	}
	switch changed := Set(node, c); {
	case !changed || !known:
		return ""
	case problem == "":
		return events.NodeReady
	}
	return events.NodeNotReady
}

// Rebooted reports whether the node was up before, with another boot ID.
func Rebooted(node *corev1.Node, bootID string) bool {
	old := node.Status.NodeInfo.BootID
	return old != "" && old != bootID
}

// maxNames is how many names of an image a node shows.
const maxNames = 5

// Images lists at most so many images, the largest first; all if most is negative.
func Images(all []*v1.Image, most int) []corev1.ContainerImage {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *v1.Image) int { return cmp.Compare(b.Size, a.Size) })
	if most >= 0 && len(all) > most {
		all = all[:most]
	}
	var out []corev1.ContainerImage
	for _, i := range all {
		names := slices.Concat(i.RepoDigests, i.RepoTags)
		out = append(out, corev1.ContainerImage{Names: names[:min(len(names), maxNames)], SizeBytes: int64(i.Size)})
	}
	return out
}
