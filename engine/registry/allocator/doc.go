// Package allocator gives out the cluster IPs and node ports of services.
//
// Upstream: pkg/registry/core/service/{allocator,ipallocator,portallocator}.
//
// How it works. A Pool is a set of small numbers. Random ones come from its
// upper part; its lower part is left to those who ask for a number of their own,
// until the upper part is full. IPs and Ports map addresses and ports to such
// numbers. Nothing is stored: who starts reads the services there are, and takes
// what they have.
//
// What we leave out: IPAddress and ServiceCIDR objects; several API servers
// that allocate at the same time.
package allocator
