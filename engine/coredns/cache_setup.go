package coredns

// Upstream: plugin/cache/setup.go

import (
	"fmt"
	"strconv"
	"time"
)

func setupCache(c *controller) error {
	ca := newCache(c.inst.Clock)
	for uses := 1; c.Next(); uses++ {
		if err := c.once(uses); err != nil {
			return err
		}
		if err := ca.parse(c); err != nil {
			return err
		}
	}
	c.add(func(next Handler) Handler { ca.next = next; return ca })
	return nil
}

// parse reads "cache [TTL] [ZONES...] { ... }".
func (ca *cache) parse(c *controller) error {
	args := c.RemainingArgs()
	if len(args) > 0 {
		if ttl, err := strconv.Atoi(args[0]); err == nil {
			if ttl <= 0 {
				return fmt.Errorf("cache TTL can not be zero or negative: %d", ttl)
			}
			ca.success.max, ca.denial.max = time.Duration(ttl)*time.Second, time.Duration(ttl)*time.Second
			args = args[1:]
		}
	}
	ca.zones = origins(args, c.block.zones)
	for c.NextBlock() {
		if err := ca.property(c); err != nil {
			return err
		}
	}
	return nil
}

func (ca *cache) property(c *controller) error {
	name, args := c.Val(), c.RemainingArgs()
	switch name {
	case "success":
		return ca.success.parse(c, args)
	case "denial":
		return ca.denial.parse(c, args)
	case "disable":
		return ca.disable(c, args)
	case "keepttl":
		if len(args) > 0 {
			return c.ArgErr()
		}
		ca.keepTTL = true
		return nil
	}
	return c.Errf("unknown property '%s'", name)
}

// parse reads "CAPACITY [TTL] [MINTTL]".
func (p *pool) parse(c *controller, args []string) error {
	if len(args) == 0 || len(args) > 3 {
		return c.ArgErr()
	}
	var n [3]int
	for i, a := range args {
		var err error
		if n[i], err = strconv.Atoi(a); err != nil {
			return err
		}
	}
	p.size = max(n[0], 1)
	if len(args) > 1 {
		if n[1] <= 0 {
			return fmt.Errorf("cache TTL can not be zero or negative: %d", n[1])
		}
		p.max = time.Duration(n[1]) * time.Second
	}
	if len(args) > 2 {
		if n[2] < 0 {
			return fmt.Errorf("cache min TTL can not be negative: %d", n[2])
		}
		p.min = time.Duration(n[2]) * time.Second
	}
	return nil
}

// disable reads "disable success|denial [ZONES...]".
func (ca *cache) disable(c *controller, args []string) error {
	if len(args) == 0 {
		return c.ArgErr()
	}
	except := zones{"."}
	if len(args) > 1 {
		except = nil
	}
	for _, a := range args[1:] {
		z, err := normalize(a)
		if err != nil {
			return fmt.Errorf("invalid disabled zone: %s", a)
		}
		except = append(except, z)
	}
	switch args[0] {
	case "success":
		ca.success.except = except
	case "denial":
		ca.denial.except = except
	default:
		return fmt.Errorf("cache type for disable must be %q or %q", "success", "denial")
	}
	return nil
}
