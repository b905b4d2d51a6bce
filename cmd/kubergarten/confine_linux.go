package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// self is the running program, even if its file was replaced meanwhile.
func self() (string, error) { return "/proc/self/exe", nil }

// leash makes the child die with the server and lets its whole group be
// signalled.
func leash(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// signalGroup signals the child and all that it started.
func signalGroup(cmd *exec.Cmd, sig syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, sig) }

// landlockABI is the kernel's version of Landlock, 0 if it has none.
func landlockABI() int {
	v, err := ll.LandlockGetABIVersion()
	if err != nil {
		return 0
	}
	return v
}

// wall sets the limits, gives up privileges and has the kernel refuse all files
// but the workspace's, all TCP ports but the API server's, and all programs.
func (c confinement) wall() error {
	if err := c.limit(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	if c.Bare {
		return nil
	}
	u, err := url.Parse(c.Server)
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return fmt.Errorf("server %s: %w", c.Server, err)
	}
	_ = time.Now().Local().String() // the zone's file is read before it is out of reach
	files := landlock.PathAccess(ll.AccessFSWriteFile|ll.AccessFSReadFile|ll.AccessFSReadDir|
		ll.AccessFSRemoveDir|ll.AccessFSRemoveFile|ll.AccessFSMakeDir|ll.AccessFSMakeReg|
		ll.AccessFSMakeSym|ll.AccessFSRefer|ll.AccessFSTruncate, c.Workspace)
	if err := landlock.V8.BestEffort().Restrict(files, landlock.ConnectTCP(uint16(port))); err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	return nil
}

// limit bounds what the process may use.
func (c confinement) limit() error {
	if c.Memory > 0 {
		debug.SetMemoryLimit(int64(c.Memory / 2)) // collect harder long before the end
	}
	for what, n := range map[int]uint64{
		unix.RLIMIT_DATA: c.Memory, unix.RLIMIT_FSIZE: c.FileSize, unix.RLIMIT_CPU: c.CPUSeconds,
		unix.RLIMIT_NOFILE: 1024, // a client for each object of "apply" has a connection
	} {
		if n == 0 {
			continue
		}
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return fmt.Errorf("limit %d: %w", what, err)
		}
	}
	return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}

// openTerminal opens a pseudo terminal: the end to read and write, and the
// child's.
func openTerminal(rows, cols int) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			master.Close()
		}
	}()
	if err := control(master, func(fd int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0) }); err != nil {
		return nil, nil, err
	}
	if err := resizeTerminal(master, rows, cols); err != nil {
		return nil, nil, err
	}
	var n uint32
	if err := control(master, func(fd int) (err error) { n, err = unix.IoctlGetUint32(fd, unix.TIOCGPTN); return err }); err != nil {
		return nil, nil, err
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	return master, slave, err
}

// control calls f with the file's descriptor, without making the file blocking.
func control(file *os.File, f func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// resizeTerminal tells the child how large its terminal is.
func resizeTerminal(master *os.File, rows, cols int) error {
	if rows <= 0 || cols <= 0 {
		return nil
	}
	size := &unix.Winsize{Row: uint16(rows), Col: uint16(cols)}
	return control(master, func(fd int) error { return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size) })
}

// ownTerminal makes the terminal at the child's stdin its controlling one.
func ownTerminal(cmd *exec.Cmd) {
	cmd.SysProcAttr.Setpgid = false // a new session is a new group
	cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Ctty = true, true, 0
}
