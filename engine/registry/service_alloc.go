package registry

// Upstream: pkg/registry/core/service/storage/alloc.go

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/registry/allocator"
	"kubergarten/engine/storage"
)

// allocations are the cluster IPs and node ports of all services.
type allocations struct {
	ips       *allocator.IPs
	ports     *allocator.Ports
	endpoints *Store // of the same names: they go with their service
	log       *slog.Logger
	ready     chan struct{} // closed when repair has seen all services
}

// repair takes what the services that are there already have. Two that claim
// the same address, or one outside of the range, are worth a line in the log.
func (a *allocations) repair(ctx context.Context, services objects) error {
	list, err := services.List(ctx, "", &storage.ListOptions{})
	if err != nil {
		return fmt.Errorf("unable to refresh the service IP block: %w", err)
	}
	for _, s := range list.(*corev1.ServiceList).Items {
		if err := errors.Join(a.takeAll(&s)...); err != nil {
			a.log.Error("service allocation is not its own", "service", s.Namespace+"/"+s.Name, "err", err)
		}
	}
	close(a.ready)
	return nil
}

func (a *allocations) takeAll(s *corev1.Service) (errs []error) {
	for _, ip := range clusterIPs(s) {
		if err := a.ips.Take(ip); err != nil {
			errs = append(errs, fmt.Errorf("cluster IP %s: %w", ip, err))
		}
	}
	for p := range heldPorts(s) {
		if err := a.ports.Take(p); err != nil {
			errs = append(errs, fmt.Errorf("node port %d: %w", p, err))
		}
	}
	return errs
}

// clusterIPs are the addresses that s holds.
func clusterIPs(s *corev1.Service) (out []netip.Addr) {
	if !needsIP(s) || headless(s) {
		return nil
	}
	for _, text := range s.Spec.ClusterIPs {
		if ip, err := netip.ParseAddr(text); err == nil {
			out = append(out, ip)
		}
	}
	return out
}

// heldPorts are the node ports that s holds, the one of health checks included.
func heldPorts(s *corev1.Service) map[int]bool {
	out := nodePorts(s)
	if needsHealthPort(s) && s.Spec.HealthCheckNodePort != 0 {
		out[int(s.Spec.HealthCheckNodePort)] = true
	}
	return out
}

// begin gives the service obj what it needs and old (nil on create) has not.
func (a *allocations) begin(ctx context.Context, obj, old runtime.Object, dryRun bool) (finish func(ok bool), err error) {
	select {
	case <-a.ready:
	case <-ctx.Done():
		return nil, apierrors.NewInternalError(allocator.ErrNotReady)
	}
	s, was := obj.(*corev1.Service), (*corev1.Service)(nil)
	if old != nil {
		was = old.(*corev1.Service)
		patchAllocated(s, was)
	}
	normalizeIPs(s, was)
	r := &reservation{a: a, dryRun: dryRun}
	if err := r.service(s, was); err != nil {
		r.finish(false)
		return nil, err
	}
	return r.finish, nil
}

// gone frees what the deleted service held, and deletes its endpoints.
func (a *allocations) gone(ctx context.Context, obj runtime.Object) {
	s := obj.(*corev1.Service)
	for _, ip := range clusterIPs(s) {
		a.ips.Release(ip)
	}
	for p := range heldPorts(s) {
		a.ports.Release(p)
	}
	ctx = genericapirequest.WithNamespace(ctx, s.Namespace)
	if _, _, err := a.endpoints.Delete(ctx, s.Name, rest.ValidateAllObjectFunc, &metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		a.log.Error("delete service endpoints failed", "service", s.Namespace+"/"+s.Name, "err", err)
	}
}

// family is the one that the cluster's addresses have.
func (a *allocations) family() corev1.IPFamily {
	if a.ips.Is4() {
		return corev1.IPv4Protocol
	}
	return corev1.IPv6Protocol
}
