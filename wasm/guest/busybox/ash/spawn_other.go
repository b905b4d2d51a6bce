//go:build !wasip1

package ash

import (
	"os"
	"syscall"
)

// spawn starts a child with the shell's descriptors.
func spawn(s *Shell, path string, words []string, background bool) (*child, error) {
	attr := &os.ProcAttr{Dir: s.dir, Env: s.env()}
	for fd := range 10 {
		attr.Files = append(attr.Files, s.files[fd])
	}
	p, err := os.StartProcess(path, words, attr)
	if err != nil {
		return nil, err
	}
	return &child{pid: p.Pid, wait: func() int {
		state, err := p.Wait()
		if err != nil {
			return 127
		}
		if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
			return 128 + int(w.Signal())
		}
		return state.ExitCode()
	}}, nil
}

// become is for guests.
func (s *Shell) become(string, []string) error { return syscall.ENOSYS }
