package coredns

// Upstream: plugin/plugin.go, core/dnsserver/zdirectives.go

import (
	"context"
	"fmt"
	"net"

	"github.com/miekg/dns"

	"kubergarten/engine/coredns/corefile"
)

// A Handler is a link of a block's chain. It answers on w, or asks the next
// one. The code says whether an answer was written: see wrote.
type Handler interface {
	ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (code int, err error)
}

// A plugin sets itself up from its directive.
type plugin struct {
	name  string
	setup func(*controller) error
}

// plugins are those that can be in a Corefile, in the order of their work.
func plugins() []plugin {
	return []plugin{
		{"reload", setupReload},
		{"debug", setupDebug},
		{"ready", setupReady},
		{"health", setupHealth},
		{"prometheus", setupPrometheus},
		{"errors", setupErrors},
		{"log", setupLog},
		{"loadbalance", setupLoadbalance},
		{"cache", setupCache},
		{"kubernetes", setupKubernetes},
		{"loop", setupLoop},
		{"forward", setupForward},
		{"whoami", setupWhoami},
	}
}

func directives() []string {
	var out []string
	for _, p := range plugins() {
		out = append(out, p.name)
	}
	return out
}

// A controller is what a plugin's setup sees: its tokens, its block, and the
// instance it becomes part of.
type controller struct {
	*corefile.Dispenser
	plugin string
	block  *block
	inst   *instance
}

func (c *controller) log() logger { return c.inst.log.plugin(c.plugin) }

// add puts a link into the chain of the block.
func (c *controller) add(link func(next Handler) Handler) {
	c.block.links = append(c.block.links, link)
}

// once fails if the directive was used before in this block.
func (c *controller) once(uses int) error {
	if uses > 1 {
		return fmt.Errorf("this plugin can only be used once per Server Block")
	}
	return nil
}

// address is for plugins that take one address to listen at, if any, and are
// used once.
func (c *controller) address(addr string) (string, error) {
	for uses := 1; c.Next(); uses++ {
		if err := c.once(uses); err != nil {
			return "", err
		}
		switch args := c.RemainingArgs(); len(args) {
		case 0:
		case 1:
			addr = args[0]
			if _, _, err := net.SplitHostPort(addr); err != nil {
				return "", err
			}
		default:
			return "", c.ArgErr()
		}
		for c.NextBlock() {
			return "", c.Errf("unknown property '%s'", c.Val())
		}
	}
	return addr, nil
}

// noArgs is for plugins that take none, and are used once.
func (c *controller) noArgs() error {
	for uses := 1; c.Next(); uses++ {
		if err := c.once(uses); err != nil {
			return err
		}
		if c.NextArg() {
			return c.ArgErr()
		}
	}
	return nil
}

// next asks the next handler; at the end of the chain nobody knows.
func next(ctx context.Context, name string, h Handler, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	if h == nil {
		return dns.RcodeServerFailure, fmt.Errorf("plugin/%s: no next plugin found", name)
	}
	return h.ServeDNS(ctx, w, r)
}

// wrote reports whether code says that an answer has been written; the codes
// for which it does not are left to the server to answer.
func wrote(code int) bool {
	switch code {
	case dns.RcodeServerFailure, dns.RcodeRefused, dns.RcodeFormatError, dns.RcodeNotImplemented:
		return false
	}
	return true
}
