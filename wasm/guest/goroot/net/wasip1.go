//go:build wasip1

// What package net needs on top of its Unix files when descriptors are those
// of the WasmEdge socket extension.

package net

import (
	"internal/poll"
	"os"
	"syscall"
)

// probe: the network carries IPv4 only.
func (p *ipStackCapabilities) probe() { p.ipv4Enabled = true }

func sysSocket(family, sotype, proto int) (int, error) {
	s, err := socketFunc(family, sotype, proto)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err := syscall.SetNonblock(s, true); err != nil {
		poll.CloseFunc(s)
		return -1, os.NewSyscallError("setnonblock", err)
	}
	return s, nil
}

func setDefaultSockopts(s, family, sotype int, ipv6only bool) error { return nil }

func setDefaultListenerSockopts(s int) error {
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(s, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
}

func setDefaultMulticastSockopts(s int) error { return syscall.ENOPROTOOPT }

func setReadBuffer(fd *netFD, bytes int) error {
	return setsockopt(fd, syscall.SO_RCVBUF, bytes)
}

func setWriteBuffer(fd *netFD, bytes int) error {
	return setsockopt(fd, syscall.SO_SNDBUF, bytes)
}

func setKeepAlive(fd *netFD, keepalive bool) error {
	v := 0
	if keepalive {
		v = 1
	}
	return setsockopt(fd, syscall.SO_KEEPALIVE, v)
}

func setLinger(fd *netFD, sec int) error { return syscall.ENOPROTOOPT }

func setsockopt(fd *netFD, name, value int) error {
	return wrapSyscallError("setsockopt", syscall.SetsockoptInt(fd.pfd.Sysfd, syscall.SOL_SOCKET, name, value))
}

// newFileFD shares f's descriptor: there is no dup, poll.FD counts its users.
func newFileFD(f *os.File) (*netFD, error) {
	s := f.PollFD().Sysfd
	sotype, err := syscall.GetsockoptInt(s, syscall.SOL_SOCKET, syscall.SO_TYPE)
	if err != nil {
		return nil, os.NewSyscallError("getsockopt", err)
	}
	if sotype == 1 { // the extension's numbers are the other way round
		sotype = syscall.SOCK_DGRAM
	} else {
		sotype = syscall.SOCK_STREAM
	}
	lsa, err := syscall.Getsockname(s)
	if err != nil {
		return nil, os.NewSyscallError("getsockname", err)
	}
	rsa, _ := syscall.Getpeername(s)
	fd, err := newFD(s, syscall.AF_INET, sotype, "")
	if err != nil {
		return nil, err
	}
	fd.pfd = f.PollFD().Copy()
	laddr := fd.addrFunc()(lsa)
	fd.net = laddr.Network()
	if err := fd.init(); err != nil {
		fd.Close()
		return nil, err
	}
	fd.setAddr(laddr, fd.addrFunc()(rsa))
	return fd, nil
}
