// Package fswatch tells of changes in directories of the host.
//
// Upstream: pkg/kubelet/config/file_linux.go watches its directory by inotify.
//
// How it works. A Hub holds one fsnotify watcher, however many directories are
// watched by however many kubelets, for a host has few watchers (128 by
// default on Linux). It is made at the first Watch and closed with the last.
// Those who watch are told that something changed, and look for themselves.
//
// What we leave out: what changed, and trees of directories.
package fswatch
