//go:build wasip1

// Processes, pipes, signals and identity: the host module "kubergarten".

package syscall

import "unsafe"

//go:wasmimport kubergarten pipe
//go:noescape
func host_pipe(fds *[2]int32) Errno

//go:wasmimport kubergarten dup2
func host_dup2(fd, to int32) Errno

//go:wasmimport kubergarten getpid
func host_getpid() int32

//go:wasmimport kubergarten getppid
func host_getppid() int32

//go:wasmimport kubergarten getuid
func host_getuid() int32

//go:wasmimport kubergarten getgid
func host_getgid() int32

//go:wasmimport kubergarten kill
func host_kill(pid int32, sig uint32) Errno

//go:wasmimport kubergarten proc_spawn
//go:noescape
func host_spawn(req *byte, n size, pid *int32) Errno

//go:wasmimport kubergarten proc_exec
//go:noescape
func host_exec(req *byte, n size) Errno

//go:wasmimport kubergarten proc_wait
//go:noescape
func host_wait(pid int32, flags uint32, gone *int32, status *uint32) Errno

//go:wasmimport kubergarten proc_fd
//go:noescape
func host_proc_fd(pid int32, fd *int32) Errno

//go:wasmimport kubergarten hostname
//go:noescape
func host_hostname(buf *byte, n size, out *size) Errno

// WNOHANG makes Wait4 answer 0 rather than block.
const WNOHANG = 1

func Getpid() int  { return int(host_getpid()) }
func Getppid() int { return int(host_getppid()) }
func Getuid() int  { return int(host_getuid()) }
func Geteuid() int { return int(host_getuid()) }
func Getgid() int  { return int(host_getgid()) }
func Getegid() int { return int(host_getgid()) }

func Getgroups() ([]int, error) { return []int{Getgid()}, nil }

func Kill(pid int, sig Signal) error {
	return errnoErr(host_kill(int32(pid), uint32(sig)))
}

func Dup2(fd, newfd int) error {
	return errnoErr(host_dup2(int32(fd), int32(newfd)))
}

func Pipe(fd []int) error {
	var p [2]int32
	if errno := host_pipe(&p); errno != 0 {
		return errno
	}
	fd[0], fd[1] = int(p[0]), int(p[1])
	return nil
}

// Sysctl answers os.Hostname.
func Sysctl(key string) (string, error) {
	if key != "kern.hostname" {
		return "", ENOSYS
	}
	var buf [256]byte
	var n size
	if errno := host_hostname(&buf[0], size(len(buf)), &n); errno != 0 {
		return "", errno
	}
	return string(buf[:n]), nil
}

// ProcFD returns a descriptor that can be read to its end once child pid has ended.
func ProcFD(pid int) (int, error) {
	var fd int32
	errno := host_proc_fd(int32(pid), &fd)
	return int(fd), errnoErr(errno)
}

// SysProcAttr holds what only this system knows.
type SysProcAttr struct {
	Background bool // the terminal's ^C is not for the child
}

// Exec replaces the process by another program; it keeps the standard streams.
func Exec(argv0 string, argv []string, envv []string) error {
	return ExecFiles(argv0, argv, envv, cwd, []uintptr{0, 1, 2})
}

// ExecFiles is Exec with a working directory and the descriptors to keep.
func ExecFiles(argv0 string, argv, envv []string, dir string, files []uintptr) error {
	if !isAbs(argv0) {
		argv0 = joinPath(cwd, argv0)
	}
	req := spawnRequest(argv0, argv, envv, dir, files, false)
	return errnoErr(host_exec(unsafe.SliceData(req), size(len(req))))
}

func StartProcess(argv0 string, argv []string, attr *ProcAttr) (pid int, handle uintptr, err error) {
	if attr == nil {
		attr = &ProcAttr{}
	}
	dir := cwd
	if attr.Dir != "" {
		dir = joinPath(cwd, attr.Dir)
		if isAbs(attr.Dir) {
			dir = joinPath("/", attr.Dir)
		}
	}
	if !isAbs(argv0) {
		argv0 = joinPath(dir, argv0)
	}
	background := attr.Sys != nil && attr.Sys.Background
	req := spawnRequest(argv0, argv, attr.Env, dir, attr.Files, background)
	var child int32
	errno := host_spawn(unsafe.SliceData(req), size(len(req)), &child)
	return int(child), 0, errnoErr(errno)
}

// spawnRequest is the JSON of proc_spawn.
func spawnRequest(path string, argv, env []string, dir string, files []uintptr, background bool) []byte {
	b := appendString([]byte(`{"path":`), path)
	b = appendStrings(append(b, `,"args":`...), argv)
	b = appendStrings(append(b, `,"env":`...), env)
	b = appendString(append(b, `,"dir":`...), dir)
	b = append(b, `,"fds":[`...)
	for i, f := range files {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(b, int(int32(f))) // a nil *os.File comes as ^uintptr(0): -1
	}
	b = append(b, ']')
	if background {
		b = append(b, `,"background":true`...)
	}
	return append(b, '}')
}

func appendInt(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

func Wait4(pid int, wstatus *WaitStatus, options int, rusage *Rusage) (int, error) {
	var gone int32
	var status uint32
	errno := host_wait(int32(pid), uint32(options&WNOHANG), &gone, &status)
	if errno == EAGAIN {
		return 0, nil
	}
	if errno != 0 {
		return -1, errno
	}
	if wstatus != nil {
		*wstatus = WaitStatus(status)
	}
	return int(gone), nil
}

// A WaitStatus is Linux's: the exit code << 8, or the signal that ended the process.
type WaitStatus uint32

func (w WaitStatus) Exited() bool { return w&0x7f == 0 }

func (w WaitStatus) ExitStatus() int {
	if !w.Exited() {
		return -1
	}
	return int(w>>8) & 0xff
}

func (w WaitStatus) Signaled() bool     { return w&0x7f != 0 }
func (w WaitStatus) CoreDump() bool     { return false }
func (w WaitStatus) Stopped() bool      { return false }
func (w WaitStatus) Continued() bool    { return false }
func (w WaitStatus) StopSignal() Signal { return 0xff }
func (w WaitStatus) TrapCause() int     { return -1 }

func (w WaitStatus) Signal() Signal {
	if !w.Signaled() {
		return 0xff
	}
	return Signal(w & 0x7f)
}
