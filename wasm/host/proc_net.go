package host

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"kubergarten/engine/network"
	"kubergarten/wasm/host/vfs"
)

// net is /proc/net.
func (d procDir) net() table {
	t := table{
		"tcp":  textEntry(func() string { return d.sockets(network.TCP) }),
		"udp":  textEntry(func() string { return d.sockets(network.UDP) }),
		"dev":  textEntry(d.dev),
		"tcp6": textEntry(func() string { return socketHead }),
		"udp6": textEntry(func() string { return socketHead }),
	}
	if d.Net == nil {
		return table{}
	}
	return t
}

const socketHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// sockets is /proc/net/tcp or udp.
func (d procDir) sockets(proto network.Protocol) string {
	var b strings.Builder
	b.WriteString(socketHead)
	for i, s := range d.Net.Sockets() {
		if s.Protocol == proto {
			fmt.Fprintf(&b, "%4d: %s %s %02X 00000000:%08X 00:00000000 00000000     0        0 %d 1 0 100 0 0 10 0\n",
				i, hexAddr(s.Local), hexAddr(s.Remote), socketState(s), s.RecvQ, i+1)
		}
	}
	return b.String()
}

// hexAddr is an address as the kernel prints it: in host order.
func hexAddr(a netip.AddrPort) string {
	ip := [4]byte{}
	if a.Addr().Is4() {
		ip = a.Addr().As4()
	}
	return fmt.Sprintf("%08X:%04X", binary.LittleEndian.Uint32(ip[:]), a.Port())
}

// socketState is the kernel's number of a state.
func socketState(s network.Socket) int {
	switch s.State {
	case "ESTAB":
		return 1
	case "SYN-SENT":
		return 2
	case "LISTEN":
		return 10
	}
	return 7
}

// dev is /proc/net/dev. The wire counts no packets.
func (d procDir) dev() string {
	var b strings.Builder
	b.WriteString("Inter-|   Receive                                                |  Transmit\n" +
		" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n")
	for _, name := range []string{"lo", "eth0"} {
		fmt.Fprintf(&b, "%6s: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", name)
	}
	return b.String()
}

var _ vfs.Dir = table{}
