//go:build wasip1

package ash

import (
	"os"
	"syscall"
)

// spawn starts a child with the shell's descriptors. It takes their numbers
// without os.File.Fd, which would make them blocking, and the whole guest with
// them.
func spawn(s *Shell, path string, words []string, background bool) (*child, error) {
	attr := &syscall.ProcAttr{Dir: s.dir, Env: s.env(), Sys: &syscall.SysProcAttr{Background: background}}
	attr.Files = s.numbers()
	pid, _, err := syscall.StartProcess(path, words, attr)
	if err != nil {
		return nil, err
	}
	return &child{pid: pid, wait: func() int { return await(pid) }}, nil
}

// numbers lists the descriptors for a child: 0 upwards, ^0 for none.
func (s *Shell) numbers() []uintptr {
	last := 2
	for fd, f := range s.files {
		if f != nil && fd > last {
			last = fd
		}
	}
	list := make([]uintptr, last+1)
	for fd := range list {
		list[fd] = number(s.files[fd])
	}
	return list
}

func number(f *os.File) uintptr {
	n := ^uintptr(0)
	if f == nil {
		return n
	}
	if conn, err := f.SyscallConn(); err == nil {
		conn.Control(func(fd uintptr) { n = fd })
	}
	return n
}

// become replaces the shell by the program.
func (s *Shell) become(path string, words []string) error {
	return syscall.ExecFiles(path, words, s.env(), s.dir, s.numbers())
}

func await(pid int) int {
	p, err := os.FindProcess(pid)
	if err != nil {
		return 127
	}
	state, err := p.Wait()
	if err != nil {
		return 127
	}
	return exitStatus(state)
}

func exitStatus(state *os.ProcessState) int {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return state.ExitCode()
}
