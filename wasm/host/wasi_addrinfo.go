package host

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// WasmEdge's errors of sock_getaddrinfo.
const (
	eaiAgain   errno = 78
	eaiNoname  errno = 84
	eaiService errno = 85
)

// The sizes and offsets of WasmEdge's structures: an addrinfo names a sockaddr,
// and that names the bytes of the address.
const (
	infoSize   = 28
	infoFamily = 2
	infoType   = 3
	infoProto  = 4
	infoLen    = 8
	infoAddr   = 12

	sockaddrSize = 12
	sockaddrLen  = 4
	sockaddrData = 8

	addrData = 14 // port, in network order, address, zeros

	maxInfos = 64
)

// sockAddrinfo resolves a name: node, service, hints, the guest's list of
// results, how many it has room for, and how many there are.
func sockAddrinfo(p *Process, a args) errno {
	node, e := p.mem.text(a.u32(0), a.u32(1), 255)
	if e != ok {
		return e
	}
	service, e := p.mem.text(a.u32(2), a.u32(3), 32)
	if e != ok {
		return e
	}
	hints, e := p.mem.bytes(a.u32(4), infoSize)
	if e != ok {
		return e
	}
	list, fine := p.mem.ReadUint32Le(a.u32(5))
	if !fine {
		return eFAULT
	}
	port, known := servicePort(strings.TrimRight(service, "\x00"))
	if !known {
		return eaiService
	}
	typ := hints[infoType]
	ips, e := p.resolve(strings.TrimRight(node, "\x00"))
	if e != ok {
		return e
	}
	ips = ips[:min(len(ips), int(a.u32(6)&0x7fffffff), maxInfos)]
	for i, ip := range ips {
		if e := p.putInfo(list+uint32(i)*infoSize, netip.AddrPortFrom(ip, port), typ); e != ok {
			return e
		}
	}
	return p.mem.putU32(a.u32(7), uint32(len(ips)))
}

// servicePort is the number of a service.
func servicePort(s string) (uint16, bool) {
	known := map[string]uint16{
		"": 0, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "http": 80, "pop3": 110, "ntp": 123, "imap": 143, "https": 443,
	}
	if port, is := known[s]; is {
		return port, true
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return uint16(n), err == nil
}

// putInfo fills one of the guest's addrinfos.
func (p *Process) putInfo(at uint32, to netip.AddrPort, typ byte) errno {
	info, e := p.mem.bytes(at, infoSize)
	if e != ok {
		return e
	}
	if typ == sockAny {
		typ = sockStream
	}
	info[infoFamily], info[infoType], info[infoProto] = familyInet4, typ, 3-typ // TCP is 1, UDP 2
	binary.LittleEndian.PutUint32(info[infoLen:], 16)
	sa, e := p.mem.bytes(binary.LittleEndian.Uint32(info[infoAddr:]), sockaddrSize)
	if e != ok {
		return e
	}
	sa[0] = familyInet4
	binary.LittleEndian.PutUint32(sa[sockaddrLen:], addrData)
	data, e := p.mem.bytes(binary.LittleEndian.Uint32(sa[sockaddrData:]), addrData)
	if e != ok {
		return e
	}
	clear(data)
	binary.BigEndian.PutUint16(data, to.Port())
	copy(data[2:], to.Addr().AsSlice())
	return ok
}
