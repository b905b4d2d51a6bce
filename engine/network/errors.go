package network

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
)

// ErrWouldBlock is what the Try methods return when a blocking one would wait.
var ErrWouldBlock = errors.New("resource temporarily unavailable")

// errDropped is the verdict on what the wire swallows without an answer.
var errDropped = errors.New("dropped")

// opError dresses err as package net does. call is the system call's name.
func opError(op, network, call string, source, addr net.Addr, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = os.NewSyscallError(call, errno)
	}
	return &net.OpError{Op: op, Net: network, Source: source, Addr: addr, Err: err}
}

// ctxError words a context's end as package net does.
func ctxError(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return ctx.Err()
}
