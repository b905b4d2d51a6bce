// Command httpecho is hashicorp/http-echo: a server that answers one text.
//
// Upstream: github.com/hashicorp/http-echo
//
// How it works. The flags, messages, log line and exit codes are upstream's;
// the server is package httpwire's.
//
// What we leave out. Nothing of its flags.
package main
