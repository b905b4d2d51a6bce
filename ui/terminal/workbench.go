package terminal

import (
	"context"
	"io"

	"kubergarten/ui/frame"
)

// A Workbench gives shells.
type Workbench interface {
	// Open starts a shell for who, who may do as rest says. It waits until the
	// workbench is there. The shell lives until ctx ends or it is closed.
	Open(ctx context.Context, who *frame.Visitor, size Size) (Session, error)
	// Renew lets the shells of who do as who may now, by a new credential.
	Renew(who *frame.Visitor) error
}

// A Size is a terminal's, in cells.
type Size struct {
	Cols uint16 `json:"cols"`
	Rows uint16 `json:"rows"`
}

// A Session is a shell: the terminal's bytes in both directions. Read ends
// with io.EOF when the shell has ended; Close ends the shell.
type Session interface {
	io.ReadWriteCloser
	Resize(Size)
}
