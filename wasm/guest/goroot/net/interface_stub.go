//go:build wasip1

// A pod has two interfaces, lo and eth0; the latter's address is the one a
// socket gets that talks to the world.

package net

import "syscall"

func interfaceTable(ifindex int) ([]Interface, error) {
	ift := []Interface{{Index: 1, MTU: 65536, Name: "lo", Flags: FlagUp | FlagLoopback | FlagRunning}}
	if ip := podIP(); ip != nil {
		ift = append(ift, Interface{
			Index: 2, MTU: 1500, Name: "eth0",
			HardwareAddr: HardwareAddr{0x0a, 0x58, ip[0], ip[1], ip[2], ip[3]},
			Flags:        FlagUp | FlagBroadcast | FlagMulticast | FlagRunning,
		})
	}
	if ifindex == 0 {
		return ift, nil
	}
	for i := range ift {
		if ift[i].Index == ifindex {
			return ift[i : i+1], nil
		}
	}
	return nil, nil
}

func interfaceAddrTable(ifi *Interface) ([]Addr, error) {
	var addrs []Addr
	if ifi == nil || ifi.Index == 1 {
		addrs = append(addrs, &IPNet{IP: IPv4(127, 0, 0, 1), Mask: CIDRMask(8, 32)})
	}
	if ip := podIP(); ip != nil && (ifi == nil || ifi.Index == 2) {
		addrs = append(addrs, &IPNet{IP: IPv4(ip[0], ip[1], ip[2], ip[3]), Mask: CIDRMask(24, 32)})
	}
	return addrs, nil
}

func interfaceMulticastAddrTable(ifi *Interface) ([]Addr, error) { return nil, nil }

// podIP connects a datagram socket, which sends nothing, and asks for its name.
func podIP() IP {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(s)
	if err := syscall.Connect(s, &syscall.SockaddrInet4{Addr: [4]byte{10, 96, 0, 10}, Port: 53}); err != nil {
		return nil
	}
	sa, _ := syscall.Getsockname(s)
	if sa, ok := sa.(*syscall.SockaddrInet4); ok && sa.Addr != [4]byte{} {
		return IP(sa.Addr[:])
	}
	return nil
}
