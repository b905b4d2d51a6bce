package registry

// Upstream: pkg/registry/core/service/storage/{alloc,transaction}.go

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

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
