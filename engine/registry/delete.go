package registry

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/util/dryrun"
	"k8s.io/utils/ptr"

	"kubergarten/engine/storage"
)

// errPending ends a deletion that would change nothing.
var errPending = errors.New("deletion is pending")

// Delete removes the object called name, or begins its deletion: it is then
// marked, and goes when its grace period is over and its finalizers are gone.
// The bool tells whether it is gone.
func (s *Store) Delete(ctx context.Context, name string, validate rest.ValidateObjectFunc, opts *metav1.DeleteOptions) (runtime.Object, bool, error) {
	ns, err := s.place(ctx, name)
	if err != nil {
		return nil, false, err
	}
	if opts == nil {
		opts = metav1.NewDeleteOptions(0)
	}
	if validate == nil {
		validate = rest.ValidateAllObjectFunc
	}
	d := deleting{Store: s, ns: ns, name: name, validate: validate, opts: opts, dryRun: dryrun.IsDryRun(opts.DryRun)}
	return d.run(ctx)
}

// deleting is one call of Delete.
type deleting struct {
	*Store
	ns, name string
	validate rest.ValidateObjectFunc
	opts     *metav1.DeleteOptions
	dryRun   bool

	goes    bool           // the last try left nothing to wait for
	pending runtime.Object // the object that is being deleted already
}

func (d *deleting) run(ctx context.Context) (runtime.Object, bool, error) {
	out, err := d.store(d.dryRun).GuaranteedUpdate(ctx, d.ns, d.name, nil, func(current runtime.Object) (runtime.Object, error) {
		return d.try(ctx, current.DeepCopyObject())
	})
	switch {
	case errors.Is(err, errPending):
		return d.answer(d.pending), false, nil
	case err != nil:
		return nil, false, err
	case d.goes && d.gone != nil && !d.dryRun:
		d.gone(ctx, out)
	}
	return d.answer(out), d.goes, nil
}

// try marks obj as one that is being deleted; if there is nothing to wait for,
// it goes at once.
func (d *deleting) try(ctx context.Context, obj runtime.Object) (runtime.Object, error) {
	if err := d.validate(ctx, obj); err != nil {
		return nil, err
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	opts := d.opts.DeepCopy() // grace fills it in, by the object of this try
	graceful, pending, err := d.beforeDelete(obj, m, opts)
	if err != nil {
		return nil, err
	}
	if pending {
		d.pending = obj
		return nil, errPending
	}
	m.SetFinalizers(propagate(d.strategy.policy(ctx), m.GetFinalizers(), opts))
	waits := len(m.GetFinalizers()) > 0
	if !graceful && waits {
		d.mark(m)
	}
	if d.goes = !waits && (!graceful || *opts.GracePeriodSeconds == 0); d.goes {
		return obj, storage.ErrDelete
	}
	return obj, nil
}

// mark marks an object without grace that waits for its finalizers.
func (d *deleting) mark(m metav1.Object) {
	now := d.now()
	if m.GetDeletionTimestamp() == nil && m.GetGeneration() > 0 {
		m.SetGeneration(m.GetGeneration() + 1)
	}
	if t := m.GetDeletionTimestamp(); t == nil || t.After(now.Time) {
		m.SetDeletionTimestamp(&now)
	}
	m.SetDeletionGracePeriodSeconds(ptr.To[int64](0))
}

// answer is obj itself, or a Status about it.
func (d *deleting) answer(obj runtime.Object) runtime.Object {
	m, err := meta.Accessor(obj)
	if d.returnsDeleted || err != nil {
		return obj
	}
	return &metav1.Status{Status: metav1.StatusSuccess, Details: &metav1.StatusDetails{
		Name: m.GetName(), UID: m.GetUID(),
		Group: d.resource.Group, Kind: d.resource.Plural, // as upstream: the plural
	}}
}
