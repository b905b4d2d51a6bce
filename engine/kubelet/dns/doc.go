// Package dns decides what a pod's /etc/resolv.conf says.
//
// Upstream: pkg/kubelet/network/dns/dns.go
//
// How it works. The pod's dnsPolicy chooses the base: the cluster's DNS server
// and search list, the node's own resolv.conf, or nothing; its dnsConfig is
// merged in; what exceeds the resolvers' limits is cut off, with an event. The
// runtime writes the file.
//
// What we leave out: the check of the node's own resolv.conf.
package dns
