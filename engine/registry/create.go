package registry

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/util/dryrun"
)

// nameAttempts is how many names are tried for one generateName: enough for a
// million objects of one prefix, with a chance of 0.1 % to fail.
const nameAttempts = 8

// Create stores obj, which is then the Store's. Validate is asked last, with a
// copy; it is the validating admission.
func (s *Store) Create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, opts *metav1.CreateOptions) (runtime.Object, error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	if m.GetGenerateName() == "" || m.GetName() != "" {
		return s.create(ctx, obj, validate, isDryRun(opts))
	}
	var out runtime.Object
	for range nameAttempts {
		if out, err = s.create(ctx, obj.DeepCopyObject(), validate, isDryRun(opts)); !apierrors.IsAlreadyExists(err) {
			return out, err
		}
	}
	return out, err
}

func (s *Store) create(ctx context.Context, obj runtime.Object, validate rest.ValidateObjectFunc, dryRun bool) (out runtime.Object, err error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	s.bear(m)
	finish, err := s.reserve(ctx, obj, nil, dryRun)
	if err != nil {
		return nil, err
	}
	defer func() { finish(err == nil && out != nil) }() // out is nil in a panic
	if err := rest.BeforeCreate(s.strategy, ctx, obj); err != nil {
		return nil, err
	}
	if validate != nil {
		if err := validate(ctx, obj.DeepCopyObject()); err != nil {
			return nil, err
		}
	}
	ns, err := s.place(ctx, m.GetName())
	if err != nil {
		return nil, err
	}
	out, err = s.store(dryRun).Create(ctx, ns, m.GetName(), obj)
	if apierrors.IsAlreadyExists(err) {
		return nil, s.explainExists(ctx, rest.CheckGeneratedNameError(ctx, s.strategy, err, obj), ns, m.GetName())
	}
	return out, err
}

// bear gives a new object its uid, its time of birth, and a name if it only
// has a prefix of one.
func (s *Store) bear(m metav1.Object) {
	m.SetCreationTimestamp(s.now())
	m.SetUID(uuid.NewUUID())
	if m.GetGenerateName() != "" && m.GetName() == "" {
		m.SetName(s.strategy.GenerateName(m.GetGenerateName()))
	}
}

// now is the cluster's time, in the precision that objects have.
func (s *Store) now() metav1.Time { return metav1.NewTime(s.clock.Now()).Rfc3339Copy() }

// explainExists tells if the object in the way is about to go.
func (s *Store) explainExists(ctx context.Context, exists error, ns, name string) error {
	status, ok := exists.(*apierrors.StatusError)
	if !ok || !apierrors.IsAlreadyExists(exists) {
		return exists
	}
	old, err := s.objects.Get(ctx, ns, name, "")
	if err != nil {
		return exists
	}
	if m, err := meta.Accessor(old); err == nil && m.GetDeletionTimestamp() != nil {
		status.ErrStatus.Message = fmt.Sprintf("object is being deleted: %s", status.ErrStatus.Message)
	}
	return exists
}

// reserve calls begin, if the resource has one. The returned function is never nil.
func (s *Store) reserve(ctx context.Context, obj, old runtime.Object, dryRun bool) (finish func(ok bool), err error) {
	if s.begin == nil {
		return func(bool) {}, nil
	}
	return s.begin(ctx, obj, old, dryRun)
}

// isDryRun tells whether opts, which may be nil, ask to store nothing.
func isDryRun(opts *metav1.CreateOptions) bool { return opts != nil && dryrun.IsDryRun(opts.DryRun) }
