package registry

// Upstream: k8s.io/apiserver/pkg/registry/rest/delete.go

import (
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
)

// beforeDelete decides how obj, whose metadata is m, goes: graceful means that
// m now says until when, pending that it already did and nothing changes. It
// does what rest.BeforeDelete does, by the cluster's clock.
func (s *Store) beforeDelete(obj runtime.Object, m metav1.Object, opts *metav1.DeleteOptions) (graceful, pending bool, err error) {
	if errs := validation.ValidateDeleteOptions(opts); len(errs) > 0 {
		return false, false, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "DeleteOptions"}, "", errs)
	}
	if err := s.checkPreconditions(m, opts.Preconditions); err != nil {
		return false, false, err
	}
	if g := opts.GracePeriodSeconds; g != nil && *g < 0 {
		opts.GracePeriodSeconds = ptr.To[int64](1)
	}
	if s.strategy.grace == nil {
		return false, false, nil
	}
	if m.GetDeletionTimestamp() != nil {
		return s.shorten(m, opts)
	}
	if !s.strategy.grace(obj, opts) {
		return false, false, nil
	}
	until := metav1.NewTime(s.now().Add(seconds(*opts.GracePeriodSeconds)))
	m.SetDeletionTimestamp(&until)
	m.SetDeletionGracePeriodSeconds(opts.GracePeriodSeconds)
	if m.GetGeneration() > 0 {
		m.SetGeneration(m.GetGeneration() + 1)
	}
	return true, false, nil
}

// shorten is a deletion of what is being deleted: the grace period can only
// become shorter.
func (s *Store) shorten(m metav1.Object, opts *metav1.DeleteOptions) (graceful, pending bool, err error) {
	left := m.GetDeletionGracePeriodSeconds()
	if left == nil || *left == 0 {
		return false, false, nil // a deletion that failed half-way: end it
	}
	if opts.GracePeriodSeconds == nil {
		opts.GracePeriodSeconds = left
		return false, true, nil
	}
	period := *opts.GracePeriodSeconds
	if period >= *left {
		return false, true, nil
	}
	until := metav1.NewTime(m.GetDeletionTimestamp().Add(seconds(period - *left)))
	if now := s.now(); until.Before(&now) {
		until = now
		if period != 0 {
			period = 1 // graceful was asked for: whoever shuts it down still ends it
		}
	}
	m.SetDeletionTimestamp(&until)
	m.SetDeletionGracePeriodSeconds(&period)
	return true, false, nil
}

func (s *Store) checkPreconditions(m metav1.Object, p *metav1.Preconditions) error {
	gr := schema.GroupResource{Group: s.resource.Group, Resource: s.resource.Kind} // as upstream: the kind
	switch {
	case p == nil:
	case p.UID != nil && *p.UID != m.GetUID():
		return apierrors.NewConflict(gr, m.GetName(), fmt.Errorf("the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated", *p.UID, m.GetUID()))
	case p.ResourceVersion != nil && *p.ResourceVersion != m.GetResourceVersion():
		return apierrors.NewConflict(gr, m.GetName(), fmt.Errorf("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified", *p.ResourceVersion, m.GetResourceVersion()))
	}
	return nil
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
