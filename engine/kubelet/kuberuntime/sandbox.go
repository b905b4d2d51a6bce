package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go

import (
	"context"
	"fmt"
	"maps"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/types"
)

func (m *Manager) runSandbox(ctx context.Context, e *engine, pod *corev1.Pod, handler string, attempt uint32) (string, error) {
	cfg, err := m.sandboxConfig(pod, attempt)
	if err != nil {
		return "", fmt.Errorf("failed to generate sandbox config for pod %q: %w", types.Format(pod), err)
	}
	if err := m.Root.MkdirAll(rel(cfg.LogDirectory), 0o755); err != nil {
		return "", fmt.Errorf("failed to create log directory for pod %q: %w", types.Format(pod), err)
	}
	return e.RunPodSandbox(ctx, cfg, handler)
}

// PodLogs is the directory of the pod's logs.
func (m *Manager) PodLogs(pod *corev1.Pod) string {
	return path.Join(m.PodLogsDir, strings.Join([]string{pod.Namespace, pod.Name, string(pod.UID)}, "_"))
}

func (m *Manager) sandboxConfig(pod *corev1.Pod, attempt uint32) (*v1.PodSandboxConfig, error) {
	labels := map[string]string{}
	maps.Copy(labels, pod.Labels)
	maps.Copy(labels, podLabels(pod))
	dns, err := m.Helper.PodDNS(pod)
	if err != nil {
		return nil, err
	}
	cfg := &v1.PodSandboxConfig{
		Metadata:     &v1.PodSandboxMetadata{Name: pod.Name, Namespace: pod.Namespace, Uid: string(pod.UID), Attempt: attempt},
		Labels:       labels,
		Annotations:  pod.Annotations,
		DnsConfig:    dns,
		LogDirectory: m.PodLogs(pod),
		PortMappings: portMappings(pod),
		Linux:        m.sandboxLinux(pod),
	}
	if pod.Spec.HostNetwork {
		return cfg, nil
	}
	hostname, domain, err := m.Helper.HostnameAndDomain(pod)
	if err != nil {
		return nil, err
	}
	if pod.Spec.SetHostnameAsFQDN != nil && *pod.Spec.SetHostnameAsFQDN && domain != "" {
		hostname += "." + domain
		if len(hostname) > 64 {
			return nil, fmt.Errorf("failed to construct FQDN from pod hostname and cluster domain, FQDN %s is too long (64 characters is the max, %d characters requested)", hostname, len(hostname))
		}
	}
	cfg.Hostname = hostname
	return cfg, nil
}

func podLabels(pod *corev1.Pod) map[string]string {
	return map[string]string{
		types.KubernetesPodNameLabel:      pod.Name,
		types.KubernetesPodNamespaceLabel: pod.Namespace,
		types.KubernetesPodUIDLabel:       string(pod.UID),
	}
}

func portMappings(pod *corev1.Pod) []*v1.PortMapping {
	var out []*v1.PortMapping
	for _, c := range pod.Spec.Containers {
		for _, p := range c.Ports {
			proto := v1.Protocol_TCP
			switch p.Protocol {
			case corev1.ProtocolUDP:
				proto = v1.Protocol_UDP
			case corev1.ProtocolSCTP:
				proto = v1.Protocol_SCTP
			}
			out = append(out, &v1.PortMapping{HostIp: p.HostIP, HostPort: p.HostPort, ContainerPort: p.ContainerPort, Protocol: proto})
		}
	}
	return out
}

func (m *Manager) sandboxLinux(pod *corev1.Pod) *v1.LinuxPodSandboxConfig {
	sc := &v1.LinuxSandboxSecurityContext{NamespaceOptions: namespaces(pod)}
	cfg := &v1.LinuxPodSandboxConfig{SecurityContext: sc, Resources: m.podResources(pod)}
	if p := pod.Spec.SecurityContext; p != nil {
		cfg.Sysctls = map[string]string{}
		for _, s := range p.Sysctls {
			cfg.Sysctls[s.Name] = s.Value
		}
		sc.RunAsUser, sc.RunAsGroup = number(p.RunAsUser), number(p.RunAsGroup)
		sc.SupplementalGroups = p.SupplementalGroups
		if p.FSGroup != nil {
			sc.SupplementalGroups = append([]int64{*p.FSGroup}, sc.SupplementalGroups...)
		}
	}
	return cfg
}

func number(n *int64) *v1.Int64Value {
	if n == nil {
		return nil
	}
	return &v1.Int64Value{Value: *n}
}

func namespaces(pod *corev1.Pod) *v1.NamespaceOption {
	o := &v1.NamespaceOption{Network: container.NetworkMode(pod), Pid: v1.NamespaceMode_CONTAINER, Ipc: v1.NamespaceMode_POD}
	if pod.Spec.HostIPC {
		o.Ipc = v1.NamespaceMode_NODE
	}
	switch share := pod.Spec.ShareProcessNamespace; {
	case pod.Spec.HostPID:
		o.Pid = v1.NamespaceMode_NODE
	case share != nil && *share:
		o.Pid = v1.NamespaceMode_POD
	}
	return o
}
