// Package pause is the infra container of a pod: it waits for TERM or INT and
// reaps orphans meanwhile.
//
// Upstream: build/pause/linux/pause.c
//
// How it works. Every pod holds one, so it should weigh nothing: Module
// assembles the WebAssembly by hand, one page of memory, a loop around the
// read of a signal descriptor. No Go runtime is inside.
//
// What we leave out. The -v flag, and the warning when it is not process 1.
package pause
