package envvars

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestExpand(t *testing.T) {
	mapping := Mapping(map[string]string{"A": "a", "EMPTY": ""}, map[string]string{"A": "hidden", "B": "b"})
	for in, want := range map[string]string{
		"$(A)": "a", "x$(A)y$(B)z": "xaybz", "$(NO)": "$(NO)", "$$(A)": "$(A)", "$$$(A)": "$a", "$(EMPTY)": "",
		"$": "$", "$$": "$", "$A": "$A", "$(A": "$(A", "a$(": "a$(", "": "", "$()": "$()", "$(A)$": "a$", "$$$$$$$$(A)": "$$$$(A)",
	} {
		if got := Expand(in, mapping); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("$(A) $$(B) $(")
	f.Fuzz(func(t *testing.T, s string) {
		same := Mapping() // knows no name, so only $$ may change
		if got := Expand(s, same); !strings.Contains(s, "$$") && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func TestFromServices(t *testing.T) {
	got := FromServices([]*corev1.Service{
		{ObjectMeta: metav1.ObjectMeta{Name: "my-web"}, Spec: corev1.ServiceSpec{ClusterIP: "10.96.1.2", Ports: []corev1.ServicePort{{Name: "http-x", Port: 80}, {Name: "dns", Port: 53, Protocol: "UDP"}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "headless"}, Spec: corev1.ServiceSpec{ClusterIP: "None", Ports: []corev1.ServicePort{{Port: 80}}}},
	})
	want := map[string]string{
		"MY_WEB_SERVICE_HOST": "10.96.1.2", "MY_WEB_SERVICE_PORT": "80", "MY_WEB_SERVICE_PORT_HTTP_X": "80", "MY_WEB_SERVICE_PORT_DNS": "53",
		"MY_WEB_PORT": "tcp://10.96.1.2:80", "MY_WEB_PORT_80_TCP": "tcp://10.96.1.2:80", "MY_WEB_PORT_80_TCP_PROTO": "tcp",
		"MY_WEB_PORT_80_TCP_PORT": "80", "MY_WEB_PORT_80_TCP_ADDR": "10.96.1.2",
		"MY_WEB_PORT_53_UDP": "udp://10.96.1.2:53", "MY_WEB_PORT_53_UDP_PROTO": "udp", "MY_WEB_PORT_53_UDP_PORT": "53", "MY_WEB_PORT_53_UDP_ADDR": "10.96.1.2",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFields(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "ns", UID: "u", Labels: map[string]string{"b": "2", "a": "1"}, Annotations: map[string]string{"x": "line\n"}}}
	for path, want := range map[string]string{
		"metadata.name": "p", "metadata.namespace": "ns", "metadata.uid": "u", "metadata.labels": "a=\"1\"\nb=\"2\"",
		"metadata.labels['a']": "1", "metadata.labels['no']": "", "metadata.annotations": `x="line\n"`, "metadata.annotations['x']": "line\n",
	} {
		if got, err := Field(pod, path); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
	for _, bad := range []string{"metadata.nope", "metadata.name['a']", "metadata.labels['/']", "['a']", "metadata.labels['"} {
		if _, err := Field(pod, bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestResource(t *testing.T) {
	c := &corev1.Container{Resources: corev1.ResourceRequirements{
		Limits:   corev1.ResourceList{"cpu": resource.MustParse("1500m")},
		Requests: corev1.ResourceList{"memory": resource.MustParse("100Mi")},
	}}
	node := corev1.ResourceList{"memory": resource.MustParse("8Gi")}
	for _, tt := range []struct{ name, divisor, want string }{
		{"limits.cpu", "0", "2"},
		{"limits.cpu", "1m", "1500"},
		{"limits.memory", "1Gi", "8"},
		{"requests.memory", "1Mi", "100"},
		{"requests.cpu", "0", "0"},
		{"limits.gpu", "0", "error"},
		{"wishes.cpu", "0", "error"},
	} {
		got, err := Resource(&corev1.ResourceFieldSelector{Resource: tt.name, Divisor: resource.MustParse(tt.divisor)}, c, node)
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%s/%s: %s, want %s", tt.name, tt.divisor, got, tt.want)
		}
	}
}
