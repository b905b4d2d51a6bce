package network

import (
	"context"
	"net"
	"net/netip"
	"syscall"
)

// Ping sends one ICMP echo request and waits for the reply. Service addresses
// do not answer, as in kube-proxy's iptables mode; there it waits for ctx.
func (n *Namespace) Ping(ctx context.Context, addr netip.Addr) error {
	addr = addr.Unmap()
	err := n.ping(addr)
	if err == errDropped {
		<-ctx.Done()
		err = ctxError(ctx)
	}
	if err != nil {
		return opError("ping", "ip4:icmp", "sendto", nil, &net.IPAddr{IP: addr.AsSlice()}, err)
	}
	return nil
}

func (n *Namespace) ping(addr netip.Addr) error {
	n.mu.Lock()
	down := n.down
	n.mu.Unlock()
	if down {
		return syscall.ENETDOWN
	}
	if n.owns(addr) || addr.IsUnspecified() {
		return nil
	}
	_, err := n.fabric.owner(addr)
	return err
}
