package dns

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
)

func TestGetPodDNS(t *testing.T) {
	two := "2"
	for name, tt := range map[string]struct {
		spec corev1.PodSpec
		want string
	}{
		"cluster first": {corev1.PodSpec{DNSPolicy: corev1.DNSClusterFirst}, "[10.96.0.10] [ns.svc.cluster.local svc.cluster.local cluster.local home] [ndots:5]"},
		"host network":  {corev1.PodSpec{DNSPolicy: corev1.DNSClusterFirst, HostNetwork: true}, "[1.1.1.1] [home] [rotate]"},
		"with host net": {corev1.PodSpec{DNSPolicy: corev1.DNSClusterFirstWithHostNet, HostNetwork: true}, "[10.96.0.10] [ns.svc.cluster.local svc.cluster.local cluster.local home] [ndots:5]"},
		"default":       {corev1.PodSpec{DNSPolicy: corev1.DNSDefault}, "[1.1.1.1] [home] [rotate]"},
		"none": {corev1.PodSpec{DNSPolicy: corev1.DNSNone, DNSConfig: &corev1.PodDNSConfig{
			Nameservers: []string{"9.9.9.9"}, Searches: []string{"x"}, Options: []corev1.PodDNSConfigOption{{Name: "ndots", Value: &two}, {Name: "edns0"}},
		}}, "[9.9.9.9] [x] [edns0 ndots:2]"},
		"merged": {corev1.PodSpec{DNSPolicy: corev1.DNSClusterFirst, DNSConfig: &corev1.PodDNSConfig{
			Nameservers: []string{"10.96.0.10", "9.9.9.9"}, Options: []corev1.PodDNSConfigOption{{Name: "ndots", Value: &two}},
		}}, "[10.96.0.10 9.9.9.9] [ns.svc.cluster.local svc.cluster.local cluster.local home] [ndots:2]"},
		"too many": {corev1.PodSpec{DNSPolicy: corev1.DNSNone, DNSConfig: &corev1.PodDNSConfig{Nameservers: []string{"1.0.0.1", "1.0.0.2", "1.0.0.3", "1.0.0.4"}}}, "[1.0.0.1 1.0.0.2 1.0.0.3] [] []"},
	} {
		t.Run(name, func(t *testing.T) {
			c := &Configurer{
				ClusterDNS: []string{"10.96.0.10"}, ClusterDomain: "cluster.local", Recorder: record.NewFakeRecorder(10),
				Host: func() ([]byte, error) {
					return []byte("# mine\nnameserver 1.1.1.1\nsearch home.\noptions rotate\n"), nil
				},
			}
			cfg, err := c.GetPodDNS(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns"}, Spec: tt.spec})
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(cfg.Servers, cfg.Searches, cfg.Options); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("nameserver 1.1.1.1\nsearch a b\noptions ndots:5\n;x\nnameserver\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := Parse(data)
		if slices.ContainsFunc(slices.Concat(cfg.Servers, cfg.Searches, cfg.Options), func(s string) bool { return strings.ContainsAny(s, " \n") }) {
			t.Errorf("%q gave %v", data, cfg)
		}
	})
}
