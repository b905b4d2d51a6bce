package registry

// Upstream: pkg/registry/core/service/strategy.go

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/api"
)

func serviceStrategy() strategy {
	return strategy{
		rules: api.ServiceRules(), createOnUpdate: true,
		resets:        resets("v1", path("status")),
		prepareCreate: onCreate(func(s *corev1.Service) { s.Status = corev1.ServiceStatus{} }),
		prepareUpdate: onUpdate(func(s, old *corev1.Service) {
			s.Status = old.Status
			dropTypeDependent(s, old)
		}),
	}
}

func serviceStatusStrategy() strategy {
	return strategy{
		rules:         api.ServiceStatusRules(),
		resets:        resets("v1", path("spec")),
		prepareUpdate: onUpdate(func(s, old *corev1.Service) { s.Spec = old.Spec }),
	}
}

// dropTypeDependent clears what s no longer needs in its type, if the client
// left it as it was: what it changed is validation's to judge.
func dropTypeDependent(s, old *corev1.Service) {
	if needsIP(old) && !needsIP(s) {
		dropIPs(s, old)
	}
	if typeHasPorts(old) && !typeHasPorts(s) && !newPorts(s, old) {
		for i := range s.Spec.Ports {
			s.Spec.Ports[i].NodePort = 0
		}
	}
	if needsHealthPort(old) && !needsHealthPort(s) && s.Spec.HealthCheckNodePort == old.Spec.HealthCheckNodePort {
		s.Spec.HealthCheckNodePort = 0
	}
	if external(old) && !external(s) && s.Spec.ExternalTrafficPolicy == old.Spec.ExternalTrafficPolicy {
		s.Spec.ExternalTrafficPolicy = ""
	}
	if s.Spec.Type != corev1.ServiceTypeLoadBalancer {
		dropBalancer(s, old)
	}
}

func dropIPs(s, old *corev1.Service) {
	if s.Spec.ClusterIP == old.Spec.ClusterIP && equal(s.Spec.ClusterIPs, old.Spec.ClusterIPs) {
		s.Spec.ClusterIP, s.Spec.ClusterIPs = "", nil
	}
	if equal(s.Spec.IPFamilies, old.Spec.IPFamilies) {
		s.Spec.IPFamilies = nil
	}
	if equal(s.Spec.IPFamilyPolicy, old.Spec.IPFamilyPolicy) {
		s.Spec.IPFamilyPolicy = nil
	}
}

func dropBalancer(s, old *corev1.Service) {
	s.Status.LoadBalancer = corev1.LoadBalancerStatus{}
	if old.Spec.Type != corev1.ServiceTypeLoadBalancer {
		return
	}
	if equal(s.Spec.AllocateLoadBalancerNodePorts, old.Spec.AllocateLoadBalancerNodePorts) {
		s.Spec.AllocateLoadBalancerNodePorts = nil
	}
	if equal(s.Spec.LoadBalancerClass, old.Spec.LoadBalancerClass) {
		s.Spec.LoadBalancerClass = nil
	}
}

func needsIP(s *corev1.Service) bool { return s.Spec.Type != corev1.ServiceTypeExternalName }

// headless services have no cluster IP, by their own wish.
func headless(s *corev1.Service) bool {
	return len(s.Spec.ClusterIPs) > 0 && s.Spec.ClusterIPs[0] == corev1.ClusterIPNone || s.Spec.ClusterIP == corev1.ClusterIPNone
}

// typeHasPorts tells whether services of this type may have node ports.
func typeHasPorts(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeNodePort || s.Spec.Type == corev1.ServiceTypeLoadBalancer
}

// needsPorts tells whether each port is given a node port.
func needsPorts(s *corev1.Service) bool {
	give := s.Spec.AllocateLoadBalancerNodePorts
	return s.Spec.Type == corev1.ServiceTypeNodePort || s.Spec.Type == corev1.ServiceTypeLoadBalancer && (give == nil || *give)
}

func needsHealthPort(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeLoadBalancer && s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

// external services can be reached from outside of the cluster.
func external(s *corev1.Service) bool {
	return typeHasPorts(s) || s.Spec.Type == corev1.ServiceTypeClusterIP && len(s.Spec.ExternalIPs) > 0
}

// newPorts tells whether s has node ports that old had not.
func newPorts(s, old *corev1.Service) bool {
	had := nodePorts(old)
	for p := range nodePorts(s) {
		if !had[p] {
			return true
		}
	}
	return false
}

// nodePorts are the node ports of s.
func nodePorts(s *corev1.Service) map[int]bool {
	out := map[int]bool{}
	for _, p := range s.Spec.Ports {
		if p.NodePort != 0 {
			out[int(p.NodePort)] = true
		}
	}
	return out
}
