package ash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"kubergarten/wasm/guest/tty"
)

// A child is a process of ours.
type child struct {
	pid  int
	wait func() int // once; its status as $? shows it
}

// lookup finds a program; the status is 127 or 126 if there is none.
func (s *Shell) lookup(name string) (path string, status int) {
	if strings.Contains(name, "/") {
		return s.path(name), s.runnable(s.path(name))
	}
	status = 127
	for _, dir := range strings.Split(s.get("PATH"), ":") {
		path := s.path(filepath.Join(dir, name))
		switch s.runnable(path) {
		case 0:
			return path, 0
		case 126:
			status = 126
		}
	}
	return "", status
}

func (s *Shell) runnable(path string) int {
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrPermission):
		return 126
	case err != nil:
		return 127
	case fi.IsDir() || fi.Mode()&0o111 == 0:
		return 126
	}
	return 0
}

func (s *Shell) notRunnable(name string, status int) int {
	if status == 126 {
		return s.fail(126, "%s: Permission denied", name)
	}
	return s.fail(127, "%s: not found", name)
}

// program runs a program and waits for it, or becomes it.
func (s *Shell) program(words []string, tail bool) int {
	path, status := s.lookup(words[0])
	if status != 0 {
		return s.notRunnable(words[0], status)
	}
	if tail && s.mayBecome() {
		err := s.become(path, words)
		if !errors.Is(err, syscall.ENOSYS) && !errors.Is(err, syscall.ENOEXEC) {
			return s.startError(words[0], err)
		}
	}
	restore := s.keepMode()
	c, err := s.start(path, words, false)
	if err != nil {
		return s.startError(words[0], err)
	}
	if status = s.finish(c); status > 128 {
		restore()
	}
	return status
}

// keepMode remembers the terminal's mode for when a program dies that cannot put
// it back any more, as an editor that is killed.
func (s *Shell) keepMode() (restore func()) {
	if !s.terminal {
		return func() {}
	}
	mode, err := tty.GetMode(0)
	if err != nil {
		return func() {}
	}
	return func() { _ = tty.SetMode(0, mode) }
}

// finish waits for a child in the foreground, and says how it died.
func (s *Shell) finish(c *child) int {
	status := c.wait()
	if sig := status - 128; status > 128 && sig != int(syscall.SIGINT) && sig != int(syscall.SIGPIPE) {
		if text := deathText(sig); text != "" && !s.sub {
			fmt.Fprintln(s.errs(), text)
		}
	}
	return status
}

func (s *Shell) startError(name string, err error) int {
	if errors.Is(err, syscall.ENOENT) {
		return s.fail(127, "%s: not found", name)
	}
	return s.fail(126, "%s: %s", name, reason(err))
}

// start starts a program; a file the system cannot execute is a script.
func (s *Shell) start(path string, words []string, background bool) (*child, error) {
	c, err := spawn(s, path, words, background)
	if errors.Is(err, syscall.ENOEXEC) {
		self, args := s.self()
		args = append(args, words[0])
		return spawn(s, self, append(args, words[1:]...), background)
	}
	return c, err
}

// self is how to start this shell again.
func (s *Shell) self() (path string, args []string) {
	if path, status := s.lookup("sh"); status == 0 {
		return path, []string{"sh"}
	}
	return "/bin/sh", []string{"sh"}
}

// mayBecome tells whether nothing of the shell is needed after the command.
func (s *Shell) mayBecome() bool {
	return !s.sub && !s.interactive && s.traps.none() && s.jobs.none()
}
