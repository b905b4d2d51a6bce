package proxy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	testclock "k8s.io/utils/clock/testing"
)

// show writes rules down, one a line, by address.
func show(r rules) string {
	var out []string
	for k, r := range r {
		line := fmt.Sprintf("%s/%s %s -> %v", k.Addr, k.Protocol, r.port, r.backends)
		if len(r.backends) == 0 {
			line += [...]string{"", " REJECT", " DROP"}[r.verdict]
		}
		if r.split {
			line += fmt.Sprintf(" inside %v", r.inside)
		}
		if len(r.sources) > 0 {
			line += fmt.Sprintf(" for %v", r.sources)
		}
		if r.sticky > 0 {
			line += " sticky " + time.Duration(r.sticky).String()
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func hinted1(e discoveryv1.Endpoint, zone string) discoveryv1.Endpoint {
	e.Hints = &discoveryv1.EndpointHints{ForZones: []discoveryv1.ForZone{{Name: zone}}}
	return e
}

func TestRulesOf(t *testing.T) {
	local := corev1.ServiceInternalTrafficPolicyLocal
	cluster := func(f ...func(*corev1.Service)) *corev1.Service {
		s := makeSvc("web", "10.96.0.50", tcp(80))
		for _, f := range f {
			f(s)
		}
		return s
	}
	lb := func(s *corev1.Service) {
		s.Spec.Type = corev1.ServiceTypeLoadBalancer
		s.Spec.Ports[0].NodePort = 30080
		s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.7"}, {Hostname: "x"}}
	}
	tests := []struct {
		name string
		svc  *corev1.Service
		eps  []discoveryv1.Endpoint
		want string
	}{
		{"ready only", cluster(), []discoveryv1.Endpoint{ep("10.244.2.3", "node-2"), ep("10.244.1.2", "node-1"), ep("10.244.1.9", "node-1", "notready")}, "10.96.0.50:80/TCP default/web -> [10.244.1.2:8080 10.244.2.3:8080]"},
		{"none", cluster(), nil, "10.96.0.50:80/TCP default/web -> [] REJECT"},
		{"only unready", cluster(), []discoveryv1.Endpoint{ep("10.244.1.2", "node-1", "notready")}, "10.96.0.50:80/TCP default/web -> [] REJECT"},
		{
			"ready and ending", cluster(),
			[]discoveryv1.Endpoint{ep("10.244.1.2", "node-1", "terminating", "serving"), ep("10.244.1.3", "node-1")},
			"10.96.0.50:80/TCP default/web -> [10.244.1.3:8080]",
		},
		{
			"all ending, one still serves", cluster(),
			[]discoveryv1.Endpoint{ep("10.244.1.2", "node-1", "terminating", "serving"), ep("10.244.1.3", "node-1", "terminating")},
			"10.96.0.50:80/TCP default/web -> [10.244.1.2:8080]",
		},
		{"internal policy Local", cluster(func(s *corev1.Service) { s.Spec.InternalTrafficPolicy = &local }), []discoveryv1.Endpoint{ep("10.244.1.2", "node-1"), ep("10.244.2.3", "node-2")}, "10.96.0.50:80/TCP default/web -> [10.244.1.2:8080]"},
		{"internal policy Local, none here", cluster(func(s *corev1.Service) { s.Spec.InternalTrafficPolicy = &local }), []discoveryv1.Endpoint{ep("10.244.2.3", "node-2")}, "10.96.0.50:80/TCP default/web -> [] DROP"},
		{"headless", cluster(func(s *corev1.Service) { s.Spec.ClusterIP = "None" }), nil, ""},
		{"no address yet", cluster(func(s *corev1.Service) { s.Spec.ClusterIP = "" }), nil, ""},
		{"ExternalName", cluster(func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeExternalName }), nil, ""},
		{"IPv6", cluster(func(s *corev1.Service) { s.Spec.ClusterIP = "fd00::1" }), nil, ""},
		{"SCTP", cluster(func(s *corev1.Service) { s.Spec.Ports[0].Protocol = corev1.ProtocolSCTP }), nil, ""},
		{
			"affinity", cluster(func(s *corev1.Service) { s.Spec.SessionAffinity = corev1.ServiceAffinityClientIP }),
			[]discoveryv1.Endpoint{ep("10.244.1.2", "node-1")},
			"10.96.0.50:80/TCP default/web -> [10.244.1.2:8080] sticky 3h0m0s",
		},
		{
			"node port", cluster(lb),
			[]discoveryv1.Endpoint{ep("10.244.2.3", "node-2")},
			`10.96.0.50:80/TCP default/web -> [10.244.2.3:8080]
127.0.0.1:30080/TCP default/web -> [10.244.2.3:8080]
172.18.0.3:30080/TCP default/web -> [10.244.2.3:8080]
192.0.2.7:80/TCP default/web -> [10.244.2.3:8080]`,
		},
		{
			"external policy Local, sources", cluster(lb, func(s *corev1.Service) {
				s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
				s.Spec.LoadBalancerSourceRanges = []string{" 198.51.100.0/24"}
			}),
			[]discoveryv1.Endpoint{ep("10.244.2.3", "node-2")},
			`10.96.0.50:80/TCP default/web -> [10.244.2.3:8080]
127.0.0.1:30080/TCP default/web -> [] DROP inside [10.244.2.3:8080]
172.18.0.3:30080/TCP default/web -> [] DROP inside [10.244.2.3:8080]
192.0.2.7:80/TCP default/web -> [] DROP inside [10.244.2.3:8080] for [198.51.100.0/24]`,
		},
		{
			"hints for our zone", cluster(),
			[]discoveryv1.Endpoint{hinted1(ep("10.244.1.2", "node-1"), "a"), hinted1(ep("10.244.2.3", "node-2"), "b")},
			"10.96.0.50:80/TCP default/web -> [10.244.1.2:8080]",
		},
		{
			"hints, one without", cluster(),
			[]discoveryv1.Endpoint{hinted1(ep("10.244.1.2", "node-1"), "a"), ep("10.244.2.3", "node-2")},
			"10.96.0.50:80/TCP default/web -> [10.244.1.2:8080 10.244.2.3:8080]",
		},
		{
			"hints for others only", cluster(),
			[]discoveryv1.Endpoint{hinted1(ep("10.244.2.3", "node-2"), "b")},
			"10.96.0.50:80/TCP default/web -> [10.244.2.3:8080]",
		},
		{
			"two ports, one name", cluster(func(s *corev1.Service) {
				s.Spec.Ports[0].Name = "other"
			}),
			[]discoveryv1.Endpoint{ep("10.244.2.3", "node-2")},
			"10.96.0.50:80/TCP default/web:other -> [] REJECT",
		},
	}
	cfg, err := Flags{}.Load(nil)
	must(t, err)
	n := node("node-1", "172.18.0.3", "10.244.1.0/24")
	n.Labels = map[string]string{corev1.LabelTopologyZone: "a"}
	h := newHost("node-1", n, cfg)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := show(rulesOf(tt.svc, []*discoveryv1.EndpointSlice{makeSlice("web", 8080, tt.eps...)}, h, false))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestChangesAreSmall(t *testing.T) {
	h := &host{name: "node-1"}
	p := newProxier(testclock.NewFakeClock(time.Unix(0, 0)), false)
	sl := []*discoveryv1.EndpointSlice{makeSlice("web", 8080, ep("10.244.1.2", "node-1"))}
	two := makeSvc("web", "10.96.0.50", tcp(80), corev1.ServicePort{Name: "", Port: 81})
	steps := []struct {
		name string
		svc  *corev1.Service
		want []string
	}{
		{"new", two, []string{"10.96.0.50:80 set", "10.96.0.50:81 set"}},
		{"the same", two, nil},
		{"one port less", makeSvc("web", "10.96.0.50", tcp(80)), []string{"10.96.0.50:81 gone"}},
		{"another address", makeSvc("web", "10.96.0.51", tcp(80)), []string{"10.96.0.50:80 gone", "10.96.0.51:80 set"}},
		{"gone", nil, []string{"10.96.0.51:80 gone"}},
		{"still gone", nil, nil},
	}
	for _, s := range steps {
		out := change{}
		p.sync("default/web", s.svc, sl, h, false, out)
		var got []string
		for k, v := range out {
			got = append(got, k.Addr.String()+map[bool]string{true: " set", false: " gone"}[v != nil])
		}
		slices.Sort(got)
		if d := cmp.Diff(s.want, got); d != "" {
			t.Errorf("%s:\n%s", s.name, d)
		}
	}
	if len(p.written) != 0 {
		t.Error("what is gone is still remembered")
	}
}

func TestConfig(t *testing.T) {
	head := "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
	tests := []struct{ name, in, want string }{
		{"kubeadm's", head + "bindAddress: 0.0.0.0\nclusterCIDR: 10.244.0.0/16\nconfigSyncPeriod: 0s\nmode: \"\"\nconntrack:\n  maxPerCore: null\nlogging:\n  flushFrequency: 0\n", ""},
		{"unknown field", head + "nonsense: 1\n", `unknown field "nonsense"`},
		{"unknown kind", "apiVersion: v1\nkind: Pod\n", `no kind "Pod" is registered for version "v1"`},
		{"no kind", "mode: x\n", "Object 'Kind' is missing"},
		{"bad mode", head + "mode: magic\n", `KubeProxyConfiguration.Mode.ProxyMode: Invalid value: "magic": must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])`},
		{"ipvs", head + "mode: ipvs\n", "this mode is not supported here; iptables is"},
		{"local mode", head + "detectLocalMode: BridgeInterface\n", "Unsupported value"},
		{"healthz", head + "healthzBindAddress: here:1\n", `KubeProxyConfiguration.HealthzBindAddress: Invalid value: "here": must be a valid IP`},
		{"nodePortAddresses", head + "nodePortAddresses: [primary, 10.0.0.0/8]\n", "can't use both 'primary' and CIDRs"},
	}
	for _, tt := range tests {
		cfg, err := Decode([]byte(tt.in))
		if err == nil {
			setDefaults(cfg)
			err = validate(cfg).ToAggregate()
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestParseFlags(t *testing.T) {
	f, err := ParseFlags([]string{"--config=/var/lib/kube-proxy/config.conf", "--hostname-override", "node-1"})
	must(t, err)
	if d := cmp.Diff(Flags{"/var/lib/kube-proxy/config.conf", "node-1", 0}, f); d != "" {
		t.Error(d)
	}
	if _, err := ParseFlags([]string{"--x"}); err == nil || err.Error() != "unknown flag: --x" {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n"))
	f.Add([]byte("{"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if cfg, err := Decode(data); err == nil {
			setDefaults(cfg)
			validate(cfg)
			newHost("n", node("n", "172.18.0.3", "10.244.1.0/24"), cfg)
		}
	})
}

// BenchmarkOneChange is one endpoint that comes or goes among many Services.
func BenchmarkOneChange(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			h := &host{name: "node-1"}
			p := newProxier(testclock.NewFakeClock(time.Unix(0, 0)), false)
			for i := range n {
				s := makeSvc(fmt.Sprint("s", i), netip.AddrFrom4([4]byte{10, 97, byte(i >> 8), byte(i)}).String(), tcp(80))
				p.apply(b, s, h, ep("10.244.1.2", "node-1"))
			}
			web := makeSvc("web", "10.96.0.50", tcp(80))
			eps := [][]discoveryv1.Endpoint{{ep("10.244.1.2", "node-1")}, {ep("10.244.1.2", "node-1"), ep("10.244.1.3", "node-1")}}
			i := 0
			for b.Loop() {
				i++
				p.apply(b, web, h, eps[i%2]...)
			}
		})
	}
}

func (p *proxier) apply(b *testing.B, s *corev1.Service, h *host, eps ...discoveryv1.Endpoint) {
	out := change{}
	if !p.sync("default/"+s.Name, s, []*discoveryv1.EndpointSlice{makeSlice(s.Name, 8080, eps...)}, h, false, out) {
		b.Fatal("nothing changed")
	}
	p.table.Update(out)
}
