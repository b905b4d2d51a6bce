package component

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
)

// A Door is the place where one component offers itself and others find it. It
// stands for a listening address: at most one component holds it open.
type Door[T any] struct {
	addr net.Addr

	mu      sync.Mutex
	open    bool
	who     T
	changed chan struct{} // closed, and made anew, at each change
}

// NewDoor returns a closed door whose address, as "127.0.0.1:6443", appears in
// the errors of those who find it closed.
func NewDoor[T any](addr string) *Door[T] {
	return &Door[T]{addr: address(addr), changed: make(chan struct{})}
}

// Open offers who to all that enter, until the returned function is called. It
// fails with "address already in use" while somebody else holds the door open.
func (d *Door[T]) Open(who T) (shut func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open {
		return nil, &net.OpError{Op: "listen", Net: d.addr.Network(), Addr: d.addr, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	d.set(true, who)
	return sync.OnceFunc(d.shut), nil
}

func (d *Door[T]) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	var nobody T
	d.set(false, nobody)
}

// set is called with mu held.
func (d *Door[T]) set(open bool, who T) {
	d.open, d.who = open, who
	close(d.changed)
	d.changed = make(chan struct{})
}

// Enter returns who holds the door open, or a connection refused error that
// net.IsConnectionRefused of apimachinery recognizes.
func (d *Door[T]) Enter() (T, error) {
	who, open, _ := d.Look()
	if !open {
		return who, &net.OpError{Op: "dial", Net: d.addr.Network(), Addr: d.addr, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	return who, nil
}

// Look returns who holds the door open, whether anybody does, and a channel
// that is closed at the next change.
func (d *Door[T]) Look() (who T, open bool, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.who, d.open, d.changed
}

// Wait returns who holds the door open, as soon as somebody does.
func (d *Door[T]) Wait(ctx context.Context) (T, error) {
	for {
		who, open, changed := d.Look()
		if open {
			return who, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return who, fmt.Errorf("wait for %s: %w", d.addr, ctx.Err())
		}
	}
}

// address is a net.Addr that no resolver has seen.
type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }
