// Package applet holds busybox's commands.
//
// Upstream: busybox.net, one .c file per applet
//
// How it works. Applets in registry.go is the table of contents. An applet is
// a function of a Proc: its arguments and standard streams. Output is buffered
// and flushed at the end, before a wait and before a child is started. Errors
// are worded as busybox words them.
//
// What we leave out. Options nobody types; each applet refuses those it does
// not know.
package applet
