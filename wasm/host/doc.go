// Package host is what a guest may ask: processes, their descriptors, files,
// pipes, terminals, sockets, signals and clocks, offered to WASM modules as
// WASI preview 1, the WasmEdge socket extension, and the module kubergarten
// (ABI.md).
//
// Upstream: what the Linux kernel's system calls are to a container.
//
// How it works. A process is one wazero instance and one goroutine. Host
// functions are built once per runtime (Instantiate) and find their process in
// the context of the call. None of them blocks anywhere but in Process.park,
// which waits on the process's one wake channel: whatever a descriptor names
// (pipe, terminal, socket, signalfd) wakes all processes that hold it when its
// state changes, and they look again. So a blocked guest is a parked goroutine,
// and a signal, a timer and a byte wake it alike. A killed process dies at its
// next system call or fuel yield, or at once if it is parked. A native program
// (native.go) is a function of the host's that runs as a process: readers and
// writers let its goroutines wait for the same changes.
//
// Lock order: PIDs.mu, then Process.mu, then an object's own lock (pipe, tty,
// socket), then waiters.mu. Objects wake processes with no lock held but
// waiters.mu. The file system's locks (package vfs) are never held here.
//
// What we leave out: threads, FIFOs and Unix sockets in the file system, record
// locks, process groups and sessions (a terminal signals the newest processes
// that hold it), ignored signals that a child inherits, WASI's rights, peeking at
// a socket, IPv6 addresses other than mapped ones. Socket options that change
// nothing on this wire (buffer sizes, keep-alive) are kept as they were set. A
// stopped process is not reported to its parent. Files opened with SYNC are synced
// by fd_sync alone.
package host
