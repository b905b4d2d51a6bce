// Package fuel makes a guest preemptible, killable and accountable: it rewrites
// a wasm module so that it burns fuel as it runs, and keeps the account of the
// CPU time that a container's processes use.
//
// Upstream has no such package: its nearest kin are the CPU controller of
// cgroups (cpu.max) and the timer interrupt of a kernel.
//
// How it works. Compiled wasm cannot be preempted by Go: an endless loop would
// stop the whole server at the next collection of garbage. So Rewrite adds a
// counter, the exported i64 global "__fuel", and an import, fuel.yield. Each
// loop header and each function entry takes from the counter the size of the
// code it leads; memory.fill and memory.copy are cut into chunks that pay by
// size, as do the other bulk operations; below zero the guest calls yield.
// There a Meter (one a process) fills the counter again, charges the time that
// passed to the Account (one a container), sleeps while the container is over
// its limit, queues for one of the Cores, and ends the process if it was killed.
// Before that, Scan refuses modules that would bomb the compiler. Lift takes the
// initial data out of a module, so that all its instances can share it.
//
// What we leave out: threads, exceptions, multiple memories, 64 bit memories
// and relaxed SIMD, which are refused; a bound on recursion below wazero's own.
package fuel
