package proxy

// Upstream: pkg/proxy/node.go, pkg/proxy/util/nodeport_addresses.go

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kube-proxy/config/v1alpha1"
)

// newHost reads what the rules need to know from the Node, which may be nil.
func newHost(name string, node *corev1.Node, cfg *v1alpha1.KubeProxyConfiguration) *host {
	h := &host{name: name}
	if node != nil {
		h.zone = node.Labels[corev1.LabelTopologyZone]
		h.own = nodeIPs(node)
	}
	if ip, err := netip.ParseAddr(cfg.BindAddress); err == nil && !ip.IsUnspecified() {
		h.own = append([]netip.Addr{ip}, h.own...)
	}
	h.nodePorts = nodePortAddresses(h.own, cfg)
	h.pods = podNetworks(node, cfg)
	if gw, ok := bridge(node); ok {
		h.own = append(h.own, gw)
	}
	return h
}

// nodeIPs are the node's addresses of our family, the internal ones first.
func nodeIPs(node *corev1.Node) []netip.Addr {
	var out []netip.Addr
	for _, kind := range []corev1.NodeAddressType{corev1.NodeInternalIP, corev1.NodeExternalIP} {
		for _, a := range node.Status.Addresses {
			if ip, err := netip.ParseAddr(a.Address); err == nil && a.Type == kind && ip.Is4() {
				out = append(out, ip)
			}
		}
	}
	return out
}

// nodePortAddresses are those of own that may have nodePorts. Unless told
// otherwise these are all, and localhost.
func nodePortAddresses(own []netip.Addr, cfg *v1alpha1.KubeProxyConfiguration) []netip.Addr {
	if len(cfg.NodePortAddresses) == 1 && cfg.NodePortAddresses[0] == primary {
		return own[:min(len(own), 1)]
	}
	all := slices.Clone(own)
	if deref(cfg.IPTables.LocalhostNodePorts, true) {
		all = append(all, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	cidrs, err := parseCIDRs(cfg.NodePortAddresses)
	if err != nil || len(cidrs) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(a netip.Addr) bool {
		return !slices.ContainsFunc(cidrs, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}

// podNetworks tells pods' addresses, as detectLocalMode says.
func podNetworks(node *corev1.Node, cfg *v1alpha1.KubeProxyConfiguration) []netip.Prefix {
	list := strings.Split(cfg.ClusterCIDR, ",")
	if cfg.DetectLocalMode == localNodeCIDR {
		list = nil
		if node != nil {
			list = append(list, node.Spec.PodCIDR)
		}
	}
	out, err := parseCIDRs(slices.DeleteFunc(list, func(s string) bool { return s == "" }))
	if err != nil {
		return nil
	}
	return out
}

// bridge is the address from which the node reaches its own pods: the first of
// its pod CIDR.
func bridge(node *corev1.Node) (netip.Addr, bool) {
	if node == nil {
		return netip.Addr{}, false
	}
	p, err := netip.ParsePrefix(node.Spec.PodCIDR)
	if err != nil {
		return netip.Addr{}, false
	}
	return p.Masked().Addr().Next(), true
}
