package applet

import (
	"bufio"
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
)

// lookup resolves a host name or a dotted address as resolv.conf says.
func lookup(host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	return net.DefaultResolver.LookupNetIP(context.Background(), "ip4", host)
}

// ownAddress is the pod's IP.
func ownAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return "127.0.0.1"
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	return "127.0.0.1"
}

// nameservers are those of resolv.conf.
func nameservers() []string {
	f, err := os.Open("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	defer f.Close()
	var list []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if w := strings.Fields(sc.Text()); len(w) > 1 && w[0] == "nameserver" {
			list = append(list, w[1])
		}
	}
	return list
}

// nslookup prints as busybox 1.28 does.
func nslookup(p *Proc) int {
	var words []string
	for _, a := range p.Args {
		if !strings.HasPrefix(a, "-") {
			words = append(words, a)
		}
	}
	if len(words) == 0 || len(words) > 2 {
		return p.help(1)
	}
	r := net.DefaultResolver
	server := "127.0.0.1"
	if list := nameservers(); len(list) > 0 {
		server = list[0]
	}
	if len(words) == 2 {
		addrs, err := lookup(words[1])
		if err != nil || len(addrs) == 0 {
			return p.fail("can't resolve '%s'", words[1])
		}
		server = addrs[0].Unmap().String()
		r = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, net.JoinHostPort(server, "53"))
		}}
	}
	p.printHost(r, server, "Server:")
	p.println()
	p.flush()
	return p.printHost(r, words[0], "Name:")
}

// printHost prints a name, its addresses, and the names of those.
func (p *Proc) printHost(r *net.Resolver, host, header string) int {
	ctx := context.Background()
	var addrs []netip.Addr
	if addr, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{addr}
	} else if addrs, err = r.LookupNetIP(ctx, "ip4", host); err != nil || len(addrs) == 0 {
		return p.fail("can't resolve '%s'", host)
	}
	p.printf("%-10s %s\n", header, host)
	for i, addr := range addrs {
		p.printf("Address %d: %s", i+1, addr.Unmap())
		if names, err := r.LookupAddr(ctx, addr.Unmap().String()); err == nil && len(names) > 0 {
			p.print(" " + strings.TrimSuffix(names[0], "."))
		}
		p.println()
	}
	return 0
}
