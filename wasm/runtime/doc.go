// Package runtime is the container runtime of a node: pods as sandboxes whose
// containers are processes of WASM modules.
//
// Upstream: containerd's CRI plugin (internal/cri/server, internal/cri/io), with
// runc below it; the errors have their words.
//
// How it works. A sandbox is an infra container: the pause guest runs, and with
// it live the network namespace, the host name and, if shared, the PID
// namespace. A container is made of an image's tree below a writable top, the
// mounts of its configuration, an account of CPU (wasm/fuel) and one of memory
// (wasm/image); to start it is to start its first process (wasm/host), which
// all others descend from or are exec'd beside. All of them live under the
// container's context: cancelling it kills them. One goroutine per container
// waits for the end, flushes its log and notes the exit in the ledger, which
// tells the kubelet; an exec that died with its container returns only then.
// Logs pass a token bucket, so a flood blocks the writer.
// Lock order: Runtime.mu, then container.mu; neither is held while waiting.
//
// What we leave out. Of security contexts: capabilities, privileged, seccomp,
// AppArmor, SELinux, masked paths, user namespaces; there is no kernel behind a
// guest that they could guard. Of resources: cpu shares, cpusets, huge pages,
// swap. Also devices, image volumes (refused), mount propagation, IPC
// namespaces, and a PID namespace of the node: hostPID shows the pod's.
package runtime
