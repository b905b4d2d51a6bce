// Package volume puts the files of pods' volumes on their node.
//
// Upstream: pkg/volume (configmap, secret, projected, downwardapi, emptydir,
// hostpath, util/atomic_writer.go), pkg/kubelet/volumemanager, token.
//
// How it works. Mount brings every volume of a pod to the state that the pod
// asks for, and is called again whenever a ConfigMap, a Secret or a token
// changes. What comes from the API is written by the atomic writer: files go
// into a new directory, and one rename of the symbolic link "..data" shows them
// all at once. A subPath that names a file is mounted through a hard link, so
// that it can neither escape its volume nor vanish with an update. Everything
// goes through the node's os.Root: nothing reaches the host's own files.
//
// What we leave out: PersistentVolumeClaims, ephemeral and image volumes, CSI
// and the in-tree disks (refused, with an event), owners and groups of files
// (fsGroup: guests have no users), sizeLimit and medium of emptyDir (no effect: it
// is a directory), ClusterTrustBundle
// and pod certificate projections, mount propagation and block devices.
package volume
