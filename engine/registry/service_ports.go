package registry

// Upstream: pkg/registry/core/service/storage/alloc.go (initNodePorts, updateNodePorts)

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubergarten/engine/registry/allocator"
)

// nodePorts takes the node ports that s asks for, or needs, and old has not,
// and gives back those that only old has.
func (r *reservation) nodePorts(s, old *corev1.Service) error {
	had := map[int]bool{}
	if old != nil && typeHasPorts(old) {
		had = nodePorts(old)
	}
	byPort := map[int32]int32{} // TCP and UDP of one port share a node port, on create
	for i := range s.Spec.Ports {
		p := &s.Spec.Ports[i]
		if p.NodePort == 0 && !needsPorts(s) {
			continue
		}
		if p.NodePort == 0 && old == nil {
			p.NodePort = cmp.Or(byPort[p.Port], requested(s, p.Port))
		}
		if err := r.nodePort(s, i, had); err != nil {
			return err
		}
		byPort[p.Port] = p.NodePort
	}
	now := nodePorts(s)
	for p := range had {
		if !now[p] {
			r.freePorts = append(r.freePorts, p)
		}
	}
	return duplicates(s)
}

// nodePort sees to it that port i of s has a node port that is its own.
func (r *reservation) nodePort(s *corev1.Service, i int, had map[int]bool) error {
	p := &s.Spec.Ports[i]
	if p.NodePort == 0 {
		n, err := r.nextPort()
		if err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate a nodePort: %w", err))
		}
		p.NodePort = int32(n)
		return nil
	}
	if n := int(p.NodePort); !had[n] && !slices.Contains(r.ports, n) {
		if err := r.takePort(n); err != nil {
			return invalidService(s, field.ErrorList{field.Invalid(field.NewPath("spec", "ports").Index(i).Child("nodePort"), p.NodePort, err.Error())})
		}
	}
	return nil
}

// requested is the node port that any port of s with this number asks for.
func requested(s *corev1.Service, port int32) int32 {
	for _, p := range s.Spec.Ports {
		if p.Port == port && p.NodePort != 0 {
			return p.NodePort
		}
	}
	return 0
}

// duplicates refuses two ports of one protocol at one node port.
func duplicates(s *corev1.Service) error {
	type key struct {
		protocol corev1.Protocol
		port     int32
	}
	seen := map[key]bool{}
	for _, p := range s.Spec.Ports {
		k := key{p.Protocol, p.NodePort}
		if p.NodePort != 0 && seen[k] {
			return fmt.Errorf("duplicate nodePort: %v", struct {
				Protocol corev1.Protocol
				NodePort int32
			}{p.Protocol, p.NodePort})
		}
		seen[k] = true
	}
	return nil
}

// healthPort takes the node port of health checks, or gives it back.
func (r *reservation) healthPort(s, old *corev1.Service) error {
	had, needs := old != nil && needsHealthPort(old), needsHealthPort(s)
	switch {
	case had && !needs:
		r.freePorts = append(r.freePorts, int(old.Spec.HealthCheckNodePort))
	case !had && needs && s.Spec.HealthCheckNodePort != 0:
		if err := r.takePort(int(s.Spec.HealthCheckNodePort)); err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate requested HealthCheck NodePort %v: %v", s.Spec.HealthCheckNodePort, err))
		}
	case !had && needs:
		n, err := r.nextPort()
		if err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate a HealthCheck NodePort %v: %v", n, err))
		}
		s.Spec.HealthCheckNodePort = int32(n)
	}
	return nil
}

func (r *reservation) takePort(n int) error {
	var err error
	switch {
	case slices.Contains(r.ports, n):
		return allocator.ErrPortAllocated
	case r.dryRun:
		err = r.a.ports.Check(n)
	default:
		err = r.a.ports.Take(n)
	}
	if err == nil {
		r.ports = append(r.ports, n)
	}
	return err
}

func (r *reservation) nextPort() (int, error) {
	n, err := r.a.ports.Next()
	if err != nil {
		return 0, err
	}
	if r.dryRun {
		r.a.ports.Release(n)
	}
	r.ports = append(r.ports, n)
	return n, nil
}
