// Command busybox is the multi-call program of the catalog's small images: a
// shell and the commands people type.
//
// Upstream: busybox.net
//
// How it works. The name it is started by chooses the applet; `busybox ls`
// does too. Package applet has the applets, package ash the shell, package vi
// the editor.
//
// What we leave out. Other editors than vi, kernel tools (dmesg, insmod), raw sockets
// (traceroute), login and init.
package main
