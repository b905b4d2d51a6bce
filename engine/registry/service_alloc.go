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
	"k8s.io/apimachinery/pkg/util/validation/field"
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

// reservation is what one write of a service takes and gives back. Taking is
// done at once, giving back only when the write has succeeded.
type reservation struct {
	a      *allocations
	dryRun bool

	ips, freeIPs     []netip.Addr
	ports, freePorts []int
}

// finish ends the reservation, with the outcome of the write.
func (r *reservation) finish(ok bool) {
	ips, ports := r.ips, r.ports
	if ok {
		ips, ports = r.freeIPs, r.freePorts
	}
	if r.dryRun {
		return
	}
	for _, ip := range ips {
		r.a.ips.Release(ip)
	}
	for _, p := range ports {
		r.a.ports.Release(p)
	}
}

func (r *reservation) service(s, old *corev1.Service) error {
	if err := initFamilies(s, old, r.a.family()); err != nil {
		return err
	}
	if err := r.clusterIP(s, old); err != nil {
		return err
	}
	if old != nil && typeHasPorts(old) && !typeHasPorts(s) {
		for p := range nodePorts(old) {
			r.freePorts = append(r.freePorts, p)
		}
	}
	if typeHasPorts(s) {
		if err := r.nodePorts(s, old); err != nil {
			return err
		}
	}
	return r.healthPort(s, old)
}

// clusterIP takes an address for s, or the one it asks for. Of an update only
// the type counts: validation forbids to change an address.
func (r *reservation) clusterIP(s, old *corev1.Service) error {
	had, has := old != nil && needsIP(old), needsIP(s)
	switch {
	case had && !has:
		r.freeIPs = clusterIPs(old)
		return nil
	case had || !has || headless(s):
		return nil
	}
	asked := ""
	if len(s.Spec.ClusterIPs) > 0 {
		asked = s.Spec.ClusterIPs[0]
	}
	ip, err := r.takeIP(s, asked)
	if err != nil {
		return err
	}
	s.Spec.ClusterIP, s.Spec.ClusterIPs = ip, []string{ip}
	return nil
}

func (r *reservation) takeIP(s *corev1.Service, asked string) (string, error) {
	path := field.NewPath("spec", "clusterIPs")
	if asked == "" {
		ip, err := r.a.ips.Next()
		if err != nil {
			return "", apierrors.NewInternalError(fmt.Errorf("failed to allocate a serviceIP for Service %q: %w", s.Name, err))
		}
		if r.dryRun {
			r.a.ips.Release(ip)
		}
		r.ips = append(r.ips, ip)
		return ip.String(), nil
	}
	ip, err := netip.ParseAddr(asked)
	if err != nil {
		return "", apierrors.NewInternalError(fmt.Errorf("failed to parse service IP %q", asked))
	}
	if r.dryRun {
		err = r.a.ips.Check(ip)
	} else {
		err = r.a.ips.Take(ip)
	}
	if err != nil {
		return "", invalidService(s, field.ErrorList{field.Invalid(path, s.Spec.ClusterIPs, fmt.Sprintf("failed to allocate IP %v: %v", asked, err))})
	}
	r.ips = append(r.ips, ip)
	return asked, nil
}
