// Package cri is the contract between the kubelet and a container runtime.
//
// Upstream: k8s.io/cri-api/pkg/apis (services.go) and its runtime/v1 messages.
//
// How it works. Runtime and Images have the CRI's methods under the CRI's names
// and carry the CRI's messages, so that serving them over gRPC, for crictl, is
// a matter of wrapping. Where the CRI returns the URL of a streaming server,
// ours takes the streams themselves: kubelet and runtime share a process.
// All paths in messages are absolute paths of the *virtual* node, which a
// runtime reaches only through the node's os.Root. Ledger keeps a runtime's books:
// states, times, filters, events.
//
// What we leave out: checkpoints, and the streaming server's URLs.
package cri
