// Package plugins is the scheduler's plugins, one a file.
//
// Upstream: pkg/scheduler/framework/plugins.
//
// How it works. Default is the table: the plugins in the order in which they
// are asked, with the weights of their scores. Each file holds one plugin: when
// it refuses a node, and in which words, or what it makes of a node's worth.
//
// What we leave out: the plugins for volumes, topology spread, inter-pod
// affinity and dynamic resources. Unsupported refuses the pods that ask for a
// constraint of theirs, rather than break it.
package plugins
