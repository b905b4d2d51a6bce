package auth

// Upstream: pkg/serviceaccount/claims.go (Validate)

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
)

// errInvalidated is all that the owner of a token hears of the object that is gone.
var errInvalidated = errors.New("service account token has been invalidated")

// A lookup finds the objects that tokens are bound to.
type lookup struct{ api client.Interface }

// exist fails unless all that b names is there, with the same UID, and is not to
// be deleted since before.
func (l lookup) exist(ctx context.Context, b binding, before time.Time) error {
	sa, err := client.For[*corev1.ServiceAccount](l.api).Get(ctx, b.Namespace, b.Svcacct.Name)
	switch {
	case err != nil:
		return err
	case string(sa.UID) != b.Svcacct.UID:
		return fmt.Errorf("service account UID (%s) does not match claim (%s)", sa.UID, b.Svcacct.UID)
	case deleted(sa, before):
		return fmt.Errorf("service account %s/%s has been deleted", b.Namespace, b.Svcacct.Name)
	case b.Secret != nil:
		return bound(ctx, client.For[*corev1.Secret](l.api), b.Namespace, *b.Secret, before, "secret UID (%s) does not match service account secret ref claim (%s)")
	case b.Pod != nil:
		return bound(ctx, client.For[*corev1.Pod](l.api), b.Namespace, *b.Pod, before, "pod UID (%s) does not match service account pod ref claim (%s)")
	case b.Node != nil:
		return bound(ctx, client.For[*corev1.Node](l.api), "", *b.Node, before, "node UID (%s) does not match service account node ref claim (%s)")
	}
	return nil
}

// bound fails unless the object of want is there.
func bound[T client.Object](ctx context.Context, of client.Of[T], ns string, want ref, before time.Time, otherUID string) error {
	obj, err := of.Get(ctx, ns, want.Name)
	switch {
	case err != nil:
		return errInvalidated
	case string(obj.GetUID()) != want.UID:
		return fmt.Errorf(otherUID, obj.GetUID(), want.UID)
	case deleted(obj, before):
		return errInvalidated
	}
	return nil
}

func deleted(o metav1.Object, before time.Time) bool {
	t := o.GetDeletionTimestamp()
	return t != nil && t.Time.Before(before)
}
