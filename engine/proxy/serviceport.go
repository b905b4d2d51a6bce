package proxy

// Upstream: pkg/proxy/serviceport.go, pkg/proxy/util/utils.go (ShouldSkipService)

import (
	"net/netip"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/network"
)

// A servicePort is what the rules of one port of one Service follow from.
type servicePort struct {
	name          string // "default/web:http"
	endpoints     string // the port's name in EndpointSlices
	protocol      network.Protocol
	clusterIP     netip.AddrPort
	nodePort      uint16
	externals     []netip.AddrPort // external IPs
	balancers     []netip.AddrPort // addresses of load balancers that lead here
	sources       []netip.Prefix   // who may use the balancers' addresses; empty is everybody
	sticky        time.Duration    // session affinity; 0 is none
	internalLocal bool
	externalLocal bool
}

// skip reports whether svc has no rules: headless, ExternalName, no address.
func skip(svc *corev1.Service) bool {
	return svc.Spec.Type == corev1.ServiceTypeExternalName || svc.Spec.ClusterIP == "" || svc.Spec.ClusterIP == corev1.ClusterIPNone
}

// portsOf returns the ports of svc that have rules.
func portsOf(svc *corev1.Service) []servicePort {
	if skip(svc) {
		return nil
	}
	ip, err := netip.ParseAddr(clusterIPv4(svc))
	if err != nil {
		return nil
	}
	var out []servicePort
	for i := range svc.Spec.Ports {
		p := &svc.Spec.Ports[i]
		if p.Protocol == corev1.ProtocolTCP || p.Protocol == corev1.ProtocolUDP || p.Protocol == "" {
			out = append(out, newServicePort(svc, p, ip))
		}
	}
	return out
}

// clusterIPv4 is the address of svc of our family.
func clusterIPv4(svc *corev1.Service) string {
	for _, s := range append([]string{svc.Spec.ClusterIP}, svc.Spec.ClusterIPs...) {
		if ip, err := netip.ParseAddr(s); err == nil && ip.Is4() {
			return s
		}
	}
	return ""
}

func newServicePort(svc *corev1.Service, p *corev1.ServicePort, ip netip.Addr) servicePort {
	port := uint16(p.Port)
	out := servicePort{
		name:          portName(svc.Namespace+"/"+svc.Name, p.Name),
		endpoints:     p.Name,
		protocol:      network.Protocol(orElse(string(p.Protocol), string(corev1.ProtocolTCP))),
		clusterIP:     netip.AddrPortFrom(ip, port),
		nodePort:      uint16(p.NodePort),
		externals:     addrs(svc.Spec.ExternalIPs, port),
		sticky:        sticky(svc),
		internalLocal: deref(svc.Spec.InternalTrafficPolicy, "") == corev1.ServiceInternalTrafficPolicyLocal,
		externalLocal: externallyAccessible(svc) && svc.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal,
	}
	out.balancers = addrs(vips(svc), port)
	out.sources = sources(svc.Spec.LoadBalancerSourceRanges)
	return out
}

// portName is how logs and rules call the port.
func portName(service, port string) string {
	if port == "" {
		return service
	}
	return service + ":" + port
}

func externallyAccessible(svc *corev1.Service) bool {
	return svc.Spec.Type == corev1.ServiceTypeLoadBalancer || svc.Spec.Type == corev1.ServiceTypeNodePort ||
		svc.Spec.Type == corev1.ServiceTypeClusterIP && len(svc.Spec.ExternalIPs) > 0
}

func sticky(svc *corev1.Service) time.Duration {
	if svc.Spec.SessionAffinity != corev1.ServiceAffinityClientIP {
		return 0
	}
	s := int32(corev1.DefaultClientIPServiceAffinitySeconds)
	if c := svc.Spec.SessionAffinityConfig; c != nil && c.ClientIP != nil {
		s = deref(c.ClientIP.TimeoutSeconds, s)
	}
	return time.Duration(s) * time.Second
}

// vips are the load balancers' addresses whose packets arrive as they are.
func vips(svc *corev1.Service) []string {
	var out []string
	for _, ing := range svc.Status.LoadBalancer.Ingress {
		if deref(ing.IPMode, corev1.LoadBalancerIPModeVIP) == corev1.LoadBalancerIPModeVIP {
			out = append(out, ing.IP)
		}
	}
	return out
}

func addrs(list []string, port uint16) []netip.AddrPort {
	var out []netip.AddrPort
	for _, s := range list {
		if ip, err := netip.ParseAddr(s); err == nil && ip.Is4() {
			out = append(out, netip.AddrPortFrom(ip, port))
		}
	}
	return out
}

// sources reads the ranges; one that admits everybody is as none.
func sources(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err == nil && p.Bits() == 0 {
			return nil
		}
		if err == nil && p.Addr().Is4() {
			out = append(out, p.Masked())
		}
	}
	return out
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// external reports whether the port is reached otherwise than by its clusterIP.
func (p *servicePort) external() bool {
	return p.nodePort != 0 || len(p.externals) > 0 || len(p.balancers) > 0
}

func (p *servicePort) usesCluster() bool { return !p.internalLocal || p.external() }
func (p *servicePort) usesLocal() bool   { return p.internalLocal || p.externalLocal && p.external() }
