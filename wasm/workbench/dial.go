package workbench

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// dnsServer is the cluster's DNS.
const dnsServer = "10.96.0.10"

// How long an answer of DNS is waited for, and how often it is asked.
const (
	dnsPatience = 2 * time.Second
	dnsAttempts = 3
)

// searchDomains are those of a pod in the namespace default.
func searchDomains() []string {
	return []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"}
}

// Dial connects to an address on the cluster's network, from the node. A name
// is looked up in the cluster's DNS as a pod in the namespace default does it.
// The computer's own network is never used.
func (w *Workbench) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	name, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.AddrError{Err: "invalid port", Addr: address}}
	}
	ips, err := w.lookup(ctx, name)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	for _, ip := range ips {
		var c net.Conn
		if c, err = w.cfg.Network.Namespace().Dial(ctx, network, netip.AddrPortFrom(ip, uint16(port))); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// lookup finds the addresses of a name; there is at least one if it succeeds.
func (w *Workbench) lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	if _, ok := dns.IsDomainName(name); !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, Server: dnsServer, IsNotFound: true}
	}
	for _, full := range fullNames(name) {
		ips, err := w.ask(ctx, full)
		if err != nil {
			return nil, &net.DNSError{Err: err.Error(), Name: name, Server: dnsServer, IsTemporary: true}
		}
		if len(ips) > 0 {
			return ips, nil
		}
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, Server: dnsServer, IsNotFound: true}
}

// fullNames are what to ask for, in order; ndots is 5, as in a pod.
func fullNames(name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	var list []string
	for _, domain := range searchDomains() {
		list = append(list, name+"."+domain+".")
	}
	if strings.Count(name, ".") >= 5 {
		return append([]string{name + "."}, list...)
	}
	return append(list, name+".")
}

// ask asks for one name. No addresses and no error is a name that does not
// exist.
func (w *Workbench) ask(ctx context.Context, name string) (ips []netip.Addr, err error) {
	q := new(dns.Msg).SetQuestion(name, dns.TypeA)
	var m *dns.Msg
	for range dnsAttempts {
		m, err = w.exchange(ctx, q)
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	for _, rr := range m.Answer {
		if a, is := rr.(*dns.A); is {
			if ip, ok := netip.AddrFromSlice(a.A.To4()); ok {
				ips = append(ips, ip)
			}
		}
	}
	return ips, nil
}

// exchange sends a question and waits for its answer.
func (w *Workbench) exchange(ctx context.Context, q *dns.Msg) (*dns.Msg, error) {
	to := netip.AddrPortFrom(netip.MustParseAddr(dnsServer), 53)
	c, err := w.cfg.Network.Namespace().Dial(ctx, "udp", to)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	late := w.cfg.Clock.AfterFunc(dnsPatience, func() { c.Close() })
	defer late.Stop()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	co := &dns.Conn{Conn: c}
	if err := co.WriteMsg(q); err != nil {
		return nil, fmt.Errorf("ask %s: %w", to, err)
	}
	for {
		m, err := co.ReadMsg()
		switch {
		case err != nil:
			return nil, fmt.Errorf("no answer of %s: %w", to, err)
		case m.Id != q.Id || !m.Response:
			continue
		case m.Rcode == dns.RcodeServerFailure || m.Rcode == dns.RcodeRefused:
			return nil, fmt.Errorf("%s: %s", to, dns.RcodeToString[m.Rcode])
		}
		return m, nil
	}
}
