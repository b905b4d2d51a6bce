// Package kuberuntime makes the runtime's picture of a pod that of its spec.
//
// Upstream: pkg/kubelet/kuberuntime.
//
// How it works. SyncPod compares the pod with what the runtime has (Status) and
// computes what to do, as a value (Actions, a pure function of pod, status and
// probe results): kill the pod, kill containers, make a sandbox, start the next
// init container, start containers. Then it does that. What cannot be started
// is in the Result, with the reason that the container's status shall show; a
// container that failed waits for its back-off: 10 s, 20 s, ... 5 min. Nothing
// is polled: events of the runtime bring the next SyncPod.
//
// What we leave out: in-place resize, user namespaces, restart of all
// containers by rule, image volumes, swap, huge pages, memory QoS, seccomp,
// AppArmor, SELinux and procMount (guests meet no kernel; the fields have no
// effect), resource claims, and Windows.
package kuberuntime
