package coredns

// Upstream: plugin/kubernetes/kubernetes.go (Records, findServices, findPods), reverse.go

import (
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// A record is what stands behind a name.
type record struct {
	owner string // the name that has it
	host  string // an address, or the name it is another name for
	port  int    // -1 for none
}

// find returns what stands behind a name in zone: errNoName if the name does
// not exist, nothing if it exists without records.
func (k *kubernetes) find(name, zone string) ([]record, request, error) {
	r, err := parseRequest(name, zone)
	if err != nil || r.kind == "" {
		return nil, r, err
	}
	if isReverse(zone) || !k.exposed(r.namespace) {
		return nil, r, errNoName
	}
	if r.service == "" {
		return nil, r, nil
	}
	if r.kind == "pod" {
		recs, err := k.findPods(r, name)
		return recs, r, err
	}
	recs, err := k.findServices(r, zone)
	return recs, r, err
}

// findPods answers for addresses written as names: 10-244-1-5.default.pod.
func (k *kubernetes) findPods(r request, name string) ([]record, error) {
	text := strings.ReplaceAll(r.service, "-", ":")
	if strings.Count(r.service, "-") == 3 && !strings.Contains(r.service, "--") {
		text = strings.ReplaceAll(r.service, "-", ".")
	}
	ip, ok := parseIP(text)
	if !ok || k.pods == podsDisabled || k.pods == podsVerified && !k.podExists(r.namespace, text) {
		return nil, errNoName
	}
	return []record{{owner: name, host: ip.String(), port: -1}}, nil
}

func (k *kubernetes) podExists(ns, ip string) bool {
	for _, p := range k.objects.pods.Indexed(byIP, ip) {
		if p.Namespace == ns && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
			return true
		}
	}
	return false
}

func (k *kubernetes) findServices(r request, zone string) ([]record, error) {
	svc, ok := k.objects.services.Get(r.namespace, r.service)
	owner := r.service + "." + r.namespace + ".svc." + zone
	switch {
	case !ok:
		return nil, errNoName
	case svc.Spec.Type == corev1.ServiceTypeExternalName:
		if r.endpoint != "" || r.port != "" || r.protocol != "" {
			return nil, errNoName
		}
		return []record{{owner, svc.Spec.ExternalName, -1}}, nil
	case headless(svc) || r.endpoint != "":
		return k.findEndpoints(r, owner)
	case k.ignoreEmpty && !k.populated(r):
		return nil, errNoName
	}
	return findClusterIPs(svc, r, owner)
}

// findEndpoints answers with the endpoints themselves, each under its own name.
func (k *kubernetes) findEndpoints(r request, owner string) ([]record, error) {
	var out []record
	if k.noEndpoints {
		return nil, errNoName
	}
	for _, s := range k.objects.slices.Indexed(byService, r.namespace+"/"+r.service) {
		for _, e := range k.endpointsOf(s) {
			if (r.endpoint == "" || r.endpoint == e.host) && r.admits(e.portName, e.protocol) {
				out = append(out, record{e.host + "." + owner, e.ip, e.port})
			}
		}
	}
	if len(out) == 0 {
		return nil, errNoName
	}
	return out, nil
}

func (k *kubernetes) populated(r request) bool {
	if k.noEndpoints {
		return false
	}
	for _, s := range k.objects.slices.Indexed(byService, r.namespace+"/"+r.service) {
		if len(k.endpointsOf(s)) > 0 {
			return true
		}
	}
	return false
}

func findClusterIPs(svc *corev1.Service, r request, owner string) ([]record, error) {
	ports := svc.Spec.Ports
	if len(ports) == 0 {
		ports = []corev1.ServicePort{{Port: -1}}
	}
	var out []record
	found := errNoName
	for _, p := range ports {
		if !r.admits(p.Name, string(p.Protocol)) {
			continue
		}
		found = nil
		for _, ip := range clusterIPs(svc) {
			out = append(out, record{owner, ip, int(p.Port)})
		}
	}
	return out, found
}

// admits reports whether r asks for that port, or for none.
func (r request) admits(port, protocol string) bool {
	return (r.port == "" || strings.EqualFold(r.port, port)) && (r.protocol == "" || strings.EqualFold(r.protocol, protocol))
}

// reverse returns the names of an address: of the Service that has it, or of
// the endpoints.
func (k *kubernetes) reverse(ip netip.Addr) ([]string, error) {
	for _, s := range k.objects.services.Indexed(byIP, ip.String()) {
		if len(k.namespaces) == 0 || k.exposed(s.Namespace) {
			return []string{s.Name + "." + s.Namespace + ".svc." + k.primary}, nil
		}
	}
	names := k.reverseEndpoints(ip)
	if len(names) == 0 {
		return nil, errNoName
	}
	return names, nil
}

func (k *kubernetes) reverseEndpoints(ip netip.Addr) (names []string) {
	if k.noEndpoints {
		return nil
	}
	seen := map[string]bool{}
	for _, s := range k.objects.slices.Indexed(byIP, ip.String()) {
		if len(k.namespaces) > 0 && !k.exposed(s.Namespace) {
			continue
		}
		for _, e := range k.endpointsOf(s) {
			name := e.host + "." + s.Labels["kubernetes.io/service-name"] + "." + s.Namespace + ".svc." + k.primary
			if e.ip == ip.String() && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}
