// Package terminal is a shell in the browser: the page with its tabs, the
// panel beside a lesson, and the WebSocket to the shells.
//
// Upstream has no such package; kubernetes/dashboard has its terminal in
// modules/api/pkg/handler/terminal.go.
//
// How it works. A shell belongs to a visitor, not to a socket. Terminals keeps
// it together with the last of what it said, so that a page which was loaded
// anew, or whose connection broke, attaches again and misses nothing; a shell
// that nobody looks at for a quarter of an hour ends. A socket opens with a ticket, which
// only a page of ours with a session could fetch, and which works once. Bytes
// travel as binary messages, everything else as JSON (message.go). Both sides
// count the bytes: the page tells how much it has shown, and the shell is read
// no further than that and a window; the server tells how much the shell has
// taken, and what it has not, the page sends again.
//
// What we leave out. Two windows on one shell: the newer one takes it. Files
// that are dragged in, pictures (sixel), and OSC 52, by which what runs in a
// shell could read or write the clipboard.
package terminal
