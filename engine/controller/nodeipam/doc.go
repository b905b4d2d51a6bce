// Package nodeipam is the node IPAM controller: it gives each node the range of
// addresses for its pods.
//
// Upstream: pkg/controller/nodeipam (ipam/range_allocator.go).
//
// How it works. The cluster's range is cut into pieces of equal size, /24 unless
// told otherwise. A node without a range gets the next free piece; pieces that
// nodes have already are taken at the first look, and a deleted node's piece is
// free again.
//
// What we leave out: IPv6 and dual stack; cloud allocators.
package nodeipam
