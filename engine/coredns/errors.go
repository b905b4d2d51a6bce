package coredns

// Upstream: plugin/errors

import (
	"context"

	"github.com/miekg/dns"
)

// errorHandler writes down the errors that come up the chain.
type errorHandler struct {
	log  logger
	next Handler
}

func setupErrors(c *controller) error {
	for uses := 1; c.Next(); uses++ {
		if err := c.once(uses); err != nil {
			return err
		}
		if args := c.RemainingArgs(); len(args) > 1 || len(args) == 1 && args[0] != "stdout" {
			return c.ArgErr()
		}
		for c.NextBlock() {
			return c.Errf("unknown property '%s'", c.Val())
		}
	}
	c.add(func(next Handler) Handler { return &errorHandler{c.log(), next} })
	return nil
}

func (h *errorHandler) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	code, err := next(ctx, "errors", h.next, w, r)
	if err != nil {
		q := r.Question[0]
		h.log.errorf("%d %s %s: %s", code, q.Name, typeName(q.Qtype), err)
	}
	return code, err
}

func typeName(t uint16) string { return dns.Type(t).String() }
