package coredns

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
)

// TestCorefileErrors pins the words in which a Corefile is refused.
func TestCorefileErrors(t *testing.T) {
	const at = "/etc/coredns/Corefile:2 - Error during parsing: "
	tests := []struct{ directive, want string }{
		{"rewrite name a b", at + "Unknown directive 'rewrite'"},
		{"errors {\n foo\n }", "plugin/errors: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'foo'"},
		{"health 1 2", "plugin/health: " + at + "Wrong argument count or unexpected line ending after '2'"},
		{"health {\n lameduck soon\n }", `plugin/health: unable to parse lameduck duration value: 'soon' : time: invalid duration "soon"`},
		{"ready nowhere", "plugin/ready: address nowhere: missing port in address"},
		{"kubernetes in-addr.arpa", "plugin/kubernetes: non-reverse zone name must be used"},
		{"kubernetes {\n pods maybe\n }", "plugin/kubernetes: wrong value for pods: maybe,  must be one of: disabled, verified, insecure"},
		{"kubernetes {\n ttl 4000\n }", "plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: ttl must be in range [0, 3600]: 4000"},
		{"kubernetes {\n endpoint http://x\n }", "plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'endpoint'"},
		{"cache 0", "plugin/cache: cache TTL can not be zero or negative: 0"},
		{"cache {\n disable all\n }", `plugin/cache: cache type for disable must be "success" or "denial"`},
		{"forward .", "plugin/forward: " + at + "Wrong argument count or unexpected line ending after '.'"},
		{"forward . tls://1.1.1.1", "plugin/forward: 'tls' is not supported as a destination protocol in forward: tls://1.1.1.1"},
		{"forward . /no/such/file", `plugin/forward: not an IP address or file "/no/such/file": open no/such/file: file does not exist`},
		{"forward . 1.1.1.1 {\n policy best\n }", "plugin/forward: /etc/coredns/Corefile:3 - Error during parsing: unknown policy 'best'"},
		{"reload 1s", "plugin/reload: interval value must be greater or equal to 2s"},
		{"loop x", "plugin/loop: " + at + "Wrong argument count or unexpected line ending after 'x'"},
		{"loadbalance weighted", "plugin/loadbalance: " + at + "unknown policy: weighted"},
		{"log . {\n class funny\n }", "plugin/log: invalid Class: funny"},
		{"loop\nloop", "plugin/loop: this plugin can only be used once per Server Block"},
		{"prometheus nowhere", "plugin/prometheus: address nowhere: missing port in address"},
	}
	for _, tt := range tests {
		b := newBench(t, ".:53 {\n"+tt.directive+"\n}\n")
		err := b.new().Run(t.Context())
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q:\n got %v\nwant %s", tt.directive, err, tt.want)
		}
	}
	for corefile, want := range map[string]string{
		"a.org {\n}\na.org {\n}\n": "cannot serve dns://a.org.:53 - it is already defined",
		"tls://. {\n}\n":           "transport tls is not supported: only dns is",
		"":                         "no server blocks in /etc/coredns/Corefile",
		"10.0.0.0/9 {\n}\n":        "invalid CIDR 10.0.0.0/9",
	} {
		if err := newBench(t, corefile).new().Run(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", corefile, err, want)
		}
	}
}

func TestParseFlags(t *testing.T) {
	f, err := ParseFlags([]string{"-conf", "/etc/coredns/Corefile", "-dns.port=1053"})
	must(t, err)
	if d := cmp.Diff(Flags{Conf: "/etc/coredns/Corefile", Port: "1053"}, f); d != "" {
		t.Error(d)
	}
	for _, args := range [][]string{{"-x"}, {"start"}} {
		if _, err := ParseFlags(args); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}

// upstream is a server of example.com in another pod, that counts.
func upstream(t *testing.T, b *bench) (count func() int) {
	ns := b.pod(b.n1, "default", "upstream")
	p, err := ns.ListenPacket(netip.MustParseAddrPort("0.0.0.0:53"))
	must(t, err)
	n := make(chan int, 1)
	n <- 0
	srv := &dns.Server{PacketConn: p, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) {
		n <- <-n + 1
		m := reply(r, dns.RcodeSuccess)
		if strings.HasPrefix(r.Question[0].Name, "no") {
			m.Rcode = dns.RcodeNameError
			m.Ns = append(m.Ns, &dns.SOA{Hdr: header("example.com.", dns.TypeSOA, 600), Ns: "a.", Mbox: "b.", Minttl: 10})
		} else {
			m.Answer = append(m.Answer, &dns.A{Hdr: header(r.Question[0].Name, dns.TypeA, 300), A: []byte{192, 0, 2, 1}})
		}
		w.WriteMsg(m)
	})}
	done := make(chan error)
	go func() { done <- srv.ActivateAndServe() }()
	t.Cleanup(func() { p.Close(); <-done })
	return func() int { v := <-n; n <- v; return v }
}

func TestForwardAndCache(t *testing.T) {
	b := newBench(t, ".:53 {\n cache 30\n forward . 10.244.1.3 {\n except example.org\n }\n}\n")
	count := upstream(t, b)
	b.start()
	ask := func(name string) string {
		m := b.ask("udp", name, dns.TypeA)
		out := dns.RcodeToString[m.Rcode]
		for _, rr := range append(m.Answer, m.Ns...) {
			out += fmt.Sprint(" ", rr.Header().Ttl)
		}
		return out
	}
	steps := []struct {
		name, want string
		asked      int
		after      time.Duration
	}{
		{"example.com", "NOERROR 30", 1, 0}, // cut to the cache's time
		{"example.com", "NOERROR 20", 1, 10 * time.Second},
		{"EXAMPLE.com", "NOERROR 20", 1, 0},
		{"example.com", "NOERROR 30", 2, 20 * time.Second},
		{"no.example.com", "NXDOMAIN 10", 3, 0}, // the SOA's minimum
		{"no.example.com", "NXDOMAIN 6", 3, 4 * time.Second},
		{"example.org", "SERVFAIL", 3, 0},
	}
	for _, s := range steps {
		b.clock.Step(s.after)
		if got := ask(s.name); got != s.want || count() != s.asked {
			t.Errorf("%s after %s: %s, %d asked; want %s, %d", s.name, s.after, got, count(), s.want, s.asked)
		}
	}
}

func TestTruncation(t *testing.T) {
	s := slice("default", "db", "sql", 5432)
	for i := range 100 {
		s.Endpoints = append(s.Endpoints, ep(fmt.Sprintf("10.244.1.%d", 10+i), "", true))
	}
	b := newBench(t, kubeadmCorefile, ns("default"), svc("default", "db", corev1.ClusterIPNone, port("sql", corev1.ProtocolTCP, 5432)), s)
	b.start()
	q := new(dns.Msg)
	q.SetQuestion("db.default.svc.cluster.local.", dns.TypeA)
	if m := b.exchange("udp", q); !m.Truncated || len(m.Answer) == 0 || len(m.Answer) == 100 {
		t.Errorf("over UDP: truncated %v, %d answers", m.Truncated, len(m.Answer))
	}
	if m := b.exchange("tcp", q); m.Truncated || len(m.Answer) != 100 {
		t.Errorf("over TCP: truncated %v, %d answers", m.Truncated, len(m.Answer))
	}
	q.SetEdns0(4096, false)
	if m := b.exchange("udp", q); m.Truncated || len(m.Answer) != 100 || m.IsEdns0() == nil {
		t.Errorf("over UDP with EDNS: truncated %v, %d answers", m.Truncated, len(m.Answer))
	}
	q.IsEdns0().SetVersion(1)
	if m := b.exchange("udp", q); m.Rcode != dns.RcodeBadVers {
		t.Errorf("EDNS version 1: %s", dns.RcodeToString[m.Rcode])
	}
}

func TestShuffled(t *testing.T) {
	var in []dns.RR
	for i := range 5 {
		in = append(in, address("x.", []byte{10, 0, 0, byte(i)}, 1))
	}
	in = append(in, &dns.CNAME{Hdr: header("y.", dns.TypeCNAME, 1), Target: "x."})
	first := map[string]bool{}
	for range 200 {
		out := shuffled(in)
		if out[0].Header().Rrtype != dns.TypeCNAME || len(out) != 6 {
			t.Fatalf("got %v", out)
		}
		first[out[1].String()] = true
	}
	if len(first) != 5 {
		t.Errorf("only %d of 5 addresses were ever first", len(first))
	}
}

func TestZones(t *testing.T) {
	tests := []struct{ in, zone, port, err string }{
		{".:53", ".", "53", ""},
		{"Example.org", "example.org.", "1053", ""},
		{"dns://example.org:5353", "example.org.", "5353", ""},
		{"10.0.0.0/8", "10.in-addr.arpa.", "1053", ""},
		{"10.244.1.0/24:53", "1.244.10.in-addr.arpa.", "53", ""},
		{"fd00::/16", "0.0.d.f.ip6.arpa.", "1053", ""},
		{"example.org:", "", "", `expecting data after last colon: "example.org:"`},
		{strings.Repeat("a.", 200), "", "", "specified zone is too long: 400 > 255"},
	}
	for _, tt := range tests {
		zone, port, err := splitHostPort(tt.in, "1053")
		if err != nil && err.Error() != tt.err || err == nil && (zone != tt.zone || port != tt.port || tt.err != "") {
			t.Errorf("%s: %s %s %v", tt.in, zone, port, err)
		}
	}
}

func TestReverseIP(t *testing.T) {
	for _, s := range []string{"10.244.1.5", "fd00::1:2"} {
		name, err := dns.ReverseAddr(s)
		must(t, err)
		if ip, ok := reverseIP(name); !ok || ip != netip.MustParseAddr(s) {
			t.Errorf("%s: %s", s, ip)
		}
	}
	for _, s := range []string{"1.10.in-addr.arpa.", "x.1.2.3.in-addr.arpa.", "1.2.3.4.5.in-addr.arpa.", "ip6.arpa.", "example.org."} {
		if ip, ok := reverseIP(s); ok {
			t.Errorf("%s: %s", s, ip)
		}
	}
}

// BenchmarkQuery is one question for a Service, without the wire.
func BenchmarkQuery(b *testing.B) {
	in := fuzzInstance(b)
	q := new(dns.Msg)
	q.SetQuestion("web.default.svc.cluster.local.", dns.TypeA)
	b.ReportAllocs()
	for b.Loop() {
		in.servers[0].ServeDNS(b.Context(), &paper{}, q)
	}
}
