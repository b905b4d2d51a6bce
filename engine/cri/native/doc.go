// Package native is the container runtime for our own components: the control
// plane, kube-proxy and coredns run in pods, as real ones do.
//
// Upstream: containerd's CRI plugin, and the images at registry.k8s.io.
//
// How it works. An image is a repository's name for a Program, a Go function; a
// container is that function in a goroutine, with the arguments, environment,
// files and network that its pod gives it. What it writes goes to the log file
// in CRI's format. SIGTERM is the end of its context; one that does not listen
// is given up after the grace period (a goroutine cannot be killed). A panic
// ends the container, with exit code 2 and the stack in its log, and nothing
// else. Sandboxes take the node's network or an address of their own.
//
// What we leave out: exec (the real images are distroless: they have no shell),
// standard input, limits of CPU and memory, and a writable root file system.
package native
