package daemon

// Upstream: pkg/controller/daemon/update.go (constructHistory, snapshot), pkg/controller/history

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"kubergarten/engine/controller"
)

// history returns the revision of ds' template, made if need be and with the
// highest number, and the older ones, oldest first.
func (c *Controller) history(ctx context.Context, ds *appsv1.DaemonSet) (current *appsv1.ControllerRevision, old []*appsv1.ControllerRevision, err error) {
	data, err := patchOf(ds)
	if err != nil {
		return nil, nil, err
	}
	all, err := c.claimRevisions(ctx, ds)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(all, func(a, b *appsv1.ControllerRevision) int { return int(a.Revision - b.Revision) })
	next := int64(1)
	for _, r := range all {
		if bytes.Equal(r.Data.Raw, data) {
			current = r
		} else {
			old, next = append(old, r), r.Revision+1
		}
	}
	if current == nil {
		current, err = c.snapshot(ctx, ds, data, next)
	} else if current.Revision < next { // an old template has come back
		current = current.DeepCopy()
		current.Revision = next
		current, err = c.revAPI.Update(ctx, current)
	}
	return current, old, err
}

func (c *Controller) claimRevisions(ctx context.Context, ds *appsv1.DaemonSet) ([]*appsv1.ControllerRevision, error) {
	sel, err := metav1.LabelSelectorAsSelector(ds.Spec.Selector)
	if err != nil {
		return nil, err
	}
	refs := controller.Refs[*appsv1.ControllerRevision]{
		API: c.revAPI, Owner: ds, Kind: kind(), Selector: sel, Adoptable: controller.NotDeleted(ds, c.api.Get),
	}
	return refs.Claim(ctx, c.revisions.List(ds.Namespace, nil))
}

// snapshot stores the template of ds under the name of its hash. If another
// template has that name already, the collision is counted, and the next sync
// takes another.
func (c *Controller) snapshot(ctx context.Context, ds *appsv1.DaemonSet, data []byte, revision int64) (*appsv1.ControllerRevision, error) {
	hash := controller.TemplateHash(&ds.Spec.Template, ds.Status.CollisionCount)
	made, err := c.revAPI.Create(ctx, &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: ds.Namespace, Name: ds.Name + "-" + hash,
			Labels:          labels.Merge(ds.Spec.Template.Labels, labels.Set{appsv1.DefaultDaemonSetUniqueLabelKey: hash}),
			Annotations:     ds.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(ds, kind())},
		},
		Data: runtime.RawExtension{Raw: data}, Revision: revision,
	})
	if !apierrors.IsAlreadyExists(err) {
		return made, err
	}
	there, gerr := c.revAPI.Get(ctx, ds.Namespace, ds.Name+"-"+hash)
	if gerr != nil {
		return nil, gerr
	}
	if bytes.Equal(there.Data.Raw, data) {
		return there, nil
	}
	if cerr := c.countCollision(ctx, ds); cerr != nil {
		return nil, cerr
	}
	return nil, err
}

// countCollision raises the collision count, unless the one that led to the
// collision was old.
func (c *Controller) countCollision(ctx context.Context, ds *appsv1.DaemonSet) error {
	now, err := c.api.Get(ctx, ds.Namespace, ds.Name)
	if err != nil {
		return err
	}
	was, is := ptr.Deref(ds.Status.CollisionCount, 0), ptr.Deref(now.Status.CollisionCount, 0)
	if was != is {
		return fmt.Errorf("found a stale collision count (%d, expected %d) of DaemonSet %q while processing; will retry until it is updated", was, is, ds.Name)
	}
	fresh := now.DeepCopy()
	fresh.Status.CollisionCount = ptr.To(is + 1)
	_, err = c.api.UpdateStatus(ctx, fresh)
	return err
}

// patchOf is the strategic merge patch that puts ds' template back, as "kubectl
// rollout undo" wants it.
func patchOf(ds *appsv1.DaemonSet) ([]byte, error) {
	raw, err := json.Marshal(ds.Spec.Template)
	if err != nil {
		return nil, err
	}
	var template map[string]any
	if err := json.Unmarshal(raw, &template); err != nil {
		return nil, err
	}
	template["$patch"] = "replace"
	return json.Marshal(map[string]any{"spec": map[string]any{"template": template}})
}

// cleanup deletes the oldest revisions that no pod is of, until no more than the
// limit are left.
func (c *Controller) cleanup(ctx context.Context, ds *appsv1.DaemonSet, old []*appsv1.ControllerRevision) error {
	if ds.Spec.RevisionHistoryLimit == nil || len(old) <= int(*ds.Spec.RevisionHistoryLimit) {
		return nil
	}
	live := map[string]bool{}
	for _, pod := range c.pods.List(ds.Namespace, nil) {
		live[pod.Labels[appsv1.DefaultDaemonSetUniqueLabelKey]] = true
	}
	tooMany := len(old) - int(*ds.Spec.RevisionHistoryLimit)
	for _, r := range old {
		if tooMany <= 0 {
			break
		}
		if live[r.Labels[appsv1.DefaultDaemonSetUniqueLabelKey]] {
			continue
		}
		if err := c.revAPI.Delete(ctx, r.Namespace, r.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("clean up revision %s: %w", controller.Key(r), err)
		}
		tooMany--
	}
	return nil
}
