package network

import "sync/atomic"

// A hook is the function that its socket's owner wants called when it may have
// become ready. It is called without any lock held.
type hook struct{ f atomic.Pointer[func()] }

func (h *hook) set(f func()) {
	if f == nil {
		h.f.Store(nil)
		return
	}
	h.f.Store(&f)
}

// call is fine on a nil hook.
func (h *hook) call() {
	if h == nil {
		return
	}
	if f := h.f.Load(); f != nil {
		(*f)()
	}
}
