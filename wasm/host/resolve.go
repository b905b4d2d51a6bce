package host

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"kubergarten/engine/network"
)

// resolvConf is what /etc/resolv.conf says, as resolv.conf(5) has it.
type resolvConf struct {
	servers  []netip.Addr
	search   []string
	ndots    int
	timeout  time.Duration
	attempts int
}

// parseResolvConf reads a resolv.conf(5).
func parseResolvConf(text string) resolvConf {
	c := resolvConf{ndots: 1, timeout: 5 * time.Second, attempts: 2}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		switch f[0] {
		case "nameserver":
			if ip, err := netip.ParseAddr(f[1]); err == nil && ip.Unmap().Is4() && len(c.servers) < 3 {
				c.servers = append(c.servers, ip.Unmap())
			}
		case "search":
			c.search = f[1:]
		case "options":
			for _, o := range f[1:] {
				c.option(o)
			}
		}
	}
	return c
}

func (c *resolvConf) option(o string) {
	name, val, _ := strings.Cut(o, ":")
	n, err := strconv.Atoi(val)
	if err != nil || n < 0 {
		return
	}
	switch name {
	case "ndots":
		c.ndots = min(n, 15)
	case "timeout":
		c.timeout = time.Duration(min(max(n, 1), 30)) * time.Second
	case "attempts":
		c.attempts = min(max(n, 1), 5)
	}
}

// names are what to ask for, in order.
func (c *resolvConf) names(name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	var list []string
	for _, s := range c.search {
		list = append(list, dns.Fqdn(name+"."+s))
	}
	if strings.Count(name, ".") >= c.ndots {
		return append([]string{dns.Fqdn(name)}, list...)
	}
	return append(list, dns.Fqdn(name))
}

// hosts finds a name in a hosts(5) file.
func hosts(text, name string) (ips []netip.Addr) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		for i, alias := range f {
			if i > 0 && strings.EqualFold(alias, name) {
				if ip, err := netip.ParseAddr(f[0]); err == nil && ip.Unmap().Is4() {
					ips = append(ips, ip.Unmap())
				}
				break
			}
		}
	}
	return ips
}

// resolve finds the IPv4 addresses of a name as libc does: a number, a line of
// /etc/hosts, or what the name servers say.
func (p *Process) resolve(name string) ([]netip.Addr, errno) {
	if name == "" {
		return []netip.Addr{netip.IPv4Unspecified()}, ok
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		ip, e := plain(ip)
		return []netip.Addr{ip}, e
	}
	file, _ := p.view.ReadFile("/etc/hosts", 1<<20)
	if ips := hosts(string(file), strings.TrimSuffix(name, ".")); len(ips) > 0 {
		return ips, ok
	}
	file, _ = p.view.ReadFile("/etc/resolv.conf", 1<<16)
	c := parseResolvConf(string(file))
	if p.cfg.Net == nil || len(c.servers) == 0 {
		return nil, eaiAgain
	}
	e := eaiNoname
	for _, full := range c.names(name) {
		ips, answer := p.ask(&c, full)
		if len(ips) > 0 {
			return ips, ok
		}
		if answer == eaiAgain {
			e = eaiAgain
		}
	}
	return nil, e
}

// ask asks the name servers, one after the other, for one name.
func (p *Process) ask(c *resolvConf, name string) ([]netip.Addr, errno) {
	if _, valid := dns.IsDomainName(name); !valid {
		return nil, eaiNoname
	}
	q := new(dns.Msg).SetQuestion(name, dns.TypeA)
	raw, err := q.Pack()
	if err != nil {
		return nil, eaiNoname
	}
	for range c.attempts {
		for _, server := range c.servers {
			m := p.exchange(raw, q.Id, netip.AddrPortFrom(server, 53), c.timeout)
			switch {
			case m == nil || m.Rcode == dns.RcodeServerFailure:
				continue
			case m.Rcode != dns.RcodeSuccess:
				return nil, eaiNoname
			}
			return addresses(m), ok
		}
	}
	return nil, eaiAgain
}

func addresses(m *dns.Msg) (ips []netip.Addr) {
	for _, rr := range m.Answer {
		if a, is := rr.(*dns.A); is {
			if ip, fine := netip.AddrFromSlice(a.A.To4()); fine {
				ips = append(ips, ip)
			}
		}
	}
	return ips
}

// exchange sends a query and waits for its answer; nil if there is none.
func (p *Process) exchange(q []byte, id uint16, to netip.AddrPort, timeout time.Duration) *dns.Msg {
	c, err := p.cfg.Net.ListenPacket(anyPort())
	if err != nil {
		return nil
	}
	defer c.Close()
	c.OnReady(p.notify)
	if c.Connect(to) != nil {
		return nil
	}
	if _, err := c.TryWriteTo(q, netip.AddrPort{}); err != nil {
		return nil
	}
	return p.answer(c, id, timeout)
}

func (p *Process) answer(c *network.PacketConn, id uint16, timeout time.Duration) *dns.Msg {
	begun := p.cfg.Clock.Now()
	buf := make([]byte, 4096)
	p.parked.Store(true)
	defer p.parked.Store(false)
	defer p.silence()
	for {
		n, _, err := c.TryReadFrom(buf)
		m := new(dns.Msg)
		switch {
		case err == nil && m.Unpack(buf[:n]) == nil && m.Id == id && m.Response:
			return m
		case err == nil:
			continue // an answer to somebody else
		case err != network.ErrWouldBlock:
			return nil
		}
		left := timeout - p.cfg.Clock.Since(begun)
		if left <= 0 {
			return nil
		}
		p.park(p.alarm(left).C())
	}
}
