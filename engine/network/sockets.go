package network

import (
	"net/netip"
	"slices"
)

// A Socket is a line of /proc/net/tcp or /proc/net/udp, or of ss.
type Socket struct {
	Protocol Protocol
	Local    netip.AddrPort
	Remote   netip.AddrPort
	State    string // as ss words it: LISTEN, SYN-SENT, ESTAB, UNCONN
	RecvQ    int    // bytes, or connections, to be read
}

// Sockets lists the open sockets, by protocol and local address.
func (n *Namespace) Sockets() []Socket {
	n.mu.Lock()
	ls := n.listeners()
	var out []Socket
	conns := make([]*Conn, 0, len(n.conns))
	for c := range n.conns {
		conns = append(conns, c)
	}
	var udp []*PacketConn
	for _, p := range n.udp {
		udp = append(udp, p)
	}
	n.mu.Unlock()
	for _, l := range ls {
		out = append(out, l.socket())
	}
	for _, c := range conns {
		out = append(out, c.socket())
	}
	for _, p := range udp {
		out = append(out, p.socket())
	}
	slices.SortFunc(out, func(a, b Socket) int {
		if a.Protocol != b.Protocol {
			return slices.Compare([]byte(a.Protocol), []byte(b.Protocol))
		}
		return a.Local.Compare(b.Local)
	})
	return out
}

func (l *Listener) socket() Socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Socket{Protocol: TCP, Local: l.addr, State: "LISTEN", RecvQ: len(l.queue)}
}

func (c *Conn) socket() Socket {
	s := Socket{Protocol: TCP, Local: c.local, Remote: c.remote, State: "ESTAB"}
	if done, _ := c.Established(); !done {
		s.State = "SYN-SENT"
	}
	c.rx.mu.Lock()
	defer c.rx.mu.Unlock()
	s.RecvQ = c.rx.ring.n
	return s
}

func (p *PacketConn) socket() Socket {
	s := Socket{Protocol: UDP, Local: p.local(), Remote: p.connected(), State: "UNCONN"}
	if s.Remote.IsValid() {
		s.State = "ESTAB"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.RecvQ = p.bytes
	return s
}

// flows lists the connections that were rewritten to a backend.
func (n *Namespace) flows() []Flow {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []Flow
	for c := range n.conns {
		if p := c.peer.Load(); p != nil && c.service != "" { // settled before there was a peer
			p.rx.mu.Lock()
			sent := p.rx.sent
			p.rx.mu.Unlock()
			out = append(out, Flow{Protocol: TCP, Client: c.local, Dst: c.remote, Backend: c.backend, Service: c.service, Bytes: sent})
		}
	}
	return out
}
