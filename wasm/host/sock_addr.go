package host

import (
	"encoding/binary"
	"net/netip"
)

// WasmEdge's address families and socket types.
const (
	familyAny   = 0
	familyInet4 = 1
	familyInet6 = 2

	sockAny    = 0
	sockDgram  = 1
	sockStream = 2
)

// addressBuffer returns the buffer that an address's {pointer, length} names.
func (p *Process) addressBuffer(ref uint32) ([]byte, errno) {
	b, e := p.mem.bytes(ref, 8)
	if e != ok {
		return nil, e
	}
	return p.mem.bytes(binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]))
}

// readAddress reads an address: 4 or 16 bytes bare, or behind their family.
func (p *Process) readAddress(ref, port uint32) (netip.AddrPort, errno) {
	b, e := p.addressBuffer(ref)
	if e != ok {
		return netip.AddrPort{}, e
	}
	if port > 65535 {
		return netip.AddrPort{}, eINVAL
	}
	ip, fine := parseAddress(b)
	if !fine {
		return netip.AddrPort{}, eINVAL
	}
	if ip, e = plain(ip); e != ok {
		return netip.AddrPort{}, e
	}
	return netip.AddrPortFrom(ip, uint16(port)), ok
}

func parseAddress(b []byte) (netip.Addr, bool) {
	if len(b) == 4 || len(b) == 16 {
		return netip.AddrFromSlice(b)
	}
	if len(b) < 18 {
		return netip.Addr{}, false
	}
	switch binary.LittleEndian.Uint16(b) {
	case familyInet4:
		return netip.AddrFromSlice(b[2:6])
	case familyInet6:
		return netip.AddrFromSlice(b[2:18])
	}
	return netip.Addr{}, false
}

// plain is the IPv4 address that an IPv6 one stands for: mapped, any, or
// loopback. Others are not to be reached.
func plain(ip netip.Addr) (netip.Addr, errno) {
	switch ip = ip.Unmap(); {
	case ip.Is4():
		return ip, ok
	case ip.IsUnspecified():
		return netip.IPv4Unspecified(), ok
	case ip == netip.IPv6Loopback():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), ok
	}
	return ip, eNETUNREACH
}

// writeAddress writes an address as the buffer's size asks for it.
func (p *Process) writeAddress(ref uint32, ip netip.Addr, inet6 bool) errno {
	b, e := p.addressBuffer(ref)
	if e != ok {
		return e
	}
	raw, family := ip.AsSlice(), uint16(familyInet4)
	if inet6 {
		all := ip.As16()
		if ip.IsUnspecified() {
			all = netip.IPv6Unspecified().As16()
		}
		raw, family = all[:], familyInet6
	}
	switch {
	case len(b) == 4 && !inet6, len(b) == 16 && inet6:
		copy(b, raw)
	case len(b) == 16:
		all := ip.As16()
		copy(b, all[:])
	case len(b) >= 18:
		clear(b)
		binary.LittleEndian.PutUint16(b, family)
		copy(b[2:], raw)
	default:
		return eINVAL
	}
	return ok
}
