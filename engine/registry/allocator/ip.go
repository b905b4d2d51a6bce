package allocator

// Upstream: pkg/registry/core/service/ipallocator/{interfaces,cidrallocator,ipallocator}.go

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// Why an address or port is not to be had.
var (
	ErrFull          = errors.New("range is full")
	ErrIPAllocated   = errors.New("provided IP is already allocated")
	ErrPortAllocated = errors.New("provided port is already allocated")
	ErrOutside       = errors.New("the provided network does not match the current range")
	ErrNotReady      = errors.New("allocator not ready")
)

// IPs gives out the addresses of a prefix, except its first and, of IPv4, its
// last one.
type IPs struct {
	prefix netip.Prefix
	size   int
	pool   *Pool
}

// maxIPs is how many addresses of a huge prefix are used, as upstream.
const maxIPs = 1 << 16

// NewIPs returns the addresses of prefix, all free.
func NewIPs(prefix netip.Prefix, random func(n int) int) (*IPs, error) {
	prefix = prefix.Masked()
	bits := prefix.Addr().BitLen() - prefix.Bits()
	all := maxIPs
	if bits < 31 {
		all = 1 << bits
	}
	size := all - 1 // without the address of the network
	if prefix.Addr().Is4() {
		size-- // without the broadcast address
	} else {
		size = min(size, maxIPs)
	}
	if size < 1 {
		return nil, fmt.Errorf("service CIDR %s has no addresses to give", prefix)
	}
	return &IPs{prefix: prefix, size: size, pool: NewPool(size, offsetOf(all, 16, 256), random)}, nil
}

// Is4 reports whether the addresses are IPv4.
func (r *IPs) Is4() bool { return r.prefix.Addr().Is4() }

// Take takes ip.
func (r *IPs) Take(ip netip.Addr) error {
	i, err := r.index(ip)
	if err != nil {
		return err
	}
	if !r.pool.Take(i) {
		return ErrIPAllocated
	}
	return nil
}

// Check returns the error that Take would.
func (r *IPs) Check(ip netip.Addr) error {
	i, err := r.index(ip)
	if err == nil && r.pool.Has(i) {
		return ErrIPAllocated
	}
	return err
}

// Next takes an address that is free.
func (r *IPs) Next() (netip.Addr, error) {
	i, ok := r.pool.Next()
	if !ok {
		return netip.Addr{}, ErrFull
	}
	return add(r.prefix.Addr(), i+1), nil
}

// Release gives ip back. An address that was never given is ignored.
func (r *IPs) Release(ip netip.Addr) {
	if i, err := r.index(ip); err == nil {
		r.pool.Release(i)
	}
}

// index is ip's number in the pool.
func (r *IPs) index(ip netip.Addr) (int, error) {
	ip = ip.Unmap()
	i := -1
	if r.prefix.Contains(ip) {
		i = sub(ip, r.prefix.Addr()) - 1
	}
	if i < 0 || i >= r.size {
		return 0, ErrOutside
	}
	return i, nil
}

// add returns a+n.
func add(a netip.Addr, n int) netip.Addr {
	if a.Is4() {
		b := a.As4()
		binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])+uint32(n))
		return netip.AddrFrom4(b)
	}
	b := a.As16() // prefixes of 64 bits and longer: the lower half does not overflow
	binary.BigEndian.PutUint64(b[8:], binary.BigEndian.Uint64(b[8:])+uint64(n))
	return netip.AddrFrom16(b)
}

// sub returns a-b, which lie in one prefix.
func sub(a, b netip.Addr) int {
	x, y := a.As16(), b.As16()
	d := binary.BigEndian.Uint64(x[8:]) - binary.BigEndian.Uint64(y[8:])
	return int(min(d, 1<<40))
}
