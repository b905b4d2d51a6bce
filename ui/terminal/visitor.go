package terminal

import "kubergarten/ui/frame"

// A Visitor is who opens a shell.
type Visitor = frame.Visitor
