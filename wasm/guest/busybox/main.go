package main

import (
	"os"
	"runtime/debug"

	"kubergarten/wasm/guest/busybox/applet"
)

func main() {
	// A process should be small: collect often rather than let the heap grow
	// to Go's usual 4 MB first.
	debug.SetGCPercent(20)
	os.Exit(applet.Main(os.Args))
}
