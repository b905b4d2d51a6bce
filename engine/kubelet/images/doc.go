// Package images makes sure that a container's image is on its node.
//
// Upstream: pkg/kubelet/images (image_manager.go), pkg/credentialprovider.
//
// How it works. EnsureImageExists looks at the pull policy and at what the node
// has, and pulls if it must, with the credentials of the pod's pull secrets.
// A pull that fails is tried again no sooner than its back-off allows: 10 s,
// 20 s, ... 5 min for each pod and image, on the cluster's clock. Each outcome
// is an event in upstream's words and one of upstream's errors, whose text is
// the reason in the container's status.
//
// What we leave out: image garbage collection, pulls one at a time, credential
// provider plugins, and the check of who pulled an image (all pods may use
// what the node has).
package images
