package kubeadm

import (
	"net"
	"net/netip"
	"time"
)

// Versions that the manifests name.
const (
	KubernetesVersion = "v1.36.3"
	EtcdVersion       = "3.6.8-0"
	CoreDNSVersion    = "v1.14.2"
)

// A Config describes the cluster to make.
type Config struct {
	NodeName      string       // of the control-plane node
	NodeIP        netip.Addr   // its address on the virtual network
	PodCIDR       netip.Prefix // 10.244.0.0/16
	ServiceCIDR   netip.Prefix // 10.96.0.0/12
	DNSDomain     string       // cluster.local
	ExternalNames []string     // further names and addresses of the API server: localhost, 127.0.0.1
	Server        string       // URL of the API server for people: https://127.0.0.1:6443
	Now           time.Time    // when certificates begin to be valid
}

// APIServerIP is the address of the Service kubernetes: the first of the range.
func (c Config) APIServerIP() netip.Addr { return nth(c.ServiceCIDR, 1) }

// DNSIP is the address of the Service kube-dns: the tenth of the range.
func (c Config) DNSIP() netip.Addr { return nth(c.ServiceCIDR, 10) }

func nth(p netip.Prefix, n int) netip.Addr {
	a := p.Masked().Addr()
	for range n {
		a = a.Next()
	}
	return a
}

// InternalServer is the URL of the API server on the virtual network.
func (c Config) InternalServer() string {
	return "https://" + net.JoinHostPort(c.NodeIP.String(), "6443")
}

// names are all by which the API server is called, for its certificate.
func (c Config) names() []string {
	return append([]string{
		c.NodeName, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + c.DNSDomain,
		c.APIServerIP().String(), c.NodeIP.String(),
	}, c.ExternalNames...)
}
