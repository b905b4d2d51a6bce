package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container_linux.go, pkg/kubelet/qos/policy.go

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	helper "k8s.io/component-helpers/resource"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/types"
)

const (
	minShares      = 2
	maxShares      = 262144
	sharesPerCPU   = 1024
	minQuotaMicros = 1000
)

// shares is the weight of so many thousandths of a CPU.
func shares(milli int64) int64 {
	if milli == 0 {
		return minShares
	}
	return min(max(milli*sharesPerCPU/1000, minShares), maxShares)
}

// quota is how many microseconds of each period so many thousandths of a CPU are.
func quota(milli int64, period time.Duration) int64 {
	if milli == 0 {
		return 0
	}
	return max(milli*period.Microseconds()/1000, minQuotaMicros)
}

func (m *Manager) linuxResources(requests, limits corev1.ResourceList) *v1.LinuxContainerResources {
	r := &v1.LinuxContainerResources{MemoryLimitInBytes: limits.Memory().Value()}
	cpu := requests.Cpu().MilliValue()
	if _, ok := requests[corev1.ResourceCPU]; !ok {
		cpu = limits.Cpu().MilliValue()
	}
	r.CpuShares = shares(cpu)
	if m.CFSQuota && !limits.Cpu().IsZero() {
		r.CpuPeriod = m.CFSPeriod.Microseconds()
		r.CpuQuota = quota(limits.Cpu().MilliValue(), m.CFSPeriod)
	}
	return r
}

func (m *Manager) podResources(pod *corev1.Pod) *v1.LinuxContainerResources {
	return m.linuxResources(helper.PodRequests(pod, helper.PodResourcesOptions{}), helper.PodLimits(pod, helper.PodResourcesOptions{}))
}

func (m *Manager) containerLinux(pod *corev1.Pod, c *corev1.Container, target string, p *container.PodStatus) *v1.LinuxContainerConfig {
	limits := c.Resources.Limits
	if pod.Spec.Resources != nil { // what the pod as a whole may use bounds each container
		limits = corev1.ResourceList{}
		for name, q := range pod.Spec.Resources.Limits {
			limits[name] = q
		}
		for name, q := range c.Resources.Limits {
			limits[name] = q
		}
	}
	r := m.linuxResources(c.Resources.Requests, limits)
	r.OomScoreAdj = m.oomScore(pod, c)
	sc := securityContext(pod, c)
	if st := p.Find(target); target != "" && st != nil && sc.NamespaceOptions.Pid == v1.NamespaceMode_CONTAINER {
		sc.NamespaceOptions.Pid, sc.NamespaceOptions.TargetId = v1.NamespaceMode_TARGET, st.ID.ID
	}
	return &v1.LinuxContainerConfig{Resources: r, SecurityContext: sc}
}

// oomScore says how soon a container is the victim when memory runs out.
func (m *Manager) oomScore(pod *corev1.Pod, c *corev1.Container) int64 {
	switch {
	case types.IsNodeCriticalPod(pod), QOS(pod) == corev1.PodQOSGuaranteed:
		return -997
	case QOS(pod) == corev1.PodQOSBestEffort, m.MemoryCapacity == 0:
		return 1000
	}
	adj := 1000 - 1000*c.Resources.Requests.Memory().Value()/m.MemoryCapacity
	return min(max(adj, 3), 999)
}

// QOS is the pod's quality of service.
func QOS(pod *corev1.Pod) corev1.PodQOSClass {
	if pod.Status.QOSClass != "" {
		return pod.Status.QOSClass
	}
	guaranteed, any := true, false
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range list {
			for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				request, limit := list[i].Resources.Requests[name], list[i].Resources.Limits[name]
				any = any || !request.IsZero() || !limit.IsZero()
				guaranteed = guaranteed && !limit.IsZero() && (request.IsZero() || request.Cmp(limit) == 0)
			}
		}
	}
	switch {
	case !any:
		return corev1.PodQOSBestEffort
	case guaranteed:
		return corev1.PodQOSGuaranteed
	}
	return corev1.PodQOSBurstable
}

// securityContext passes on what the pod and the container ask for.
func securityContext(pod *corev1.Pod, c *corev1.Container) *v1.LinuxContainerSecurityContext {
	_, user := effectiveUser(pod, c)
	out := &v1.LinuxContainerSecurityContext{NamespaceOptions: namespaces(pod), RunAsUser: number(user)}
	if p := pod.Spec.SecurityContext; p != nil {
		out.RunAsGroup, out.SupplementalGroups = number(p.RunAsGroup), p.SupplementalGroups
		if p.FSGroup != nil {
			out.SupplementalGroups = append([]int64{*p.FSGroup}, out.SupplementalGroups...)
		}
	}
	s := c.SecurityContext
	if s == nil {
		return out
	}
	if s.RunAsGroup != nil {
		out.RunAsGroup = number(s.RunAsGroup)
	}
	out.Privileged = s.Privileged != nil && *s.Privileged
	out.ReadonlyRootfs = s.ReadOnlyRootFilesystem != nil && *s.ReadOnlyRootFilesystem
	out.NoNewPrivs = s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation
	if s.Capabilities != nil {
		out.Capabilities = &v1.Capability{}
		for _, a := range s.Capabilities.Add {
			out.Capabilities.AddCapabilities = append(out.Capabilities.AddCapabilities, string(a))
		}
		for _, d := range s.Capabilities.Drop {
			out.Capabilities.DropCapabilities = append(out.Capabilities.DropCapabilities, string(d))
		}
	}
	return out
}
