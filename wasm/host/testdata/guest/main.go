// Command guest is what the tests of package host run: one program with many
// commands, built with the plain toolchain.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

//go:wasmimport kubergarten pipe
//go:noescape
func pipe(fds *[2]uint32) uint32

//go:wasmimport kubergarten dup2
func dup2(fd, to uint32) uint32

//go:wasmimport kubergarten isatty
func isatty(fd uint32) uint32

//go:wasmimport kubergarten tty_size
//go:noescape
func ttySize(fd uint32, cols, rows *uint32) uint32

//go:wasmimport kubergarten tty_raw
func ttyRaw(fd, on uint32) uint32

//go:wasmimport kubergarten signalfd
//go:noescape
func signalfd(fd *uint32) uint32

//go:wasmimport kubergarten signal_default
func signalDefault(sig, on uint32) uint32

//go:wasmimport kubergarten getpid
func getpid() uint32

//go:wasmimport kubergarten getppid
func getppid() uint32

//go:wasmimport kubergarten getuid
func getuid() uint32

//go:wasmimport kubergarten umask
func umask(mask uint32) uint32

//go:wasmimport kubergarten kill
func kill(pid int32, sig uint32) uint32

//go:wasmimport kubergarten proc_spawn
//go:noescape
func procSpawn(req *byte, n uint32, pid *uint32) uint32

//go:wasmimport kubergarten proc_exec
//go:noescape
func procExec(req *byte, n uint32) uint32

//go:wasmimport kubergarten proc_wait
//go:noescape
func procWait(pid int32, flags uint32, gone, status *uint32) uint32

//go:wasmimport kubergarten proc_fd
//go:noescape
func procFD(pid uint32, fd *uint32) uint32

//go:wasmimport kubergarten hostname
//go:noescape
func hostname(buf *byte, n uint32, out *uint32) uint32

//go:wasmimport kubergarten path_stat
//go:noescape
func pathStat(path *byte, n, flags uint32, out *[4]uint32) uint32

//go:wasmimport kubergarten path_chmod
//go:noescape
func pathChmod(path *byte, n, mode uint32) uint32

//go:wasmimport kubergarten path_chown
//go:noescape
func pathChown(path *byte, n, uid, gid, flags uint32) uint32

//go:wasmimport kubergarten path_statfs
//go:noescape
func pathStatfs(path *byte, n uint32, out *[5]uint64) uint32

//go:wasmimport wasi_snapshot_preview1 fd_fdstat_set_flags
func setFlags(fd, flags uint32) uint32

func ptr(s string) (*byte, uint32) { return unsafe.StringData(s), uint32(len(s)) }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func errno(what string, n uint32) {
	if n != 0 {
		check(fmt.Errorf("%s: errno %d", what, n))
	}
}

type request struct {
	Path       string   `json:"path"`
	Args       []string `json:"args"`
	Env        []string `json:"env"`
	Dir        string   `json:"dir"`
	FDs        []int    `json:"fds"`
	Background bool     `json:"background,omitempty"`
}

func spawn(fds []int, args ...string) (pid, e uint32) {
	b, _ := json.Marshal(request{Path: args[0], Args: args, Dir: "/", FDs: fds})
	e = procSpawn(&b[0], uint32(len(b)), &pid)
	return pid, e
}

func wait(pid int32) (gone, status uint32) {
	errno("wait", procWait(pid, 0, &gone, &status))
	return gone, status
}

func main() {
	args := os.Args[1:]
	if len(args) == 0 {
		fmt.Println("hello")
		return
	}
	cmd, args := args[0], args[1:]
	run, found := map[string]func([]string){
		"echo": echo, "cat": cat, "env": env, "pwd": pwd, "sleep": sleep, "exit": exit, "spin": spin,
		"files": files, "write": write, "append": appendTo, "ls": ls, "read": read, "panic": func([]string) { panic("oh") },
		"whoami": whoami, "run": runChild, "pipeline": pipeline, "catch": catch, "exec": execute, "orphan": orphan,
		"tty": tty, "modes": modes, "signal": signal, "nochild": nochild, "mem": mem, "yes": yes, "watch": watch, "time": now,
		"lines": lines, "raw": raw, "deadline": deadline, "bench": bench,
	}[cmd]
	if !found {
		check(fmt.Errorf("no command %q", cmd))
	}
	run(args)
}

func echo(args []string) { fmt.Println(strings.Join(args, " ")) }

func cat(args []string) {
	if len(args) == 0 {
		_, err := io.Copy(os.Stdout, os.Stdin)
		check(err)
	}
	for _, name := range args {
		b, err := os.ReadFile(name)
		check(err)
		os.Stdout.Write(b)
	}
}

func env([]string) {
	for _, e := range os.Environ() {
		fmt.Println(e)
	}
}

func pwd([]string) {
	d, err := os.Getwd()
	check(err)
	fmt.Println(d)
}

func sleep(args []string) {
	d, err := time.ParseDuration(args[0])
	check(err)
	time.Sleep(d)
	fmt.Println("slept")
}

func now([]string) { fmt.Println(time.Now().UTC().Format(time.RFC3339)) }

func exit(args []string) {
	n, _ := strconv.Atoi(args[0])
	os.Exit(n)
}

func spin([]string) {
	for i := 0; ; i++ {
		_ = i
	}
}

func files([]string) {
	check(os.MkdirAll("/tmp/a/b", 0o755))
	check(os.WriteFile("/tmp/a/b/f", []byte("one\n"), 0o644))
	f, err := os.OpenFile("/tmp/a/b/f", os.O_APPEND|os.O_WRONLY, 0)
	check(err)
	fmt.Fprintln(f, "two")
	check(f.Close())
	check(os.Rename("/tmp/a/b", "/tmp/a/c"))
	check(os.Symlink("c/f", "/tmp/a/link"))
	b, err := os.ReadFile("/tmp/a/link")
	check(err)
	os.Stdout.Write(b)
	st, err := os.Stat("/tmp/a/link")
	check(err)
	fmt.Println(st.Size(), st.Mode().IsRegular())
	target, err := os.Readlink("/tmp/a/link")
	check(err)
	fmt.Println(target)
	_, err = os.Open("/tmp/a/none")
	fmt.Println(errors.Is(err, os.ErrNotExist))
	check(os.Truncate("/tmp/a/link", 3))
	b, err = os.ReadFile("/tmp/a/link")
	check(err)
	fmt.Printf("%q\n", b)
	check(os.RemoveAll("/tmp/a"))
	ls([]string{"/tmp"})
	_, err = os.OpenFile("/new/dir/f", os.O_CREATE|os.O_WRONLY, 0o644)
	fmt.Println(err)
	fmt.Println(os.Remove("/bin"))
}

func write(args []string) { check(os.WriteFile(args[0], []byte(args[1]), 0o644)) }

func appendTo(args []string) {
	f, err := os.OpenFile(args[0], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	check(err)
	fmt.Fprint(f, args[1])
	check(f.Close())
}

func ls(args []string) {
	ents, err := os.ReadDir(args[0])
	check(err)
	names := []string{}
	for _, e := range ents {
		n := e.Name()
		if e.IsDir() {
			n += "/"
		}
		names = append(names, n)
	}
	fmt.Println(names)
}

func read([]string) {
	s := bufio.NewScanner(os.Stdin)
	for s.Scan() {
		fmt.Printf("<%s>\n", s.Text())
	}
}

func whoami([]string) {
	var buf [64]byte
	var n uint32
	errno("hostname", hostname(&buf[0], 64, &n))
	fmt.Println(getpid(), getppid(), getuid(), string(buf[:n]))
}

func runChild(args []string) {
	pid, e := spawn([]int{0, 1, 2}, args...)
	errno("spawn", e)
	gone, status := wait(-1)
	fmt.Println("child", gone == pid, "status", status>>8, "signal", status&0x7f)
}

// pipeline is guest yes | guest head.
func pipeline([]string) {
	var fds [2]uint32
	errno("pipe", pipe(&fds))
	a, e := spawn([]int{-1, int(fds[1]), 2}, "/bin/guest", "echo", "through", "a", "pipe")
	errno("spawn", e)
	b, e := spawn([]int{int(fds[0]), 1, 2}, "/bin/guest", "read")
	errno("spawn", e)
	os.NewFile(uintptr(fds[0]), "r").Close()
	os.NewFile(uintptr(fds[1]), "w").Close()
	wait(int32(a))
	wait(int32(b))
}

func yes([]string) {
	for {
		if _, err := fmt.Println("y"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
}

func catch(args []string) {
	var fd uint32
	errno("signalfd", signalfd(&fd))
	for _, a := range args {
		n, _ := strconv.Atoi(a)
		errno("default", signalDefault(uint32(n), 1))
	}
	setFlags(fd, 4)
	f := os.NewFile(uintptr(fd), "signals")
	fmt.Println("ready")
	var b [1]byte
	for {
		_, err := f.Read(b[:])
		check(err)
		fmt.Println("got", b[0])
		if b[0] == 15 {
			os.Exit(7)
		}
	}
}

func execute(args []string) {
	b, _ := json.Marshal(request{Path: args[0], Args: args, Env: []string{"NEW=1"}, Dir: "/tmp", FDs: []int{0, 1, 2}})
	fmt.Println("before", getpid())
	errno("exec", procExec(&b[0], uint32(len(b))))
}

// orphan starts a child that outlives it.
func orphan([]string) {
	_, e := spawn([]int{-1, 1, 2}, "/bin/guest", "sleep", "1h")
	errno("spawn", e)
}

func tty([]string) {
	var cols, rows uint32
	fmt.Println(isatty(0), isatty(1))
	if ttySize(0, &cols, &rows) == 0 {
		fmt.Println(cols, rows)
	}
	read(nil)
}

func raw([]string) {
	errno("raw", ttyRaw(0, 1))
	fmt.Print("raw\n")
	var b [1]byte
	_, err := os.Stdin.Read(b[:])
	check(err)
	fmt.Printf("%q", b)
}

func modes([]string) {
	check(os.WriteFile("/tmp/f", nil, 0o666))
	path, n := ptr("/tmp/f")
	show := func() {
		var st [4]uint32
		errno("stat", pathStat(path, n, 0, &st))
		fmt.Printf("%o %d %d\n", st[0], st[1], st[2])
	}
	show()
	errno("chmod", pathChmod(path, n, 0o4751))
	errno("chown", pathChown(path, n, 1000, 1<<32-1, 0))
	show()
	var fs [5]uint64
	errno("statfs", pathStatfs(path, n, &fs))
	fmt.Println(fs[0], fs[2], fs[4])
	fmt.Printf("%o\n", umask(0o77))
	check(os.WriteFile("/tmp/g", nil, 0o666))
	path, n = ptr("/tmp/g")
	show()
}

func signal(args []string) {
	pid, _ := strconv.Atoi(args[0])
	sig, _ := strconv.Atoi(args[1])
	fmt.Println(kill(int32(pid), uint32(sig)))
}

func nochild([]string) {
	var x uint32
	fmt.Println(procWait(-1, 0, &x, &x))
	_, e := spawn(nil, "/no/such")
	fmt.Println(e)
	_, e = spawn(nil, "/etc/passwd")
	fmt.Println(e)
	_, e = spawn([]int{99}, "/bin/guest")
	fmt.Println(e)
}

var keep [][]byte

func mem(args []string) {
	n, _ := strconv.Atoi(args[0])
	for range n {
		keep = append(keep, make([]byte, 1<<20))
	}
	fmt.Println("got it")
}

// watch polls standard input while a goroutine ticks.
func watch([]string) {
	setFlags(0, 4)
	in := os.NewFile(0, "stdin")
	go func() {
		for {
			time.Sleep(time.Millisecond)
		}
	}()
	b := make([]byte, 10)
	n, err := in.Read(b)
	fmt.Printf("%q %v\n", b[:n], err)
}

func lines(args []string) {
	n, _ := strconv.Atoi(args[0])
	w := bufio.NewWriter(os.Stdout)
	for i := range n {
		fmt.Fprintln(w, i)
	}
	check(w.Flush())
}

func deadline([]string) {
	start := time.Now()
	time.Sleep(50 * time.Millisecond)
	fmt.Println(time.Since(start) >= 50*time.Millisecond)
}

// bench writes or reads many blocks.
func bench(args []string) {
	n, _ := strconv.Atoi(args[1])
	b := make([]byte, 32<<10)
	switch args[0] {
	case "write":
		for range n {
			_, err := os.Stdout.Write(b)
			check(err)
		}
	case "clock":
		for range n {
			_ = time.Now()
		}
	}
}
