package config

// Upstream: pkg/apis/core/v1/defaults.go

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// SetDefaults fills in the defaults of a pod that the kubelet itself relies on,
// as the API server would have.
func SetDefaults(pod *corev1.Pod) {
	s := &pod.Spec
	def(&s.RestartPolicy, corev1.RestartPolicyAlways)
	def(&s.DNSPolicy, corev1.DNSClusterFirst)
	def(&s.SchedulerName, corev1.DefaultSchedulerName)
	defPtr(&s.TerminationGracePeriodSeconds, int64(corev1.DefaultTerminationGracePeriodSeconds))
	defPtr(&s.EnableServiceLinks, true)
	if s.SecurityContext == nil {
		s.SecurityContext = &corev1.PodSecurityContext{}
	}
	for _, list := range [][]corev1.Container{s.InitContainers, s.Containers} {
		for i := range list {
			containerDefaults(&list[i], s.HostNetwork)
		}
	}
	for i := range s.Volumes {
		if h := s.Volumes[i].HostPath; h != nil {
			defPtr(&h.Type, corev1.HostPathUnset)
		}
	}
}

func containerDefaults(c *corev1.Container, hostNetwork bool) {
	policy := corev1.PullIfNotPresent
	if name := c.Image[strings.LastIndexByte(c.Image, '/')+1:]; !strings.Contains(name, ":") && !strings.Contains(name, "@") || strings.HasSuffix(name, ":latest") {
		policy = corev1.PullAlways
	}
	def(&c.ImagePullPolicy, policy)
	def(&c.TerminationMessagePath, corev1.TerminationMessagePathDefault)
	def(&c.TerminationMessagePolicy, corev1.TerminationMessageReadFile)
	for i := range c.Ports {
		def(&c.Ports[i].Protocol, corev1.ProtocolTCP)
		if hostNetwork {
			def(&c.Ports[i].HostPort, c.Ports[i].ContainerPort)
		}
	}
	for i := range c.Env {
		if v := c.Env[i].ValueFrom; v != nil && v.FieldRef != nil {
			def(&v.FieldRef.APIVersion, "v1")
		}
	}
	for name, q := range c.Resources.Limits {
		if _, ok := c.Resources.Requests[name]; !ok {
			if c.Resources.Requests == nil {
				c.Resources.Requests = corev1.ResourceList{}
			}
			c.Resources.Requests[name] = q.DeepCopy()
		}
	}
	for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if p != nil {
			probeDefaults(p)
		}
	}
}

func probeDefaults(p *corev1.Probe) {
	def(&p.TimeoutSeconds, 1)
	def(&p.PeriodSeconds, 10)
	def(&p.SuccessThreshold, 1)
	def(&p.FailureThreshold, 3)
	if p.HTTPGet != nil {
		def(&p.HTTPGet.Path, "/")
		def(&p.HTTPGet.Scheme, corev1.URISchemeHTTP)
	}
	if p.GRPC != nil {
		defPtr(&p.GRPC.Service, "")
	}
}

func def[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

func defPtr[T any](to **T, value T) {
	if *to == nil {
		*to = &value
	}
}
