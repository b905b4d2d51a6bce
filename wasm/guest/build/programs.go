package main

import "kubergarten/wasm/guest/pause"

// programs lists every guest: the table of contents of bin.
func programs() []program {
	return []program{
		{Name: "busybox", Dir: "busybox"},
		{Name: "http-echo", Dir: "httpecho"},
		{Name: "nginx", Dir: "nginx"},
		{Name: "whoami", Dir: "whoami"},
		{Name: "selftest", Dir: "guesttest/testdata/selftest", Test: true},
		{Name: "pause", Dir: "pause", Make: pause.Module},
	}
}
