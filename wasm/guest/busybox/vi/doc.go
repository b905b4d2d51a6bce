// Package vi is busybox's editor.
//
// Upstream: busybox editors/vi.c, as it is configured by default
//
// How it works. An Editor is a state machine: Type takes the bytes that the
// terminal gives, Draw returns those that change its screen. Keys are collected
// until they are a whole command (command.go), which moves the cursor
// (motion.go), changes text (operator.go, edit.go), or starts to insert
// (insert.go), or to type a line for the colon commands and searches
// (prompt.go, colon.go). The text is one slice of bytes that always ends with a
// newline (text.go); each change of it goes through one function, which notes
// how to undo it. The screen is drawn line by line, those that differ from
// what is shown (screen.go). `.` types the last change's keys once more. Files
// are behind an interface, so that nothing here waits or fails by itself.
//
// What we leave out. Regular expressions in searches (upstream's default, too),
// operators with a search as their motion, `:!` and filters by programs, U,
// suspending with ^Z, redo. Control characters are inserted after ^V only.
package vi
