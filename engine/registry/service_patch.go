package registry

// Upstream: pkg/registry/core/service/storage/storage.go

import corev1 "k8s.io/api/core/v1"

// patchAllocated gives s what old was given and s leaves out, so that the YAML
// that made a service can be sent again.
func patchAllocated(s, old *corev1.Service) {
	if needsIP(s) && needsIP(old) {
		if s.Spec.ClusterIP == "" {
			s.Spec.ClusterIP = old.Spec.ClusterIP
		}
		if len(s.Spec.ClusterIPs) == 0 {
			s.Spec.ClusterIPs = old.Spec.ClusterIPs
		}
	}
	if needsPorts(s) && needsPorts(old) {
		patchNodePorts(s, old)
	}
	if needsHealthPort(s) && needsHealthPort(old) && s.Spec.HealthCheckNodePort == 0 {
		s.Spec.HealthCheckNodePort = old.Spec.HealthCheckNodePort
	}
}

// patchNodePorts gives ports of s the node port that the port of the same name
// had in old, unless another port of s has it now.
func patchNodePorts(s, old *corev1.Service) {
	now := nodePorts(s)
	had := map[string]int32{}
	for _, p := range old.Spec.Ports {
		had[p.Name] = p.NodePort
	}
	for i := range s.Spec.Ports {
		if p := &s.Spec.Ports[i]; p.NodePort == 0 && !now[int(had[p.Name])] {
			p.NodePort = had[p.Name]
		}
	}
}

// normalizeIPs makes clusterIPs what a client means that only knows clusterIP.
// old is nil on create.
func normalizeIPs(s, old *corev1.Service) {
	spec := &s.Spec
	if old == nil {
		if spec.ClusterIP != "" && len(spec.ClusterIPs) == 0 {
			spec.ClusterIPs = []string{spec.ClusterIP}
		}
		return
	}
	if len(spec.ClusterIPs) == 0 && spec.ClusterIP == old.Spec.ClusterIP {
		spec.ClusterIPs = old.Spec.ClusterIPs
	}
	if spec.ClusterIP == old.Spec.ClusterIP || !equal(spec.ClusterIPs, old.Spec.ClusterIPs) {
		return
	}
	spec.ClusterIPs = nil
	if spec.ClusterIP != "" {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
}
