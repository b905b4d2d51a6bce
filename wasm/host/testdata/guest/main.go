// Command guest is what the tests of package host run: one program with many
// commands, built with the plain toolchain.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"structs"
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

//go:wasmimport kubergarten tty_mode
//go:noescape
func ttyMode(fd uint32, mode *uint32) uint32

//go:wasmimport kubergarten tty_set_mode
func ttySetMode(fd, mode uint32) uint32

//go:wasmimport kubergarten tty_resize
func ttyResize(fd, cols, rows uint32) uint32

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
		"lines": lines, "raw": raw, "ttymode": ttymode, "deadline": deadline, "bench": bench, "serve": serve, "dial": dial, "udp": udp, "ping": echoRequest, "resolve": resolve,
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

func ttymode([]string) {
	var mode, cols, rows uint32
	show := func() {
		errno("mode", ttyMode(0, &mode))
		fmt.Println("mode", mode)
	}
	show()
	errno("set mode", ttySetMode(0, mode-4))
	show()
	fmt.Println("invalid", ttySetMode(0, 32), ttyResize(0, 1<<16, 1))
	errno("resize", ttyResize(0, 100, 30))
	errno("size", ttySize(0, &cols, &rows))
	fmt.Println("size", cols, rows)
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

//go:wasmimport wasi_snapshot_preview1 sock_open
//go:noescape
func sockOpen(family, typ uint32, fd *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_bind
//go:noescape
func sockBind(fd uint32, addr *sockref, port uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_listen
func sockListen(fd, backlog uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_connect
//go:noescape
func sockConnect(fd uint32, addr *sockref, port uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_accept
//go:noescape
func sockAccept(fd, flags uint32, got *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_recv_from
//go:noescape
func sockRecvFrom(fd uint32, iovs *[2]uint32, n uint32, addr *sockref, flags uint32, port, nread, oflags *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_send_to
//go:noescape
func sockSendTo(fd uint32, iovs *[2]uint32, n uint32, addr *sockref, port, flags uint32, nwritten *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_getlocaladdr
//go:noescape
func sockLocal(fd uint32, addr *sockref, typ, port *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_getpeeraddr
//go:noescape
func sockPeer(fd uint32, addr *sockref, typ, port *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_getsockopt
//go:noescape
func sockGetopt(fd, level, name uint32, v, n *uint32) uint32

//go:wasmimport wasi_snapshot_preview1 sock_getaddrinfo
//go:noescape
func sockAddrinfo(node *byte, nodeLen uint32, service *byte, serviceLen uint32, hints *addrinfo, res *uint32, max uint32, n *uint32) uint32

//go:wasmimport kubergarten ping
//go:noescape
func ping(addr *byte, n, timeout uint32, micros *uint32) uint32

type sockref struct {
	_      structs.HostLayout
	buf, n uint32
}

type addrinfo struct {
	_               structs.HostLayout
	flags           uint16
	family, typ     uint8
	proto           uint32
	addrLen, addr   uint32
	canon, canonLen uint32
	next            uint32
}

type sockaddr struct {
	_       structs.HostLayout
	family  uint32
	n, data uint32
}

// Static, so that no stack growth moves them.
var (
	addrBuf [128]byte
	addrRef sockref
	dataBuf [64]byte
	iov     [2]uint32
)

func address(s string) (*sockref, uint32) {
	ap := netip.MustParseAddrPort(s)
	addrBuf = [128]byte{1}
	copy(addrBuf[2:], ap.Addr().AsSlice())
	if ap.Addr().Is6() {
		addrBuf[0] = 2
	}
	addrRef.buf, addrRef.n = uint32(uintptr(unsafe.Pointer(&addrBuf))), 128
	return &addrRef, uint32(ap.Port())
}

func addrText(port uint32) string {
	ip, _ := netip.AddrFromSlice(addrBuf[2:6])
	if addrBuf[0] == 2 {
		ip, _ = netip.AddrFromSlice(addrBuf[2:18])
	}
	return netip.AddrPortFrom(ip, uint16(port)).String()
}

func family(s string) uint32 {
	if strings.HasPrefix(s, "[") {
		return 2
	}
	return 1
}

// serve echoes one connection.
func serve(args []string) {
	var fd, conn, typ, port uint32
	errno("open", sockOpen(family(args[0]), 2, &fd))
	ref, p := address(args[0])
	errno("bind", sockBind(fd, ref, p))
	errno("listen", sockListen(fd, 5))
	fmt.Println("listening")
	errno("accept", sockAccept(fd, 0, &conn))
	errno("local", sockLocal(conn, ref, &typ, &port))
	fmt.Println("accepted at", addrText(port), typ)
	f := os.NewFile(uintptr(conn), "conn")
	_, err := io.Copy(f, f)
	check(err)
	check(f.Close())
}

// dial sends a line and prints what comes back.
func dial(args []string) {
	var fd, typ, port uint32
	errno("open", sockOpen(family(args[0]), 2, &fd))
	ref, p := address(args[0])
	if e := sockConnect(fd, ref, p); e != 0 {
		var v, n uint32 = 0, 4
		sockGetopt(fd, 0, 2, &v, &n)
		fmt.Println("connect", e, v)
		return
	}
	errno("peer", sockPeer(fd, ref, &typ, &port))
	fmt.Println("connected to", addrText(port), typ)
	f := os.NewFile(uintptr(fd), "conn")
	fmt.Fprint(f, args[1])
	b := make([]byte, 100)
	n, err := f.Read(b)
	check(err)
	fmt.Println(string(b[:n]))
}

// udp sends itself a datagram.
func udp(args []string) {
	var fd, port, typ, n, flags uint32
	errno("open", sockOpen(1, 1, &fd))
	ref, p := address(args[0])
	errno("bind", sockBind(fd, ref, p))
	errno("local", sockLocal(fd, ref, &typ, &port))
	copy(dataBuf[:], "datagram")
	iov = [2]uint32{uint32(uintptr(unsafe.Pointer(&dataBuf))), 8}
	ref, _ = address(args[0])
	errno("send", sockSendTo(fd, &iov, 1, ref, port, 0, &n))
	dataBuf = [64]byte{}
	iov[1] = 64
	errno("recv", sockRecvFrom(fd, &iov, 1, ref, 0, &port, &n, &flags))
	fmt.Printf("%q from port %v\n", dataBuf[:n], addrText(port) != "")
}

func echoRequest(args []string) {
	ip := netip.MustParseAddr(args[0]).AsSlice()
	var micros uint32
	fmt.Println(ping(&ip[0], uint32(len(ip)), 1000, &micros))
}

func resolve(args []string) {
	node, n := ptr(args[0])
	service, sn := ptr(args[1])
	var infos [4]addrinfo
	var addrs [4]sockaddr
	var bufs [4][26]byte
	for i := range infos {
		addrs[i].data, addrs[i].n = uint32(uintptr(unsafe.Pointer(&bufs[i]))), 26
		infos[i].addr = uint32(uintptr(unsafe.Pointer(&addrs[i])))
		if i+1 < len(infos) {
			infos[i].next = uint32(uintptr(unsafe.Pointer(&infos[i+1])))
		}
	}
	hints := addrinfo{typ: 2}
	first := uint32(uintptr(unsafe.Pointer(&infos[0])))
	var count uint32
	fmt.Println("errno", sockAddrinfo(node, n, service, sn, &hints, &first, 4, &count))
	for i := range count {
		b := bufs[i]
		ip, _ := netip.AddrFromSlice(b[2:6])
		fmt.Println(ip, uint32(b[0])<<8|uint32(b[1]), infos[i].family, infos[i].typ)
	}
}
