package network

import (
	"errors"
	"net/netip"
	"syscall"
)

// send takes one datagram of p to its destination. What is dropped or refused
// on the way is no error of the sender's.
func (n *Namespace) send(p *PacketConn, b []byte, to netip.AddrPort) error {
	from := p.bound
	if from.Addr().IsUnspecified() {
		from = netip.AddrPortFrom(n.source(to.Addr()), from.Port())
	}
	w, err := n.flow(from, to)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		p.refuse(err)
		return nil
	case err == errDropped:
		return nil
	case err != nil:
		return err
	}
	rcv, ok := w.to.packetConn(w.addr)
	if !ok {
		p.refuse(syscall.ECONNREFUSED)
		return nil
	}
	rcv.arrive(w.from, b)
	return nil
}

// flow is route for datagrams: those of one flow to a service keep its backend.
func (n *Namespace) flow(from, to netip.AddrPort) (way, error) {
	track := n.node.track
	if f, ok := track.find(from, to); ok {
		w := way{addr: f.Backend, from: f.seen, service: f.Service}
		return w, n.deliver(&w)
	}
	w, err := n.route(UDP, from, to)
	if err != nil {
		return w, err
	}
	if w.nat != nil {
		f := w.nat.track.add(Flow{Client: from, Dst: to, Backend: w.addr, Service: w.service, seen: w.from})
		if w.from = f.seen; w.nat != n.node {
			track.copyOf(f)
		}
		return w, nil
	}
	if f, ok := w.to.node.track.reply(from, to); ok { // undo what was done to the request
		w.addr, w.from = f.Client, f.Dst
		err = w.to.deliver(&w)
	}
	return w, err
}
