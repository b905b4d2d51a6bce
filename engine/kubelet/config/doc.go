// Package config reads the pods that a node's own files ask for.
//
// Upstream: pkg/kubelet/config (file.go, file_linux.go, common.go).
//
// How it works. File reads the manifests of a directory, one pod a file, and
// tells the kubelet the whole set whenever it changes: at once, when the host
// tells of a change (fswatch), and at FileCheckFrequency in any case. A static
// pod gets the node's name as suffix of its own, a UID that is a hash of the
// manifest, the node and the path (so that a changed file is a new pod), and
// the toleration of every NoExecute taint. A file that cannot be read or is no
// pod is logged; what it said before stays, so an editor's half-written file
// stops nothing. Pods from the API server come by informer, in the kubelet.
//
// What we leave out: manifests from a URL, and several pods in one file.
package config
