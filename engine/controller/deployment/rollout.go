package deployment

// Upstream: pkg/controller/deployment/sync.go

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/controller"
)

// A rollout is one sync of one Deployment: what it found, and what it does.
type rollout struct {
	*Controller
	d    *appsv1.Deployment   // our own copy
	all  []*appsv1.ReplicaSet // shared, from the cache
	new  *appsv1.ReplicaSet   // for d's template, or nil
	old  []*appsv1.ReplicaSet // all but new
	kept []*appsv1.ReplicaSet // old ones with replicas
}

// find splits all into new and old, gives new its revision, and creates it if
// create says so.
func (r *rollout) find(ctx context.Context, create bool) (err error) {
	r.new = findNew(r.d, r.all)
	r.old, r.kept = nil, nil
	for _, rs := range r.all {
		if r.new == nil || rs.UID != r.new.UID {
			r.old = append(r.old, rs)
		}
	}
	r.kept = active(r.old)
	switch revision := maxRevision(r.old) + 1; {
	case r.new != nil:
		r.new, err = r.adoptNew(ctx, revision)
	case create:
		r.new, err = r.createNew(ctx, revision)
	}
	return err
}

// every is old and new together, new last.
func (r *rollout) every() []*appsv1.ReplicaSet {
	out := append([]*appsv1.ReplicaSet(nil), r.old...)
	if r.new != nil {
		out = append(out, r.new)
	}
	return out
}

// adoptNew brings annotations of the ReplicaSet there is up to date, or, when
// they are, those of the Deployment.
func (r *rollout) adoptNew(ctx context.Context, revision int64) (*appsv1.ReplicaSet, error) {
	rs := r.new.DeepCopy()
	changed := annotate(r.d, rs, revision, true)
	if changed || rs.Spec.MinReadySeconds != r.d.Spec.MinReadySeconds {
		rs.Spec.MinReadySeconds = r.d.Spec.MinReadySeconds
		return r.rsAPI.Update(ctx, rs)
	}
	changed = setRevision(r.d, rs.Annotations[revisionAnnotation])
	if hasDeadline(r.d) && getCondition(r.d.Status, appsv1.DeploymentProgressing) == nil {
		r.setProgressing(&r.d.Status, corev1.ConditionTrue, "FoundNewReplicaSet", fmt.Sprintf("Found new replica set %q", rs.Name))
		changed = true
	}
	if !changed {
		return rs, nil
	}
	return rs, r.writeStatus(ctx)
}

// createNew creates the ReplicaSet for d's template.
func (r *rollout) createNew(ctx context.Context, revision int64) (*appsv1.ReplicaSet, error) {
	rs := newReplicaSet(r.d)
	n, err := newReplicas(r.d, append(r.every(), rs), rs)
	if err != nil {
		return nil, err
	}
	*rs.Spec.Replicas = n
	annotate(r.d, rs, revision, false)
	made, err := r.rsAPI.Create(ctx, rs)
	switch {
	case apierrors.IsAlreadyExists(err):
		return r.settleCollision(ctx, rs, revision, err)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return nil, err
	case err != nil:
		return nil, r.createFailed(ctx, rs, err)
	}
	if n > 0 {
		r.cc.Events.Eventf(r.d, corev1.EventTypeNormal, "ScalingReplicaSet", "Scaled up replica set %s from 0 to %d", made.Name, n)
	}
	setRevision(r.d, fmt.Sprint(revision))
	if hasDeadline(r.d) {
		r.setProgressing(&r.d.Status, corev1.ConditionTrue, "NewReplicaSetCreated", fmt.Sprintf("Created new replica set %q", made.Name))
	}
	return made, r.writeStatus(ctx)
}

// settleCollision decides whether the ReplicaSet of the wanted name is ours,
// created by a sync whose result the cache has not shown yet, or another with
// the same hash. Then the collision is counted, and the next sync takes
// another name.
func (r *rollout) settleCollision(ctx context.Context, want *appsv1.ReplicaSet, revision int64, exists error) (*appsv1.ReplicaSet, error) {
	rs, err := r.rsAPI.Get(ctx, want.Namespace, want.Name)
	if err != nil {
		return nil, err
	}
	if ref := metav1.GetControllerOf(rs); ref != nil && ref.UID == r.d.UID && sameTemplate(&r.d.Spec.Template, &rs.Spec.Template) {
		if !setRevision(r.d, fmt.Sprint(revision)) {
			return rs, nil
		}
		return rs, r.writeStatus(ctx)
	}
	if r.d.Status.CollisionCount == nil {
		r.d.Status.CollisionCount = new(int32)
	}
	*r.d.Status.CollisionCount++
	if err := r.writeStatus(ctx); err != nil {
		return nil, err
	}
	return nil, exists
}

func (r *rollout) createFailed(ctx context.Context, rs *appsv1.ReplicaSet, err error) error {
	msg := fmt.Sprintf("Failed to create new replica set %q: %v", rs.Name, err)
	if hasDeadline(r.d) {
		r.setProgressing(&r.d.Status, corev1.ConditionFalse, "ReplicaSetCreateError", msg)
		if werr := r.writeStatus(ctx); werr != nil {
			r.cc.Log.Warn("status not written", "deployment", controller.Key(r.d), "err", werr)
		}
	}
	r.cc.Events.Eventf(r.d, corev1.EventTypeWarning, "ReplicaSetCreateError", "%s", msg)
	return err
}

func (r *rollout) writeStatus(ctx context.Context) error {
	d, err := r.api.UpdateStatus(ctx, r.d)
	if err != nil {
		return fmt.Errorf("status of deployment %s: %w", controller.Key(r.d), err)
	}
	r.d = d.DeepCopy()
	return nil
}

// scaleTo sets rs' replicas, and its annotations that say what d wants, and
// tells so. It reports whether the size changed.
func (r *rollout) scaleTo(ctx context.Context, rs *appsv1.ReplicaSet, n int32, force bool) (*appsv1.ReplicaSet, bool, error) {
	was := *rs.Spec.Replicas
	if !force && was == n {
		return rs, false, nil
	}
	fresh := rs.DeepCopy()
	*fresh.Spec.Replicas = n
	if !annotateReplicas(r.d, fresh) && was == n {
		return rs, false, nil
	}
	fresh, err := r.rsAPI.Update(ctx, fresh)
	if err != nil {
		return rs, false, err
	}
	if was == n {
		return fresh, false, nil
	}
	way := "up"
	if n < was {
		way = "down"
	}
	r.cc.Events.Eventf(r.d, corev1.EventTypeNormal, "ScalingReplicaSet", "Scaled %s replica set %s from %d to %d", way, rs.Name, was, n)
	return fresh, true, nil
}

// cleanup deletes the oldest empty ReplicaSets beyond the history limit.
func (r *rollout) cleanup(ctx context.Context) error {
	if r.d.Spec.RevisionHistoryLimit == nil {
		return nil
	}
	var alive []*appsv1.ReplicaSet
	for _, rs := range r.old {
		if rs.DeletionTimestamp == nil {
			alive = append(alive, rs)
		}
	}
	sortByRevision(alive)
	for _, rs := range alive[:max(0, len(alive)-int(*r.d.Spec.RevisionHistoryLimit))] {
		if rs.Status.Replicas != 0 || *rs.Spec.Replicas != 0 || rs.Generation > rs.Status.ObservedGeneration {
			continue
		}
		if err := r.rsAPI.Delete(ctx, rs.Namespace, rs.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("clean up %s: %w", controller.Key(rs), err)
		}
	}
	return nil
}
