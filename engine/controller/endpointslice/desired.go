package endpointslice

// Upstream: k8s.io/endpointslice (reconciler.go, utils.go)

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/engine/controller"
)

// A group is the endpoints of a Service whose ports resolve alike.
type group struct {
	ports     []discoveryv1.EndpointPort
	endpoints []discoveryv1.Endpoint // sorted by address
}

// key tells groups apart; two port lists with one key are alike.
func portKey(ports []discoveryv1.EndpointPort) string {
	parts := make([]string, len(ports))
	for i, p := range ports {
		parts[i] = fmt.Sprintf("%s/%d/%s/%s", *p.Name, *p.Port, *p.Protocol, deref(p.AppProtocol))
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// desired is what the slices of svc should hold, by port list.
func desired(svc *corev1.Service, pods []*corev1.Pod, zoneOf func(node string) *string) map[string]*group {
	groups := map[string]*group{}
	for _, pod := range pods {
		if !belongs(pod) {
			continue
		}
		ports := endpointPorts(svc, pod)
		key := portKey(ports)
		g := groups[key]
		if g == nil {
			g = &group{ports: ports}
			groups[key] = g
		}
		g.endpoints = append(g.endpoints, endpoint(svc, pod, zoneOf))
	}
	for _, g := range groups {
		slices.SortFunc(g.endpoints, func(a, b discoveryv1.Endpoint) int { return cmp.Compare(a.Addresses[0], b.Addresses[0]) })
	}
	return groups
}

// belongs reports whether the pod is an endpoint at all: it has an address and
// has not ended.
func belongs(pod *corev1.Pod) bool {
	return pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed && pod.Status.PodIP != ""
}

func endpoint(svc *corev1.Service, pod *corev1.Pod, zoneOf func(string) *string) discoveryv1.Endpoint {
	serving, terminating := controller.IsReady(pod), pod.DeletionTimestamp != nil
	ready := svc.Spec.PublishNotReadyAddresses || serving && !terminating
	e := discoveryv1.Endpoint{
		Addresses:  []string{pod.Status.PodIP},
		Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &serving, Terminating: &terminating},
		TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
	}
	if pod.Spec.NodeName != "" {
		e.NodeName, e.Zone = &pod.Spec.NodeName, zoneOf(pod.Spec.NodeName)
	}
	if pod.Spec.Hostname != "" && pod.Spec.Subdomain == svc.Name {
		e.Hostname = &pod.Spec.Hostname
	}
	return e
}

// endpointPorts resolves svc's target ports in pod; one that the pod does not
// have is left out.
func endpointPorts(svc *corev1.Service, pod *corev1.Pod) []discoveryv1.EndpointPort {
	ports := []discoveryv1.EndpointPort{}
	for _, p := range svc.Spec.Ports {
		n, ok := targetPort(p, pod)
		if !ok {
			continue
		}
		ports = append(ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &n, Protocol: &p.Protocol, AppProtocol: p.AppProtocol})
	}
	return ports
}

// targetPort is the number of the container port that p means in pod.
func targetPort(p corev1.ServicePort, pod *corev1.Pod) (int32, bool) {
	if p.TargetPort.Type == intstr.Int {
		if p.TargetPort.IntVal == 0 {
			return p.Port, true
		}
		return p.TargetPort.IntVal, true
	}
	containers := append(slices.Clone(pod.Spec.Containers), sidecars(pod)...)
	for _, c := range containers {
		for _, cp := range c.Ports {
			if cp.Name == p.TargetPort.StrVal && cp.Protocol == p.Protocol {
				return cp.ContainerPort, true
			}
		}
	}
	return 0, false
}

func sidecars(pod *corev1.Pod) (out []corev1.Container) {
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			out = append(out, c)
		}
	}
	return out
}
