package coredns

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

func cluster() []runtime.Object {
	return []runtime.Object{
		ns("default"), ns("kube-system"), ns("empty"),
		svc("default", "kubernetes", "10.96.0.1", port("https", corev1.ProtocolTCP, 443)),
		svc("kube-system", "kube-dns", "10.96.0.10", port("dns", corev1.ProtocolUDP, 53), port("dns-tcp", corev1.ProtocolTCP, 53), port("metrics", corev1.ProtocolTCP, 9153)),
		slice("kube-system", "kube-dns", "dns", 53, ep("10.244.2.2", "", true)),
		svc("default", "web", "10.96.3.4", port("http", corev1.ProtocolTCP, 80), port("https", corev1.ProtocolTCP, 443)),
		slice("default", "web", "http", 8080, ep("10.244.1.7", "", true), ep("10.244.2.7", "", false)),
		svc("default", "db", corev1.ClusterIPNone, port("sql", corev1.ProtocolTCP, 5432)),
		slice("default", "db", "sql", 5432, ep("10.244.1.8", "db-0", true), ep("10.244.2.8", "db-1", true), ep("10.244.2.9", "db-2", false)),
		svc("default", "lonely", corev1.ClusterIPNone, port("sql", corev1.ProtocolTCP, 5432)),
		svc("default", "portless", corev1.ClusterIPNone),
		external("default", "inside", "web.default.svc.cluster.local"),
		external("default", "outside", "example.com"),
		external("default", "circle", "circle.default.svc.cluster.local"),
		external("default", "address", "192.0.2.1"),
	}
}

// TestAnswers pins what each question is answered.
func TestAnswers(t *testing.T) {
	b := newBench(t, strings.Replace(kubeadmCorefile, "loadbalance", "", 1), cluster()...)
	b.start()
	const soa = "cluster.local. 30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1767225600 7200 1800 86400 30"
	nodata := []string{"NOERROR", "ns " + soa}
	nxdomain := []string{"NXDOMAIN", "ns " + soa}
	tests := []struct {
		name  string
		qtype uint16
		want  []string
	}{
		{"web.default.svc.cluster.local", dns.TypeA, []string{"NOERROR", "web.default.svc.cluster.local. 30 IN A 10.96.3.4"}},
		{"WEB.default.svc.Cluster.Local", dns.TypeA, []string{"NOERROR", "WEB.default.svc.Cluster.Local. 30 IN A 10.96.3.4"}},
		{"web.default.svc.cluster.local", dns.TypeAAAA, nodata},
		{"web.default.svc.cluster.local", dns.TypeMX, nodata},
		{"web.default.svc.cluster.local", dns.TypeTXT, nodata},
		{"nobody.default.svc.cluster.local", dns.TypeA, nxdomain},
		{"nobody.default.svc.cluster.local", dns.TypeMX, nxdomain},
		{"web.nowhere.svc.cluster.local", dns.TypeA, nxdomain},
		{"web.default.cluster.local", dns.TypeA, nxdomain},
		{"default.svc.cluster.local", dns.TypeA, nodata},
		{"nowhere.svc.cluster.local", dns.TypeA, nxdomain},
		{"svc.cluster.local", dns.TypeA, nodata},
		{"cluster.local", dns.TypeA, nodata},
		{"cluster.local", dns.TypeSOA, []string{"NOERROR", soa}},
		{"cluster.local", dns.TypeNS, []string{"NOERROR", "cluster.local. 30 IN NS kube-dns.kube-system.svc.cluster.local.", "extra kube-dns.kube-system.svc.cluster.local. 30 IN A 10.96.0.10"}},
		{"ns.dns.cluster.local", dns.TypeA, []string{"NOERROR", "ns.dns.cluster.local. 30 IN A 10.96.0.10"}},
		{"dns-version.cluster.local", dns.TypeTXT, []string{"NOERROR", `dns-version.cluster.local. 28800 IN TXT "1.1.0"`}},
		{"web.default.svc.cluster.local", dns.TypeSRV, []string{
			"NOERROR",
			"web.default.svc.cluster.local. 30 IN SRV 0 50 80 web.default.svc.cluster.local.",
			"web.default.svc.cluster.local. 30 IN SRV 0 50 443 web.default.svc.cluster.local.",
			"extra web.default.svc.cluster.local. 30 IN A 10.96.3.4",
		}},
		{"_http._tcp.web.default.svc.cluster.local", dns.TypeSRV, []string{
			"NOERROR",
			"_http._tcp.web.default.svc.cluster.local. 30 IN SRV 0 100 80 web.default.svc.cluster.local.",
			"extra web.default.svc.cluster.local. 30 IN A 10.96.3.4",
		}},
		{"_http._udp.web.default.svc.cluster.local", dns.TypeSRV, nxdomain},
		{"a.b.c.web.default.svc.cluster.local", dns.TypeA, nxdomain},
		{"db.default.svc.cluster.local", dns.TypeA, []string{
			"NOERROR", "db.default.svc.cluster.local. 30 IN A 10.244.1.8", "db.default.svc.cluster.local. 30 IN A 10.244.2.8",
		}},
		{"db-1.db.default.svc.cluster.local", dns.TypeA, []string{"NOERROR", "db-1.db.default.svc.cluster.local. 30 IN A 10.244.2.8"}},
		{"db-2.db.default.svc.cluster.local", dns.TypeA, nxdomain},
		{"10-244-1-7.web.default.svc.cluster.local", dns.TypeA, []string{"NOERROR", "10-244-1-7.web.default.svc.cluster.local. 30 IN A 10.244.1.7"}},
		{"_sql._tcp.db.default.svc.cluster.local", dns.TypeSRV, []string{
			"NOERROR",
			"_sql._tcp.db.default.svc.cluster.local. 30 IN SRV 0 50 5432 db-0.db.default.svc.cluster.local.",
			"_sql._tcp.db.default.svc.cluster.local. 30 IN SRV 0 50 5432 db-1.db.default.svc.cluster.local.",
			"extra db-0.db.default.svc.cluster.local. 30 IN A 10.244.1.8",
			"extra db-1.db.default.svc.cluster.local. 30 IN A 10.244.2.8",
		}},
		{"lonely.default.svc.cluster.local", dns.TypeA, nxdomain},
		{"inside.default.svc.cluster.local", dns.TypeA, []string{
			"NOERROR", "inside.default.svc.cluster.local. 30 IN CNAME web.default.svc.cluster.local.", "web.default.svc.cluster.local. 30 IN A 10.96.3.4",
		}},
		{"inside.default.svc.cluster.local", dns.TypeCNAME, []string{"NOERROR", "inside.default.svc.cluster.local. 30 IN CNAME web.default.svc.cluster.local."}},
		{"outside.default.svc.cluster.local", dns.TypeA, []string{"NOERROR", "outside.default.svc.cluster.local. 30 IN CNAME example.com."}},
		{"circle.default.svc.cluster.local", dns.TypeA, nodata},
		{"10-244-1-5.default.pod.cluster.local", dns.TypeA, []string{"NOERROR", "10-244-1-5.default.pod.cluster.local. 30 IN A 10.244.1.5"}},
		{"10-244-1-5.nowhere.pod.cluster.local", dns.TypeA, nxdomain},
		{"not-an-ip.default.pod.cluster.local", dns.TypeA, nxdomain},
		{"4.3.96.10.in-addr.arpa", dns.TypePTR, []string{"NOERROR", "4.3.96.10.in-addr.arpa. 30 IN PTR web.default.svc.cluster.local."}},
		{"8.1.244.10.in-addr.arpa", dns.TypePTR, []string{"NOERROR", "8.1.244.10.in-addr.arpa. 30 IN PTR db-0.db.default.svc.cluster.local."}},
		{"9.9.9.9.in-addr.arpa", dns.TypePTR, []string{"SERVFAIL"}},
		{"example.com", dns.TypeA, []string{"SERVFAIL"}},
		{"cluster.local", dns.TypeAXFR, []string{"REFUSED"}},
	}
	for _, tt := range tests {
		for _, proto := range []string{"udp", "tcp"} {
			m := b.ask(proto, tt.name, tt.qtype)
			if d := cmp.Diff(tt.want, show(m)); d != "" {
				t.Errorf("%s %s over %s (-want +got):\n%s", tt.name, dns.Type(tt.qtype), proto, d)
			}
		}
	}
	b.log.wait(t, "[ERROR] plugin/errors: 2 example.com. A: dial udp 172.18.0.1:53", 0)
}

func show(m *dns.Msg) []string {
	out := []string{dns.RcodeToString[m.Rcode]}
	add := func(prefix string, rrs []dns.RR) {
		for _, rr := range rrs {
			out = append(out, prefix+strings.Join(strings.Fields(rr.String()), " "))
		}
	}
	add("", m.Answer)
	add("ns ", m.Ns)
	add("extra ", m.Extra)
	return out
}

// TestEndToEnd is a pod that looks a Service up at the address of kube-dns, by
// Go's own resolver, over the virtual wire.
func TestEndToEnd(t *testing.T) {
	b := newBench(t, kubeadmCorefile, cluster()...)
	b.start()
	table := network.NewServices()
	backend := netip.AddrPortFrom(b.dns.IP(), 53)
	table.Update(map[network.ServiceKey]*network.Service{
		{Protocol: network.UDP, Addr: netip.MustParseAddrPort("10.96.0.10:53")}: {
			Name: "kube-system/kube-dns:dns", Backends: []netip.AddrPort{backend},
			Pick: func(netip.Addr) network.Choice { return network.Choice{Backend: backend} },
		},
	})
	b.n1.SetServices(table)
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, proto, _ string) (net.Conn, error) {
		return b.client.Dial(ctx, proto, netip.MustParseAddrPort("10.96.0.10:53"))
	}}
	got, err := r.LookupHost(t.Context(), "web.default.svc.cluster.local.")
	must(t, err)
	if d := cmp.Diff([]string{"10.96.3.4"}, got); d != "" {
		t.Error(d)
	}
	_, err = r.LookupHost(t.Context(), "nobody.default.svc.cluster.local.")
	if e, ok := err.(*net.DNSError); !ok || !e.IsNotFound {
		t.Errorf("nobody: %v", err)
	}
	names, err := r.LookupAddr(t.Context(), "10.96.3.4")
	must(t, err)
	if d := cmp.Diff([]string{"web.default.svc.cluster.local."}, names); d != "" {
		t.Error(d)
	}
	_, srvs, err := r.LookupSRV(t.Context(), "sql", "tcp", "db.default.svc.cluster.local.")
	must(t, err)
	if len(srvs) != 2 || srvs[0].Port != 5432 {
		t.Errorf("srv: %v", srvs)
	}
	recs, _ := b.trace.Since(0)
	if !slices.ContainsFunc(recs, func(r trace.Record) bool {
		return r.Step == trace.Resolved && r.Object == trace.Ref{Resource: "services", Namespace: "default", Name: "web"} &&
			strings.HasSuffix(r.Words, "web.default.svc.cluster.local. A is 10.96.3.4")
	}) {
		t.Errorf("no record of the answer in %v", recs)
	}
	for _, f := range b.n1.Flows() {
		if f.Protocol != network.UDP || f.Backend != backend {
			t.Errorf("unexpected flow %v", f)
		}
	}
}

func TestFollowsTheAPI(t *testing.T) {
	b := newBench(t, kubeadmCorefile, ns("default"))
	b.start()
	if m := b.ask("udp", "new.default.svc.cluster.local", dns.TypeA); m.Rcode != dns.RcodeNameError {
		t.Fatal(m)
	}
	b.api.Add(svc("default", "new", "10.96.7.7", port("", corev1.ProtocolTCP, 80)))
	end := time.Now().Add(30 * time.Second)
	for b.ask("udp", "new.default.svc.cluster.local", dns.TypeA).Rcode != dns.RcodeSuccess {
		if time.Now().After(end) {
			t.Fatal("the new Service has no name")
		}
	}
}

func TestEndpoints(t *testing.T) {
	b := newBench(t, kubeadmCorefile, cluster()...)
	b.start()
	h := &http.Client{Transport: &http.Transport{DialContext: b.client.DialContext, DisableKeepAlives: true}}
	b.ask("udp", "web.default.svc.cluster.local", dns.TypeA)
	for _, tt := range []struct{ url, want string }{
		{"http://10.244.2.2:8080/health", "OK"},
		{"http://10.244.2.2:8181/ready", "OK"},
		{"http://10.244.2.2:9153/metrics", `coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="."} 1`},
	} {
		resp, err := h.Get(tt.url)
		must(t, err)
		body, err := io.ReadAll(resp.Body)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != 200 || !strings.Contains(string(body), tt.want) {
			t.Errorf("%s: %s %s", tt.url, resp.Status, body)
		}
	}
}

func TestLog(t *testing.T) {
	b := newBench(t, strings.Replace(kubeadmCorefile, "errors", "errors\n log", 1), cluster()...)
	b.start()
	text := b.log.wait(t, "CoreDNS-1.14.2\n", 1)
	if !strings.Contains(text, ".:53\n[INFO] plugin/reload: Running configuration SHA512 = ") {
		t.Errorf("start:\n%s", text)
	}
	b.ask("udp", "web.default.svc.cluster.local", dns.TypeA)
	text = b.log.wait(t, "web.default", 1)
	if !strings.Contains(text, `"A IN web.default.svc.cluster.local. udp 47 false 512" NOERROR qr,aa,rd 92 0.000000000s`) {
		t.Errorf("query:\n%s", text)
	}
	b.ask("udp", "example.com", dns.TypeA)
	b.log.wait(t, "[ERROR] plugin/errors: 2 example.com. A: write udp 10.244.2.2:", 1)
}

func TestReload(t *testing.T) {
	b := newBench(t, "example.org {\n whoami\n reload 10s 0s\n}\n")
	b.start()
	if m := b.ask("udp", "x.example.net", dns.TypeA); m.Rcode != dns.RcodeRefused {
		t.Fatal(m)
	}
	b.files.set("example.net {\n nonsense\n}\n")
	b.tick(10 * time.Second)
	b.log.wait(t, "[WARNING] plugin/reload: Corefile parse failed: /etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'nonsense'\n", 1)
	b.files.set("example.net {\n cache x y { z\n }\n}\n")
	b.tick(10 * time.Second)
	b.log.wait(t, "[ERROR] plugin/reload: Corefile changed but reload failed: plugin/cache: /etc/coredns/Corefile:2 - Error during parsing: unknown property 'z'\n", 1)
	b.files.set("example.net {\n whoami\n}\n")
	b.tick(10 * time.Second)
	b.log.wait(t, "[INFO] Reloading complete\nexample.net.:53\n", 1)
	if m := b.ask("udp", "x.example.net", dns.TypeA); m.Rcode != dns.RcodeSuccess || len(m.Extra) != 2 {
		t.Errorf("after the reload: %v", m)
	}
}

func TestLameduck(t *testing.T) {
	b := newBench(t, kubeadmCorefile, cluster()...)
	b.start()
	b.cancel()
	b.log.wait(t, "[INFO] plugin/health: Going into lameduck mode for 5s", 1)
	if m := b.ask("udp", "web.default.svc.cluster.local", dns.TypeA); m.Rcode != dns.RcodeSuccess {
		t.Error("a lame duck still answers")
	}
}

func TestLoop(t *testing.T) {
	b := newBench(t, "example.org {\n loop\n forward . 10.244.2.2\n}\n. {\n loop\n forward . 127.0.0.1\n}\n")
	c := b.new()
	err := c.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "plugin/loop: Loop (") {
		t.Errorf("got %v", err)
	}
}
