// Package kubelet is the kubelet: the agent of one node, which makes the pods
// bound to it real and tells the API server how they and the node are.
//
// Upstream: pkg/kubelet.
//
// How it works. Pods come from the node's manifest files (config) and, as soon
// as its door opens, from the API server (an informer on spec.nodeName); the
// kubelet needs neither to start. Each pod has a worker (pod_workers.go) that
// calls syncPod while the pod lives, then syncTerminatingPod, then
// syncTerminatedPod; calls about one pod never overlap, and a pod has a
// goroutine only while there is something to do. syncPod says how the pod is
// (status), mounts its volumes (volume), adds its probes (prober) and lets
// kuberuntime compare the spec with the runtime. Events of the runtime (pleg),
// results of probes, changed ConfigMaps and timers wake the worker again:
// nothing is polled. Static pods get a mirror pod in the API server. The node
// itself is registered and kept up to date by node.go, with a lease.
//
// What we leave out: eviction under pressure, image garbage collection, device
// plugins, cgroups and managers of CPU and memory, checkpoints, the HTTP server
// on port 10250 (package server is called directly), TLS bootstrap, in-place
// resize, pods from URLs, user namespaces, node shutdown, and the fields of
// KubeletConfiguration that LoadConfigFile names as ignored.
package kubelet
