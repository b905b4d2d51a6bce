// Package logs reads, follows and rotates the log files of containers.
//
// Upstream: k8s.io/cri-client/pkg/logs, pkg/kubelet/logs (container_log_manager.go).
//
// How it works. A runtime writes one line for each line of a container:
// "2026-01-02T15:04:05.999999999Z stdout F text", where P instead of F marks a
// part that the next line goes on with. Read copies the texts that the options
// select. Following waits for a change of the file's directory, told by the
// host (fswatch), or looks again after a while of the cluster's time where it
// cannot tell; it goes on in the new file after a rotation and ends with the
// container. Rotate renames a log that has grown too big, asks the runtime to
// open it anew, and removes the oldest.
//
// What we leave out: compression of rotated logs, and Docker's JSON format.
package logs
