package deployment

// Upstream: pkg/controller/deployment/sync.go (sync, scale, isScalingEvent)

import (
	"cmp"
	"context"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// isScalingEvent reports whether replicas were changed since the ReplicaSets
// with pods were last written.
func (r *rollout) isScalingEvent() bool {
	for _, rs := range active(r.all) {
		if desired, ok := number(rs, desiredAnnotation); ok && desired != *r.d.Spec.Replicas {
			return true
		}
	}
	return false
}

// sync scales, and does nothing to the rollout: it may be paused.
func (r *rollout) sync(ctx context.Context) error {
	if err := r.find(ctx, false); err != nil {
		return err
	}
	if err := r.scale(ctx); err != nil {
		return err
	}
	if r.d.Spec.Paused {
		if err := r.cleanup(ctx); err != nil {
			return err
		}
	}
	return r.writeIfChanged(ctx, r.calculateStatus())
}

func (r *rollout) syncStatusOnly(ctx context.Context) error {
	if err := r.find(ctx, false); err != nil {
		return err
	}
	return r.writeIfChanged(ctx, r.calculateStatus())
}

// scale brings the sum of the ReplicaSets to what is asked for: the only one
// with pods, or, in the middle of a rollout, all in proportion to their size,
// so that a change of replicas does not hasten the rollout.
func (r *rollout) scale(ctx context.Context) error {
	if rs := activeOrLatest(r.new, r.old); rs != nil {
		_, _, err := r.scaleTo(ctx, rs, *r.d.Spec.Replicas, false)
		return err
	}
	if saturated(r.d, r.new) {
		for _, rs := range r.kept {
			if _, _, err := r.scaleTo(ctx, rs, 0, false); err != nil {
				return err
			}
		}
		return nil
	}
	if r.d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType {
		return nil
	}
	sets := active(r.every())
	for i, n := range proportions(r.d, sets) {
		if _, _, err := r.scaleTo(ctx, sets[i], n, true); err != nil {
			return err
		}
	}
	return nil
}

// proportions sorts sets by size and returns the size each should have.
func proportions(d *appsv1.Deployment, sets []*appsv1.ReplicaSet) []int32 {
	allowed := int32(0)
	if *d.Spec.Replicas > 0 {
		allowed = *d.Spec.Replicas + maxSurge(d)
	}
	toAdd, added := allowed-replicas(sets), int32(0)
	sortBySize(sets, toAdd > 0)
	sizes := make([]int32, len(sets))
	for i, rs := range sets {
		share := proportion(d, rs, toAdd, added)
		sizes[i] = *rs.Spec.Replicas + share
		added += share
	}
	if len(sizes) > 0 {
		sizes[0] = max(0, sizes[0]+toAdd-added) // what rounding left over
	}
	return sizes
}

// proportion is what rs gets of toAdd, which may be negative.
func proportion(d *appsv1.Deployment, rs *appsv1.ReplicaSet, toAdd, added int32) int32 {
	if *rs.Spec.Replicas == 0 || toAdd == 0 || toAdd == added {
		return 0
	}
	share, rest := fraction(d, rs), toAdd-added
	if toAdd > 0 {
		return min(share, rest)
	}
	return max(share, rest)
}

// fraction is how much rs would grow if it kept its share of the whole.
func fraction(d *appsv1.Deployment, rs *appsv1.ReplicaSet) int32 {
	if *d.Spec.Replicas == 0 {
		return -*rs.Spec.Replicas
	}
	before, ok := number(rs, maxAnnotation)
	if !ok || before == 0 {
		before = d.Status.Replicas // somebody removed the annotation
	}
	if before == 0 {
		return 0
	}
	size := float64(*rs.Spec.Replicas) * float64(*d.Spec.Replicas+maxSurge(d)) / float64(before)
	return int32(math.Round(size)) - *rs.Spec.Replicas
}

// sortBySize puts the largest first; of equals the newer ones if newer says so.
func sortBySize(sets []*appsv1.ReplicaSet, newer bool) {
	slices.SortStableFunc(sets, func(a, b *appsv1.ReplicaSet) int {
		age := a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
		if newer {
			age = -age
		}
		return cmp.Or(-cmp.Compare(*a.Spec.Replicas, *b.Spec.Replicas), age)
	})
}
