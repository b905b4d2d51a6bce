// Package network is the cluster's virtual wire: network namespaces, their
// addresses, listeners and connections, the switch that joins them, and the
// plugin that gives pods their addresses.
//
// Upstream: what Linux network namespaces, veth pairs, routes and a CNI plugin
// (containernetworking/plugins: bridge, host-local) are to a real node.
package network
