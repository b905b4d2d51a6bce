package controller

// Upstream: pkg/controller/controller_utils.go (ActivePodsWithRanks)

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// SortForDeletion orders pods so that those to delete first come first: not
// yet scheduled, pending, not ready, cheap by annotation, doubled up on a node
// (rank), ready for a shorter time (in powers of two), restarted more often,
// younger.
func SortForDeletion(pods []*corev1.Pod, rank func(*corev1.Pod) int, now time.Time) {
	slices.SortStableFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(
			cmp.Compare(bit(a.Spec.NodeName != ""), bit(b.Spec.NodeName != "")),
			cmp.Compare(phaseOrder(a), phaseOrder(b)),
			cmp.Compare(bit(IsReady(a)), bit(IsReady(b))),
			cmp.Compare(deletionCost(a), deletionCost(b)),
			-cmp.Compare(rank(a), rank(b)),
			cmp.Compare(readyFor(a, now), readyFor(b, now)),
			-cmp.Compare(restarts(a), restarts(b)),
			b.CreationTimestamp.Compare(a.CreationTimestamp.Time),
		)
	})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func phaseOrder(p *corev1.Pod) int {
	switch p.Status.Phase {
	case corev1.PodRunning:
		return 2
	case corev1.PodUnknown:
		return 1
	}
	return 0
}

// deletionCost reads controller.kubernetes.io/pod-deletion-cost; what is not a
// number costs nothing.
func deletionCost(p *corev1.Pod) int64 {
	cost, err := strconv.ParseInt(p.Annotations[corev1.PodDeletionCost], 10, 32)
	if err != nil {
		return 0
	}
	return cost
}

// readyFor is the logarithm of the time the pod has been ready, so that pods of
// about the same age are deleted at random rather than youngest first.
func readyFor(p *corev1.Pod, now time.Time) int {
	if !IsReady(p) {
		return 0
	}
	return int(math.Log2(float64(max(1, now.Sub(Condition(p, corev1.PodReady).LastTransitionTime.Time)))))
}

func restarts(p *corev1.Pod) (n int32) {
	for _, s := range p.Status.ContainerStatuses {
		n = max(n, s.RestartCount)
	}
	return n
}
