package host

import (
	"context"
	"errors"
)

// A Process is one running instance of a program.
type Process struct{}

// Start starts a process as cfg says and returns when it runs. It ends with
// ctx, as if killed.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	return nil, errors.New("not yet")
}

// PID is the process's number in its PID namespace.
func (p *Process) PID() int { return 0 }

// Signal sends the process a signal, as from outside its PID namespace.
func (p *Process) Signal(sig int) {}

// Done is closed when the process has ended and its descriptors are closed.
func (p *Process) Done() <-chan struct{} { return nil }

// Exit tells how the process ended. It is valid once Done is closed.
func (p *Process) Exit() Exit { return Exit{} }

// Wait waits for the end of the process, or of ctx.
func (p *Process) Wait(ctx context.Context) (Exit, error) { return Exit{}, nil }
