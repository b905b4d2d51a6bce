// Package vi is the editor vi, as busybox has it.
//
// Upstream: busybox, editors/vi.c.
//
// How it works. An Editor is a text, a cursor and a mode (editor.go); it knows
// nothing of files and terminals. Key takes what is typed: in command mode
// (command.go) a motion (motion.go) moves the cursor, and an operator before a
// motion works on what lies between (operator.go); in insert mode (insert.go)
// keys are text; after ':' or '/' they are a line (colon.go, search.go). Each
// change can be undone, as one (undo.go). Screen draws all of it anew
// (screen.go). Decode makes keys of a terminal's bytes (keys.go). Run puts them
// together on a terminal.
//
// What we leave out: marks, named registers, macros, other options than
// autoindent, number and ignorecase, filters and the commands of shells, more
// than one file, and the commands that busybox has not.
package vi
