package deployment

// Upstream: pkg/controller/deployment/rolling.go, recreate.go

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/controller"
)

// rolling makes one step of a rolling update.
func (r *rollout) rolling(ctx context.Context) error {
	if err := r.find(ctx, true); err != nil {
		return err
	}
	up, err := r.scaleUpNew(ctx)
	if err != nil || up {
		return firstOf(err, r.syncRolloutStatus, ctx)
	}
	down, err := r.scaleDownOld(ctx)
	if err != nil || down {
		return firstOf(err, r.syncRolloutStatus, ctx)
	}
	if complete(r.d, &r.d.Status) {
		if err := r.cleanup(ctx); err != nil {
			return err
		}
	}
	return r.syncRolloutStatus(ctx)
}

// firstOf returns err, or what then returns if there is none.
func firstOf(err error, then func(context.Context) error, ctx context.Context) error {
	if err != nil {
		return err
	}
	return then(ctx)
}

// scaleUpNew makes the new ReplicaSet as large as maxSurge allows now.
func (r *rollout) scaleUpNew(ctx context.Context) (scaled bool, err error) {
	n := *r.d.Spec.Replicas
	if *r.new.Spec.Replicas < n {
		if n, err = newReplicas(r.d, r.every(), r.new); err != nil {
			return false, err
		}
	}
	r.new, scaled, err = r.scaleTo(ctx, r.new, n, false)
	return scaled, err
}

// scaleDownOld makes old ReplicaSets as small as maxUnavailable allows now:
// first pods that are not available anyway, then others.
//
// Example: 10 replicas, maxUnavailable 2, maxSurge 3. The old set has 8 pods,
// the new one 5, and the 5 never become available. 13 - 8 - 5 = 0: not one more
// old pod may go, even if one of them falls ill.
func (r *rollout) scaleDownOld(ctx context.Context) (scaled bool, err error) {
	if replicas(r.kept) == 0 {
		return false, nil
	}
	newUnavailable := *r.new.Spec.Replicas - r.new.Status.AvailableReplicas
	most := replicas(r.every()) - minAvailable(r.d) - newUnavailable
	if most <= 0 {
		return false, nil
	}
	sortByAge(r.kept)
	ill, err := r.shrink(ctx, most, func(rs *appsv1.ReplicaSet) int32 {
		return *rs.Spec.Replicas - rs.Status.AvailableReplicas
	})
	if err != nil {
		return false, err
	}
	spare := available(append(r.kept, r.new)) - minAvailable(r.d)
	well, err := r.shrink(ctx, spare, func(rs *appsv1.ReplicaSet) int32 { return *rs.Spec.Replicas })
	return ill+well > 0, err
}

// shrink takes at most budget pods from the old sets, of each at most what of says.
func (r *rollout) shrink(ctx context.Context, budget int32, of func(*appsv1.ReplicaSet) int32) (taken int32, err error) {
	for i, rs := range r.kept {
		n := min(budget-taken, of(rs), *rs.Spec.Replicas)
		if n <= 0 {
			continue
		}
		if r.kept[i], _, err = r.scaleTo(ctx, rs, *rs.Spec.Replicas-n, false); err != nil {
			return taken, err
		}
		taken += n
	}
	return taken, nil
}

// recreate stops all old pods, waits until they are gone, then starts new ones.
func (r *rollout) recreate(ctx context.Context) error {
	if err := r.find(ctx, false); err != nil {
		return err
	}
	down := false
	for _, rs := range r.kept {
		_, scaled, err := r.scaleTo(ctx, rs, 0, false)
		if err != nil {
			return err
		}
		down = down || scaled
	}
	if down || r.oldPodsRun() {
		return r.syncRolloutStatus(ctx)
	}
	if r.new == nil {
		if err := r.find(ctx, true); err != nil {
			return err
		}
	}
	var err error
	if r.new, _, err = r.scaleTo(ctx, r.new, *r.d.Spec.Replicas, false); err != nil {
		return err
	}
	if complete(r.d, &r.d.Status) {
		if err := r.cleanup(ctx); err != nil {
			return err
		}
	}
	return r.syncRolloutStatus(ctx)
}

// oldPodsRun reports whether any pod of an old ReplicaSet is still there and
// has not ended by itself.
func (r *rollout) oldPodsRun() bool {
	old := map[any]bool{}
	for _, rs := range r.old {
		old[rs.UID] = true
	}
	for _, pod := range r.pods.List(r.d.Namespace, nil) {
		ref := metav1.GetControllerOf(pod)
		if ref != nil && old[ref.UID] && !controller.HasEnded(pod) {
			return true
		}
	}
	return false
}
