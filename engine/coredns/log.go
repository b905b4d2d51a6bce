package coredns

// Upstream: plugin/log

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"kubergarten/engine/clock"
)

// queryLog writes a line for each query.
type queryLog struct {
	log   logger
	clock clock.Clock
	rules []logRule
	next  Handler
}

type logRule struct {
	scope   string
	classes []string // all, success, denial, error
}

func setupLog(c *controller) error {
	l := &queryLog{log: c.inst.log, clock: c.inst.Clock}
	for c.Next() {
		rules, err := parseLog(c)
		if err != nil {
			return err
		}
		l.rules = append(l.rules, rules...)
	}
	c.add(func(next Handler) Handler { l.next = next; return l })
	return nil
}

func parseLog(c *controller) ([]logRule, error) {
	scopes := c.RemainingArgs()
	if slices.ContainsFunc(scopes, func(s string) bool { return strings.Contains(s, "{") }) {
		return nil, c.Errf("log formats are not supported: '%s'", scopes[len(scopes)-1])
	}
	if len(scopes) == 0 {
		scopes = []string{"."}
	}
	var classes []string
	for c.NextBlock() {
		if c.Val() != "class" {
			return nil, c.Errf("unknown property '%s'", c.Val())
		}
		args := c.RemainingArgs()
		if len(args) == 0 {
			return nil, c.ArgErr()
		}
		for _, a := range args {
			if !slices.Contains([]string{"all", "success", "denial", "error"}, a) {
				return nil, fmt.Errorf("invalid Class: %s", a)
			}
		}
		classes = append(classes, args...)
	}
	if len(classes) == 0 {
		classes = []string{"all"}
	}
	var out []logRule
	for _, s := range scopes {
		out = append(out, logRule{strings.ToLower(dns.Fqdn(s)), classes})
	}
	return out, nil
}

func (l *queryLog) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	name := strings.ToLower(r.Question[0].Name)
	i := slices.IndexFunc(l.rules, func(ru logRule) bool { return dns.IsSubDomain(ru.scope, name) })
	if i < 0 {
		return next(ctx, "log", l.next, w, r)
	}
	start := l.clock.Now()
	rec := &recorder{ResponseWriter: w}
	code, err := next(ctx, "log", l.next, rec, r)
	m := rec.msg
	if m == nil {
		m = reply(r, code)
	}
	if cl := l.rules[i].classes; slices.Contains(cl, "all") || slices.Contains(cl, class(typify(m))) {
		l.log.infof("%s %.9fs", logLine(w, r, m), l.clock.Since(start).Seconds())
	}
	return code, err
}

func class(t responseType) string {
	switch t {
	case noError:
		return "success"
	case nameError, noData:
		return "denial"
	}
	return "error"
}

// logLine is upstream's common log format, but for the time it took.
func logLine(w dns.ResponseWriter, r, m *dns.Msg) string {
	q := r.Question[0]
	do, size := false, dns.MinMsgSize
	if o := r.IsEdns0(); o != nil {
		do, size = o.Do(), int(o.UDPSize())
	}
	host, port, _ := net.SplitHostPort(w.RemoteAddr().String())
	return fmt.Sprintf("%s:%s - %d \"%s %s %s %s %d %t %d\" %s %s %d", host, port, r.Id,
		typeName(q.Qtype), dns.Class(q.Qclass), strings.ToLower(q.Name), proto(w), r.Len(), do, size,
		dns.RcodeToString[m.Rcode], logFlags(m), m.Len())
}

func logFlags(m *dns.Msg) string {
	var out []string
	for _, f := range []struct {
		set  bool
		name string
	}{
		{m.Response, "qr"},
		{m.Authoritative, "aa"},
		{m.Truncated, "tc"},
		{m.RecursionDesired, "rd"},
		{m.RecursionAvailable, "ra"},
		{m.Zero, "z"},
		{m.AuthenticatedData, "ad"},
		{m.CheckingDisabled, "cd"},
	} {
		if f.set {
			out = append(out, f.name)
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ",")
}
