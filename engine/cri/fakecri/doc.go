// Package fakecri is a container runtime whose containers live as scripted.
//
// Upstream: k8s.io/cri-api/pkg/apis/testing (FakeRuntimeService), and kwok.
//
// How it works. The books are those of cri.Ledger; nothing runs. A Script tells
// for each container, by its configuration, how it lives: for ever, for a time
// and then with an exit code, or not at all. Ends come from timers of the
// injected clock, so a thousand idle containers hold no goroutine. Images are
// always there unless PullError says otherwise. Tests end containers by hand
// with Exit, and see what was called in Calls.
//
// What we leave out: files, logs, and what runs inside: exec and attach give
// what Script says.
package fakecri
