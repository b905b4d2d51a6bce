package coredns

// Upstream: plugin/normalize.go

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// zones is a set of zone names, in lower case, with the dot.
type zones []string

// match returns the longest of z that name is in, or "".
func (z zones) match(name string) string {
	best := ""
	for _, zone := range z {
		if dns.IsSubDomain(zone, name) && len(zone) > len(best) {
			best = zone
		}
	}
	return best
}

// splitHostPort takes "zone:port" apart; a network like 10.0.0.0/8 is the zone
// of its reverse names.
func splitHostPort(s, defPort string) (zone, port string, err error) {
	s = strings.TrimPrefix(s, "dns://")
	if trans, _, ok := strings.Cut(s, "://"); ok {
		return "", "", fmt.Errorf("transport %s is not supported: only dns is", trans)
	}
	port = defPort
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		if i == len(s)-1 {
			return "", "", fmt.Errorf("expecting data after last colon: %q", s)
		}
		if n, err := strconv.ParseUint(s[i+1:], 10, 16); err == nil {
			s, port = s[:i], strconv.FormatUint(n, 10)
		}
	}
	zone, err = normalize(s)
	return zone, port, err
}

// normalize makes a zone of a name or network.
func normalize(s string) (string, error) {
	if len(s) > 255 {
		return "", fmt.Errorf("specified zone is too long: %d > 255", len(s))
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return reverseZone(p)
	}
	if _, ok := dns.IsDomainName(dns.Fqdn(s)); !ok {
		return "", fmt.Errorf("zone is not a valid domain name: %s", s)
	}
	return strings.ToLower(dns.Fqdn(s)), nil
}

// reverseZone is the zone of the reverse names in p, whose bits must end with
// a label.
func reverseZone(p netip.Prefix) (string, error) {
	name, err := dns.ReverseAddr(p.Masked().Addr().String())
	bits := 8
	if p.Addr().Is6() {
		bits = 4
	}
	if err != nil || p.Bits()%bits != 0 {
		return "", fmt.Errorf("invalid CIDR %s", p)
	}
	for range (p.Addr().BitLen() - p.Bits()) / bits {
		_, name, _ = strings.Cut(name, ".")
	}
	return name, nil
}

// origins are the zones in args or, if there are none, those of the block.
func origins(args []string, block zones) zones {
	var out zones
	for _, a := range args {
		if z, err := normalize(a); err == nil {
			out = append(out, z)
		}
	}
	if len(args) == 0 {
		return block
	}
	return out
}

// reverseIP is the address that a reverse name stands for.
func reverseIP(name string) (netip.Addr, bool) {
	name = strings.ToLower(name)
	if s, ok := strings.CutSuffix(name, ".in-addr.arpa."); ok {
		l := strings.Split(s, ".")
		for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
			l[i], l[j] = l[j], l[i]
		}
		ip, err := netip.ParseAddr(strings.Join(l, "."))
		return ip, err == nil && len(l) == 4
	}
	if s, ok := strings.CutSuffix(name, ".ip6.arpa."); ok {
		return reverseIP6(strings.Split(s, "."))
	}
	return netip.Addr{}, false
}

func reverseIP6(nibbles []string) (netip.Addr, bool) {
	if len(nibbles) != 32 {
		return netip.Addr{}, false
	}
	var b [16]byte
	for i, n := range nibbles {
		v, err := strconv.ParseUint(n, 16, 4)
		if err != nil || len(n) != 1 {
			return netip.Addr{}, false
		}
		b[15-i/2] |= byte(v) << (4 * (i % 2))
	}
	return netip.AddrFrom16(b), true
}

func isReverse(zone string) bool {
	return dns.IsSubDomain("in-addr.arpa.", zone) || dns.IsSubDomain("ip6.arpa.", zone)
}
