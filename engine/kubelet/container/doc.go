// Package container is the kubelet's own idea of pods and containers as the
// runtime has them.
//
// Upstream: pkg/kubelet/container.
//
// How it works. PodStatus is what the runtime knows of one pod: its sandboxes
// and its containers, newest first, with what the kubelet wrote into their
// labels and annotations read back. Helpers answer the questions that are
// asked of a pod and its status together: should this container be restarted,
// what is its hash, where in the pod's spec does it stand.
//
// What we leave out: caches (the runtime is in the same process), devices,
// and Windows.
package container
