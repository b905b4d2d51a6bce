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
// (rank), ready for a shorter time, restarted more often, younger.
func SortForDeletion(pods []*corev1.Pod, rank func(*corev1.Pod) int, now time.Time) {
	slices.SortStableFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(
			cmp.Compare(bit(a.Spec.NodeName != ""), bit(b.Spec.NodeName != "")),
			cmp.Compare(phaseOrder(a), phaseOrder(b)),
			cmp.Compare(bit(IsReady(a)), bit(IsReady(b))),
			cmp.Compare(deletionCost(a), deletionCost(b)),
			-cmp.Compare(rank(a), rank(b)),
			younger(a, b, readySince, now),
			-cmp.Compare(restarts(a), restarts(b)),
			-cmp.Compare(sidecarRestarts(a), sidecarRestarts(b)),
			younger(a, b, func(p *corev1.Pod) time.Time { return p.CreationTimestamp.Time }, now),
		)
	})
}

// younger puts the pod of the later time first, and one without a time before
// all. Ages are compared by their magnitude (a power of two) only, and pods of
// one magnitude by UID, that is by lot: else the youngest would always go, and
// where pods were added last there would be none again.
func younger(a, b *corev1.Pod, at func(*corev1.Pod) time.Time, now time.Time) int {
	x, y := at(a), at(b)
	switch {
	case x.Equal(y):
		return 0
	case x.IsZero() || y.IsZero():
		return cmp.Compare(bit(!x.IsZero()), bit(!y.IsZero()))
	}
	return cmp.Or(cmp.Compare(magnitude(now.Sub(x)), magnitude(now.Sub(y))), cmp.Compare(a.UID, b.UID))
}

func magnitude(age time.Duration) int {
	if age <= 0 {
		return -1
	}
	return int(math.Log2(float64(age)))
}

// readySince is when the pod became ready; zero if it is not.
func readySince(p *corev1.Pod) time.Time {
	if !IsReady(p) {
		return time.Time{}
	}
	return Condition(p, corev1.PodReady).LastTransitionTime.Time
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

func restarts(p *corev1.Pod) (n int32) {
	for _, s := range p.Status.ContainerStatuses {
		n = max(n, s.RestartCount)
	}
	return n
}

// sidecarRestarts is restarts of init containers that are meant to keep running.
func sidecarRestarts(p *corev1.Pod) (n int32) {
	for _, c := range p.Spec.InitContainers {
		if c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways {
			continue
		}
		for _, s := range p.Status.InitContainerStatuses {
			if s.Name == c.Name {
				n = max(n, s.RestartCount)
			}
		}
	}
	return n
}
