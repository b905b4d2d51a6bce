// Package cells measures how wide a terminal shows text.
//
// Upstream: busybox's libbb/unicode.c, after Markus Kuhn's wcwidth
//
// How it works. East Asian wide characters take two columns, combining ones
// none, all others one. xterm counts the same way, so that programs and
// terminal agree on where the cursor is.
//
// What we leave out. Emoji made of several characters, and all that came after
// Unicode 6: terminals do not agree on them.
package cells
