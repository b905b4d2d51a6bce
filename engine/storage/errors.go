package storage

// Upstream: k8s.io/apiserver/pkg/storage/etcd3/errors.go

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/storage"
	storageerr "k8s.io/apiserver/pkg/storage/errors"

	"kubergarten/engine/etcd"
)

const (
	expired         = "The resourceVersion for the provided list is too old."
	continueExpired = "The provided continue parameter is too old " +
		"to display a consistent list result. You can start a new list without " +
		"the continue parameter."
	inconsistentContinue = "The provided continue parameter is too old " +
		"to display a consistent list result. You can start a new list without " +
		"the continue parameter, or use the continue token in this response to " +
		"retrieve the remainder of the results. Continuing with the provided " +
		"token results in an inconsistent list - objects that were created, " +
		"modified, or deleted between the time the first chunk was returned " +
		"and now may show up in the list."
)

// gone reports whether err means that etcd is away.
func gone(err error) bool {
	return errors.Is(err, etcd.ErrStopped) || utilnet.IsConnectionRefused(err)
}

func tooLarge(err error) error {
	return apierrors.NewRequestEntityTooLargeError(err.Error())
}

// invalidVersion is a malformed resourceVersion as upstream reports it.
func invalidVersion(err error) error {
	if invalid, ok := err.(storage.InvalidError); ok {
		return apierrors.NewBadRequest(invalid.Error())
	}
	return err
}

func interpretGet(err error, gr schema.GroupResource, name string) error {
	return timedOut(storageerr.InterpretGetError(err, gr, name))
}

func interpretCreate(err error, gr schema.GroupResource, name string) error {
	return timedOut(storageerr.InterpretCreateError(err, gr, name))
}

func interpretUpdate(err error, gr schema.GroupResource, name string) error {
	return timedOut(storageerr.InterpretUpdateError(err, gr, name))
}

func interpretDelete(err error, gr schema.GroupResource, name string) error {
	return timedOut(storageerr.InterpretDeleteError(err, gr, name))
}

// timedOut is the answer to one whose time ran out; and to one who wrote to a
// full store, which is our fault, not theirs.
func timedOut(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return apierrors.NewTimeoutError("request did not complete within the allotted timeout", 0)
	case errors.Is(err, etcd.ErrNoSpace):
		return apierrors.NewInternalError(err)
	}
	return err
}

// interpretList maps what etcd says to a list from continueKey on.
func (s *Store) interpretList(err error, paging bool, continueKey, prefix string, rev, now int64) error {
	switch {
	case errors.Is(err, etcd.ErrCompacted) && paging:
		return compactedPage(continueKey, prefix)
	case errors.Is(err, etcd.ErrCompacted):
		return apierrors.NewResourceExpired(expired)
	case errors.Is(err, etcd.ErrFutureRev):
		return storage.NewTooLargeResourceVersionError(uint64(rev), uint64(now), 0)
	}
	return timedOut(storageerr.InterpretListError(unreachable(err, prefix), s.cfg.Resource))
}

// compactedPage offers to go on at the newest revision, which -1 stands for.
func compactedPage(continueKey, prefix string) error {
	token, err := storage.EncodeContinue(continueKey, prefix, -1)
	if err != nil {
		return apierrors.NewResourceExpired(continueExpired)
	}
	status := apierrors.NewResourceExpired(inconsistentContinue)
	status.ErrStatus.ListMeta.Continue = token
	return status
}

// tooOld is what a watch ends with when history no longer reaches back to it.
func tooOld(rev, oldest int64) *apierrors.StatusError {
	return apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", rev, oldest))
}

// statusOf is err as an event carries it.
func statusOf(err error) *metav1.Status {
	var s apierrors.APIStatus
	if errors.As(err, &s) {
		status := s.Status()
		return &status
	}
	return &metav1.Status{Status: metav1.StatusFailure, Message: err.Error(), Reason: metav1.StatusReasonInternalError, Code: http.StatusInternalServerError}
}
