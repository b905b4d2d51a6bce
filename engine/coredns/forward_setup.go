package coredns

// Upstream: plugin/forward/setup.go, plugin/pkg/parse/host.go

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

func setupForward(c *controller) error {
	for c.Next() {
		f := &forward{inst: c.inst, policy: "random"}
		if err := f.parse(c); err != nil {
			return err
		}
		c.add(func(next Handler) Handler { f.next = next; return f })
	}
	return nil
}

// parse reads "forward FROM TO... { ... }".
func (f *forward) parse(c *controller) error {
	args := c.RemainingArgs()
	if len(args) < 2 {
		return c.ArgErr()
	}
	var err error
	if f.from, err = normalize(args[0]); err != nil {
		return fmt.Errorf("unable to normalize '%s'", args[0])
	}
	for c.NextBlock() {
		if err := f.property(c); err != nil {
			return err
		}
	}
	for _, to := range args[1:] {
		list, err := c.inst.nameservers(c.log(), to)
		if err != nil {
			return err
		}
		f.to = append(f.to, list...)
	}
	if len(f.to) > 15 {
		return fmt.Errorf("more than %d TOs configured: %d", 15, len(f.to))
	}
	return nil
}

func (f *forward) property(c *controller) error {
	name, args := c.Val(), c.RemainingArgs()
	switch name {
	case "except":
		if len(args) == 0 {
			return c.ArgErr()
		}
		f.except = origins(args, nil)
	case "force_tcp", "prefer_udp":
		if len(args) > 0 {
			return c.ArgErr()
		}
		f.tcp, f.udp = f.tcp || name == "force_tcp", f.udp || name == "prefer_udp"
	case "policy":
		return f.setPolicy(c, args)
	case "max_concurrent":
		return f.setMax(c, args)
	default:
		return c.Errf("unknown property '%s'", name)
	}
	return nil
}

func (f *forward) setPolicy(c *controller, args []string) error {
	if len(args) != 1 {
		return c.ArgErr()
	}
	switch f.policy = args[0]; f.policy {
	case "random", "round_robin", "sequential":
		return nil
	}
	return c.Errf("unknown policy '%s'", f.policy)
}

func (f *forward) setMax(c *controller, args []string) (err error) {
	if len(args) != 1 {
		return c.ArgErr()
	}
	if f.max, err = strconv.ParseInt(args[0], 10, 64); err == nil && f.max < 0 {
		err = fmt.Errorf("max_concurrent can't be negative: %d", f.max)
	}
	return err
}

// nameservers are the server that to names, or those in the file it names.
func (in *instance) nameservers(log logger, to string) ([]netip.AddrPort, error) {
	host := strings.TrimPrefix(to, "dns://")
	if trans, _, ok := strings.Cut(host, "://"); ok {
		return nil, fmt.Errorf("'%s' is not supported as a destination protocol in forward: %s", trans, to)
	}
	if a, err := netip.ParseAddrPort(host); err == nil {
		return []netip.AddrPort{a}, nil
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(a, 53)}, nil
	}
	data, err := fs.ReadFile(in.FS, strings.TrimPrefix(host, "/"))
	missing := errors.Is(err, fs.ErrNotExist) && host == "/etc/resolv.conf"
	if err != nil && !missing {
		return nil, fmt.Errorf("not an IP address or file %q: %w", host, err)
	}
	list := resolvConf(data)
	if len(list) == 0 {
		log.warningf("no nameservers found in %s: names outside the cluster are not resolved", host)
	}
	return list, nil
}

func resolvConf(data []byte) []netip.AddrPort {
	conf, err := dns.ClientConfigFromReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	var out []netip.AddrPort
	for _, s := range conf.Servers {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.AddrPortFrom(a.WithZone(""), 53))
		}
	}
	return out
}
