// Package workbench is where learners work: for each of them a shell in a
// container of their own, with files that stay and with kubectl.
//
// Upstream: nothing; it is what `kubectl run -it --image=busybox` would give
// them, with the machine from which they use kubectl.
//
// How it works. The workbench has a container runtime (wasm/runtime) of its
// own on one node of the cluster: its containers are on the cluster's network
// and use its DNS, and the API knows nothing of them. A learner's container is
// made when they first open a shell (bench.go), and again if it was lost. Its
// first process is a native one that waits; each shell is exec'd beside it, on
// a terminal (session.go), and dies with its session, with all that it has
// started. /root is a directory of the host (home.go), bounded by a quota, and
// reached only through os.Root. kubectl is a native program (kubectl.go), a
// function of who opened the session; it sees its standard input only if its
// arguments say that it reads it. Dial reaches the cluster's network from
// outside of any container (dial.go).
//
// What we leave out: other users than root in a bench, other tools than
// busybox's and kubectl. While kubectl runs it may write more to /root than
// the quota allows: that is looked at every second, and then it is ended.
package workbench
