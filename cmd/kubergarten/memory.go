package main

import "runtime/debug"

// hurry lets a cluster start with few garbage collections.
func hurry() { debug.SetGCPercent(400) }

// settle is called when the cluster is ready: from now on memory is worth more
// than time, and what only the start needed goes back to the system.
func settle() {
	debug.SetGCPercent(30)
	debug.FreeOSMemory()
}
