package kubelet

// Upstream: k8s.io/component-helpers/apimachinery/lease/controller.go

import (
	"context"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilclock "k8s.io/utils/clock"

	"kubergarten/engine/client"
)

// leaseState is the node's heartbeat, which beats by a timer.
type leaseState struct {
	mu    sync.Mutex
	wg    sync.WaitGroup
	timer utilclock.Timer
	last  *coordinationv1.Lease
	done  bool
}

// startLease renews the node's lease now and every quarter of its duration.
func (k *Kubelet) startLease(ctx context.Context) {
	l := &k.self.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return
	}
	l.wg.Go(func() { k.beat(ctx) })
}

func (k *Kubelet) stopLease() {
	l := &k.self.lease
	l.mu.Lock()
	l.done = true
	if l.timer != nil {
		l.timer.Stop()
	}
	l.mu.Unlock()
	l.wg.Wait()
}

// beat is one renewal; it sets the timer for the next.
func (k *Kubelet) beat(ctx context.Context) {
	l := &k.self.lease
	if err := k.renew(ctx); err != nil && ctx.Err() == nil {
		k.deps.Log.ErrorContext(ctx, "Failed to update lease", "err", err)
		l.last = nil // look at it again
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.done {
		every := time.Duration(k.cfg.Kubelet.NodeLeaseDurationSeconds) * time.Second / 4
		l.timer = k.deps.Clock.AfterFunc(every, func() { k.startLease(ctx) })
	}
}

// renew creates the lease, or says in it that the node lives.
func (k *Kubelet) renew(ctx context.Context) error {
	leases := client.For[*coordinationv1.Lease](k.deps.API)
	have := k.self.lease.last
	if have == nil {
		var err error
		have, err = leases.Get(ctx, corev1.NamespaceNodeLease, k.cfg.NodeName)
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		if err != nil {
			have = nil
		}
	}
	want, create := k.lease(have), have == nil
	write := leases.Update
	if create {
		write = leases.Create
	}
	got, err := write(ctx, want)
	if err != nil {
		return err
	}
	k.self.lease.last = got
	return nil
}

// lease is the node's lease, renewed now.
func (k *Kubelet) lease(have *coordinationv1.Lease) *coordinationv1.Lease {
	name, seconds := k.cfg.NodeName, k.cfg.Kubelet.NodeLeaseDurationSeconds
	l := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: corev1.NamespaceNodeLease}}
	if have != nil {
		l = have.DeepCopy()
	}
	l.Spec.HolderIdentity, l.Spec.LeaseDurationSeconds = &name, &seconds
	now := metav1.NewMicroTime(k.deps.Clock.Now())
	l.Spec.RenewTime = &now
	if len(l.OwnerReferences) == 0 {
		if n, ok := k.nodes.Get("", name); ok {
			l.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: name, UID: n.UID}}
		}
	}
	return l
}
