//go:build wasip1

// Sockets, spoken as the WasmEdge extension of WASI preview 1.

package syscall

import (
	"runtime"
	"structs"
	"unsafe"
)

const (
	SHUT_RD   = 0x1
	SHUT_WR   = 0x2
	SHUT_RDWR = SHUT_RD | SHUT_WR
)

// SO_ERROR is 2 in net_fake.go, as in the extension.
const (
	SOL_SOCKET   = 0
	SO_REUSEADDR = 0
	SO_TYPE      = 1
	SO_BROADCAST = 4
	SO_SNDBUF    = 5
	SO_RCVBUF    = 6
	SO_KEEPALIVE = 7
)

const (
	wasiInet4  = 1
	wasiInet6  = 2
	wasiDgram  = 1
	wasiStream = 2
)

type sdflags = uint32

// sockaddr is the buffer an address travels in; sockref is what points at it.
type sockaddr struct {
	_      structs.HostLayout
	family uint16
	addr   [126]byte
}

type sockref struct {
	_   structs.HostLayout
	buf uintptr32
	len size
}

// A guest has one thread and a host call never yields to another goroutine,
// so one buffer in static memory, which no stack growth moves, is enough.
var (
	sockbuf  sockaddr
	sockref0 sockref
)

//go:wasmimport wasi_snapshot_preview1 sock_open
//go:noescape
func sock_open(family, sotype uint32, fd *int32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_bind
//go:noescape
func sock_bind(fd int32, addr *sockref, port uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_listen
//go:noescape
func sock_listen(fd int32, backlog uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_connect
//go:noescape
func sock_connect(fd int32, addr *sockref, port uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_accept
//go:noescape
func sock_accept(fd int32, flags fdflags, newfd *int32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_recv_from
//go:noescape
func sock_recv_from(fd int32, iovs *iovec, n size, addr *sockref, flags uint32, port, nread, oflags *uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_send_to
//go:noescape
func sock_send_to(fd int32, iovs *iovec, n size, addr *sockref, port, flags uint32, nwritten *uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_getlocaladdr
//go:noescape
func sock_getlocaladdr(fd int32, addr *sockref, typ, port *uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_getpeeraddr
//go:noescape
func sock_getpeeraddr(fd int32, addr *sockref, typ, port *uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_getsockopt
//go:noescape
func sock_getsockopt(fd int32, level, name uint32, value *int32, n *uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_setsockopt
//go:noescape
func sock_setsockopt(fd int32, level, name uint32, value *int32, n uint32) Errno

//go:wasmimport wasi_snapshot_preview1 sock_shutdown
//go:noescape
func sock_shutdown(fd int32, flags sdflags) Errno

// bufferRef points at the empty address buffer.
func bufferRef() *sockref {
	sockref0.buf = uintptr32(uintptr(unsafe.Pointer(&sockbuf)))
	sockref0.len = size(unsafe.Sizeof(sockbuf))
	return &sockref0
}

// addressRef writes sa into the address buffer.
func addressRef(sa Sockaddr) (*sockref, uint32, error) {
	switch sa := sa.(type) {
	case *SockaddrInet4:
		sockbuf.family = wasiInet4
		copy(sockbuf.addr[:], sa.Addr[:])
		return bufferRef(), uint32(sa.Port), nil
	case *SockaddrInet6:
		sockbuf.family = wasiInet6
		copy(sockbuf.addr[:], sa.Addr[:])
		return bufferRef(), uint32(sa.Port), nil
	}
	return nil, 0, EAFNOSUPPORT
}

// bufferAddress reads the address buffer.
func bufferAddress(port uint32) Sockaddr {
	switch sockbuf.family {
	case wasiInet4:
		sa := &SockaddrInet4{Port: int(port)}
		copy(sa.Addr[:], sockbuf.addr[:])
		return sa
	case wasiInet6:
		sa := &SockaddrInet6{Port: int(port)}
		copy(sa.Addr[:], sockbuf.addr[:])
		return sa
	}
	return nil
}

func Socket(family, sotype, proto int) (int, error) {
	f, t := uint32(wasiInet4), uint32(wasiStream)
	switch family {
	case AF_INET:
	case AF_INET6:
		f = wasiInet6
	default:
		return -1, EAFNOSUPPORT
	}
	switch sotype {
	case SOCK_STREAM:
	case SOCK_DGRAM:
		t = wasiDgram
	default:
		return -1, EPROTONOSUPPORT
	}
	var fd int32
	errno := sock_open(f, t, &fd)
	return int(fd), errnoErr(errno)
}

func Bind(fd int, sa Sockaddr) error {
	ref, port, err := addressRef(sa)
	if err != nil {
		return err
	}
	return errnoErr(sock_bind(int32(fd), ref, port))
}

func Listen(fd int, backlog int) error {
	return errnoErr(sock_listen(int32(fd), uint32(backlog)))
}

func Accept(fd int) (int, Sockaddr, error) {
	var newfd int32
	if errno := sock_accept(int32(fd), 0, &newfd); errno != 0 {
		return -1, nil, errno
	}
	sa, _ := Getpeername(int(newfd))
	return int(newfd), sa, nil
}

func Connect(fd int, sa Sockaddr) error {
	ref, port, err := addressRef(sa)
	if err != nil {
		return err
	}
	return errnoErr(sock_connect(int32(fd), ref, port))
}

func Getsockname(fd int) (Sockaddr, error) {
	var typ, port uint32
	if errno := sock_getlocaladdr(int32(fd), bufferRef(), &typ, &port); errno != 0 {
		return nil, errno
	}
	return bufferAddress(port), nil
}

func Getpeername(fd int) (Sockaddr, error) {
	var typ, port uint32
	if errno := sock_getpeeraddr(int32(fd), bufferRef(), &typ, &port); errno != 0 {
		return nil, errno
	}
	return bufferAddress(port), nil
}

func Recvfrom(fd int, p []byte, flags int) (int, Sockaddr, error) {
	var port, n, oflags uint32
	sockbuf.family = 0
	errno := sock_recv_from(int32(fd), makeIOVec(p), 1, bufferRef(), uint32(flags), &port, &n, &oflags)
	runtime.KeepAlive(p)
	if errno != 0 {
		return -1, nil, errno
	}
	return int(n), bufferAddress(port), nil
}

func Sendto(fd int, p []byte, flags int, to Sockaddr) error {
	ref, port, err := addressRef(to)
	if err != nil {
		return err
	}
	var n uint32
	errno := sock_send_to(int32(fd), makeIOVec(p), 1, ref, port, uint32(flags), &n)
	runtime.KeepAlive(p)
	return errnoErr(errno)
}

func Recvmsg(fd int, p, oob []byte, flags int) (n, oobn, recvflags int, from Sockaddr, err error) {
	n, from, err = Recvfrom(fd, p, flags)
	return n, 0, 0, from, err
}

func SendmsgN(fd int, p, oob []byte, to Sockaddr, flags int) (int, error) {
	if len(oob) > 0 {
		return 0, ENOTSUP
	}
	if to == nil {
		return Write(fd, p)
	}
	if err := Sendto(fd, p, flags, to); err != nil {
		return 0, err
	}
	return len(p), nil
}

func GetsockoptInt(fd, level, opt int) (int, error) {
	var v int32
	n := uint32(unsafe.Sizeof(v))
	errno := sock_getsockopt(int32(fd), uint32(level), uint32(opt), &v, &n)
	return int(v), errnoErr(errno)
}

func SetsockoptInt(fd, level, opt int, value int) error {
	v := int32(value)
	return errnoErr(sock_setsockopt(int32(fd), uint32(level), uint32(opt), &v, uint32(unsafe.Sizeof(v))))
}

func Shutdown(fd int, how int) error {
	return errnoErr(sock_shutdown(int32(fd), sdflags(how)))
}

func StopIO(fd int) error                    { return ENOSYS }
func SetReadDeadline(fd int, t int64) error  { return ENOSYS }
func SetWriteDeadline(fd int, t int64) error { return ENOSYS }
