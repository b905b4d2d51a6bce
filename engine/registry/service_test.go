package registry

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/utils/ptr"
)

// small is a cluster with few addresses and ports.
func small(c *Config) {
	c.ServiceCIDR = netip.MustParsePrefix("10.96.0.0/29") // .1 to .6
	c.NodePorts = utilnet.PortRange{Base: 30000, Size: 3} // 30000 to 30002
	c.Random = func(int) int { return 0 }
}

func asType(t corev1.ServiceType) func(*corev1.ServiceSpec) {
	return func(s *corev1.ServiceSpec) { s.Type = t }
}

func asking(ip string) func(*corev1.ServiceSpec) {
	return func(s *corev1.ServiceSpec) { s.ClusterIP = ip }
}

func TestClusterIP(t *testing.T) {
	f := newFixture(t)
	s := mustCreate(f, service("a"))
	ip, err := netip.ParseAddr(s.Spec.ClusterIP)
	if err != nil || !netip.MustParsePrefix("10.96.0.0/12").Contains(ip) || !cmp.Equal(s.Spec.ClusterIPs, []string{s.Spec.ClusterIP}) {
		t.Errorf("cluster IPs are %q, %v", s.Spec.ClusterIP, s.Spec.ClusterIPs)
	}
	if *s.Spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack || !cmp.Equal(s.Spec.IPFamilies, []corev1.IPFamily{corev1.IPv4Protocol}) {
		t.Errorf("families are %v %v", *s.Spec.IPFamilyPolicy, s.Spec.IPFamilies)
	}
	if asked := mustCreate(f, service("b", asking("10.96.0.10"))); asked.Spec.ClusterIP != "10.96.0.10" {
		t.Errorf("cluster IP is %q", asked.Spec.ClusterIP)
	}
	for _, tt := range []struct{ name, ip, want string }{
		{"taken", "10.96.0.10", `Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated`},
		{"outside", "10.1.2.3", `Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.1.2.3"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range`},
		{"of the network", "10.96.0.0", `Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.0"]: failed to allocate IP 10.96.0.0: the provided network does not match the current range`},
		{"IPv6", "fd00::1", `Service "c" is invalid: spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := create(f, service("c", asking(tt.ip)))
			wantError(t, err, tt.want)
		})
	}
	_, err = update(f, "a", "", func(s *corev1.Service) { s.Spec.ClusterIP, s.Spec.ClusterIPs = "10.96.0.77", []string{"10.96.0.77"} })
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "may not change once set") {
		t.Errorf("error is %v", err)
	}
	_, err = create(f, service("d", func(s *corev1.ServiceSpec) { s.IPFamilyPolicy = ptr.To(corev1.IPFamilyPolicyRequireDualStack) }))
	wantError(t, err, `Service "d" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services`)
}

func TestClusterIPNone(t *testing.T) {
	f := newFixture(t)
	h := mustCreate(f, service("headless", asking("None")))
	if h.Spec.ClusterIP != "None" || !cmp.Equal(h.Spec.ClusterIPs, []string{"None"}) || !cmp.Equal(h.Spec.IPFamilies, []corev1.IPFamily{"IPv4"}) {
		t.Errorf("headless is %+v", h.Spec)
	}
	h = mustCreate(f, service("selectorless", asking("None"), func(s *corev1.ServiceSpec) { s.Selector = nil }))
	if *h.Spec.IPFamilyPolicy != corev1.IPFamilyPolicyRequireDualStack || !cmp.Equal(h.Spec.IPFamilies, []corev1.IPFamily{"IPv4", "IPv6"}) {
		t.Errorf("selectorless is %v %v", *h.Spec.IPFamilyPolicy, h.Spec.IPFamilies)
	}
	x := mustCreate(f, service("external", asType(corev1.ServiceTypeExternalName), func(s *corev1.ServiceSpec) { s.ExternalName, s.Ports = "example.com", nil }))
	if x.Spec.ClusterIP != "" || x.Spec.IPFamilies != nil {
		t.Errorf("external is %+v", x.Spec)
	}
}

// TestClusterIPsAreGivenBack uses every address of a small range again and again.
func TestClusterIPsAreGivenBack(t *testing.T) {
	f := newFixture(t, small)
	names := []string{"a", "b", "c", "d", "e", "f"}
	for range 3 {
		for _, n := range names {
			mustCreate(f, service(n))
		}
		_, err := create(f, service("g"))
		wantError(t, err, `Internal error occurred: failed to allocate a serviceIP for Service "g": range is full`)
		for _, n := range names {
			if _, _, err := remove[*corev1.Service](f, n, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 8 { // refused, for there is no such port
		_, err := create(f, service("bad", func(s *corev1.ServiceSpec) { s.Ports[0].Port = -1 }))
		if !apierrors.IsInvalid(err) {
			t.Fatal(err)
		}
		if _, err := at[rest.Creater](f, gvrOf(t, service("")), "").Create(f.ctx, defaulted(service("dry")), nil, &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range names {
		mustCreate(f, service(n))
	}
}

func TestNodePorts(t *testing.T) {
	f := newFixture(t, small)
	udp := func(s *corev1.ServiceSpec) {
		s.Type, s.Ports = corev1.ServiceTypeNodePort, []corev1.ServicePort{{Name: "t", Port: 53, Protocol: "TCP"}, {Name: "u", Port: 53, Protocol: "UDP"}}
	}
	dns := mustCreate(f, service("dns", udp))
	if a, b := dns.Spec.Ports[0].NodePort, dns.Spec.Ports[1].NodePort; a != 30000 || b != a {
		t.Errorf("node ports are %d and %d", a, b)
	}
	np := func(n int32) func(*corev1.ServiceSpec) {
		return func(s *corev1.ServiceSpec) { s.Type, s.Ports[0].NodePort = corev1.ServiceTypeNodePort, n }
	}
	if s := mustCreate(f, service("asked", np(30002))); s.Spec.Ports[0].NodePort != 30002 {
		t.Errorf("node port is %d", s.Spec.Ports[0].NodePort)
	}
	_, err := create(f, service("x", np(30002)))
	wantError(t, err, `Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 30002: provided port is already allocated`)
	_, err = create(f, service("x", np(80)))
	wantError(t, err, `Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-30002`)

	// To ClusterIP and back: the port is given back, and another one taken.
	mustUpdate(f, "asked", "", func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeClusterIP })
	if s, _ := read[*corev1.Service](f, "asked"); s.Spec.Ports[0].NodePort != 0 {
		t.Errorf("node port is still %d", s.Spec.Ports[0].NodePort)
	}
	mustCreate(f, service("y", np(30002)))
	mustCreate(f, service("z", np(0)))
	_, err = update(f, "asked", "", func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeNodePort })
	wantError(t, err, `Internal error occurred: failed to allocate a nodePort: range is full`)
	if _, _, err := remove[*corev1.Service](f, "y", nil); err != nil {
		t.Fatal(err)
	}
	if s := mustUpdate(f, "asked", "", func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeNodePort; defaulted(s) }); s.Spec.Ports[0].NodePort != 30002 {
		t.Errorf("node port is %d", s.Spec.Ports[0].NodePort)
	}
}

// TestServiceAppliedAgain: the YAML that made a service can replace it.
func TestServiceAppliedAgain(t *testing.T) {
	f := newFixture(t)
	first := mustCreate(f, service("a", asType(corev1.ServiceTypeNodePort)))
	again := defaulted(service("a", asType(corev1.ServiceTypeNodePort)))
	out, _, err := at[rest.Updater](f, gvrOf(t, again), "").Update(f.ctx, "a", rest.DefaultUpdatedObjectInfo(again), nil, nil, false, &metav1.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Spec, out.(*corev1.Service).Spec); diff != "" {
		t.Errorf("spec changed:\n%s", diff)
	}
	if out.(*corev1.Service).ResourceVersion != first.ResourceVersion {
		t.Error("nothing changed, but a revision was made")
	}
}

func TestServiceToExternalName(t *testing.T) {
	f := newFixture(t, small)
	was := mustCreate(f, service("a"))
	s := mustUpdate(f, "a", "", func(s *corev1.Service) {
		s.Spec.Type, s.Spec.ExternalName, s.Spec.Selector = corev1.ServiceTypeExternalName, "example.com", nil
	})
	if s.Spec.ClusterIP != "" || s.Spec.ClusterIPs != nil || s.Spec.IPFamilies != nil || s.Spec.IPFamilyPolicy != nil {
		t.Errorf("spec is %+v", s.Spec)
	}
	if b := mustCreate(f, service("b", asking(was.Spec.ClusterIP))); b.Spec.ClusterIP != was.Spec.ClusterIP {
		t.Error("the address was not given back")
	}
}

func TestHealthCheckNodePort(t *testing.T) {
	f := newFixture(t, small)
	s := mustCreate(f, service("a", asType(corev1.ServiceTypeLoadBalancer), func(s *corev1.ServiceSpec) {
		s.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
	}))
	if s.Spec.Ports[0].NodePort != 30000 || s.Spec.HealthCheckNodePort != 30001 {
		t.Errorf("ports are %d and %d", s.Spec.Ports[0].NodePort, s.Spec.HealthCheckNodePort)
	}
	s = mustUpdate(f, "a", "", func(s *corev1.Service) { s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyCluster })
	if s.Spec.HealthCheckNodePort != 0 {
		t.Errorf("port is still %d", s.Spec.HealthCheckNodePort)
	}
	if b := mustCreate(f, service("b", asType(corev1.ServiceTypeNodePort))); b.Spec.Ports[0].NodePort != 30001 {
		t.Errorf("port is %d", b.Spec.Ports[0].NodePort)
	}
}

// TestRepair: a new registry knows what the services of the old one hold.
func TestRepair(t *testing.T) {
	f := newFixture(t, small)
	a := mustCreate(f, service("a", asType(corev1.ServiceTypeNodePort)))
	f.start(slog.New(slog.NewTextHandler(io.Discard, nil)), small)
	_, err := create(f, service("b", asking(a.Spec.ClusterIP)))
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "provided IP is already allocated") {
		t.Errorf("error is %v", err)
	}
	if b := mustCreate(f, service("b", asType(corev1.ServiceTypeNodePort))); b.Spec.Ports[0].NodePort == a.Spec.Ports[0].NodePort {
		t.Error("a node port was given twice")
	}
}

func TestServiceTakesItsEndpointsAlong(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, service("a"))
	//lint:ignore SA1019 they are still served
	mustCreate(f, &corev1.Endpoints{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default"}})
	if _, _, err := remove[*corev1.Service](f, "a", nil); err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 they are still served
	if _, err := read[*corev1.Endpoints](f, "a"); !apierrors.IsNotFound(err) {
		t.Errorf("endpoints: %v", err)
	}
}

// TestPanicsGiveBack: a plugin that panics does not keep addresses.
func TestPanicsGiveBack(t *testing.T) {
	f := newFixture(t, small)
	mustCreate(f, service("a", func(s *corev1.ServiceSpec) {
		s.Type, s.ExternalName, s.Selector, s.Ports = corev1.ServiceTypeExternalName, "example.com", nil, nil
	}))
	bad := func() { panic("a plugin's") }
	for range 8 {
		panics(t, func() {
			_, _ = at[rest.Creater](f, gvrOf(t, service("")), "").Create(f.ctx, defaulted(service("b")), func(context.Context, runtime.Object) error { bad(); return nil }, nil)
		})
		panics(t, func() {
			next := defaulted(service("a"))
			_, _, _ = at[rest.Updater](f, gvrOf(t, next), "").Update(f.ctx, "a", rest.DefaultUpdatedObjectInfo(next), nil, func(context.Context, runtime.Object, runtime.Object) error { bad(); return nil }, false, nil)
		})
	}
	mustCreate(f, service("c"))
}

func panics(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("did not come to the panic")
		}
	}()
	f()
}
