package coredns

// Upstream: plugin/debug, plugin/whoami

import (
	"context"
	"net"
	"strconv"

	"github.com/miekg/dns"
)

// setupDebug accepts debug, whose only work upstream is to let panics through;
// here a panic of one query never takes the server down.
func setupDebug(c *controller) error { return c.noArgs() }

// whoami answers with the client's address and port.
type whoami struct{}

func setupWhoami(c *controller) error {
	c.add(func(Handler) Handler { return whoami{} })
	return c.noArgs()
}

func (whoami) ServeDNS(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	m := reply(r, dns.RcodeSuccess)
	m.Authoritative = true
	name := r.Question[0].Name
	host, port, err := net.SplitHostPort(w.RemoteAddr().String())
	if err != nil {
		return dns.RcodeServerFailure, err
	}
	n, _ := strconv.ParseUint(port, 10, 16) // it comes from a net.Addr
	m.Extra = append(m.Extra, address(name, net.ParseIP(host), 0), &dns.SRV{
		Hdr: header("_"+proto(w)+"."+name, dns.TypeSRV, 0), Port: uint16(n), Target: ".",
	})
	return dns.RcodeSuccess, w.WriteMsg(m)
}

func header(name string, t uint16, ttl uint32) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: ttl}
}

// address is an A or AAAA record.
func address(name string, ip net.IP, ttl uint32) dns.RR {
	if v4 := ip.To4(); v4 != nil {
		return &dns.A{Hdr: header(name, dns.TypeA, ttl), A: v4}
	}
	return &dns.AAAA{Hdr: header(name, dns.TypeAAAA, ttl), AAAA: ip}
}
