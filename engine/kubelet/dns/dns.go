package dns

// Upstream: pkg/kubelet/network/dns/dns.go

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/record"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/types"
)

// What resolvers can take.
const (
	maxNameservers     = 3
	maxSearchPaths     = 32
	maxSearchListChars = 2048
	maxDomainLength    = 253
)

// Configurer makes the DNS configuration of pods.
type Configurer struct {
	ClusterDNS    []string
	ClusterDomain string
	// Host reads the node's resolv.conf.
	Host     func() ([]byte, error)
	Recorder record.EventRecorder
}

// GetPodDNS returns what the pod's resolv.conf shall say.
func (c *Configurer) GetPodDNS(pod *corev1.Pod) (*v1.DNSConfig, error) {
	cfg, err := c.base(pod)
	if err != nil {
		return nil, err
	}
	if add := pod.Spec.DNSConfig; add != nil {
		cfg.Servers = unique(append(cfg.Servers, add.Nameservers...))
		cfg.Searches = unique(append(cfg.Searches, add.Searches...))
		cfg.Options = mergeOptions(cfg.Options, add.Options)
	}
	c.fit(cfg, pod)
	return cfg, nil
}

func (c *Configurer) base(pod *corev1.Pod) (*v1.DNSConfig, error) {
	policy := pod.Spec.DNSPolicy
	if policy == corev1.DNSNone {
		return &v1.DNSConfig{}, nil
	}
	host, err := c.host()
	if err != nil {
		return nil, err
	}
	if policy == corev1.DNSDefault || policy == corev1.DNSClusterFirst && pod.Spec.HostNetwork {
		return host, nil
	}
	if len(c.ClusterDNS) == 0 {
		c.Recorder.Eventf(pod, corev1.EventTypeWarning, "MissingClusterDNS",
			"pod: %q. kubelet does not have ClusterDNS IP configured and cannot create Pod using %q policy. Falling back to %q policy.",
			types.Format(pod), corev1.DNSClusterFirst, corev1.DNSDefault)
		return host, nil
	}
	search := host.Searches
	if c.ClusterDomain != "" {
		svc := "svc." + c.ClusterDomain
		search = unique(append([]string{pod.Namespace + "." + svc, svc, c.ClusterDomain}, search...))
	}
	return &v1.DNSConfig{Servers: slices.Clone(c.ClusterDNS), Searches: search, Options: []string{"ndots:5"}}, nil
}

func (c *Configurer) host() (*v1.DNSConfig, error) {
	data, err := c.Host()
	if err != nil {
		return nil, fmt.Errorf("could not open resolv conf file: %w", err)
	}
	return Parse(data), nil
}

// Parse reads a resolv.conf; lines it does not understand are skipped.
func Parse(data []byte) *v1.DNSConfig {
	cfg := &v1.DNSConfig{}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") || strings.HasPrefix(f[0], ";") {
			continue
		}
		switch f[0] {
		case "nameserver":
			if len(f) >= 2 {
				cfg.Servers = append(cfg.Servers, f[1])
			}
		case "search":
			cfg.Searches = nil // the last one counts
			for _, s := range f[1:] {
				if s != "." {
					s = strings.TrimSuffix(s, ".")
				}
				cfg.Searches = append(cfg.Searches, s)
			}
		case "options":
			cfg.Options = append(cfg.Options, f[1:]...)
		}
	}
	return cfg
}

// fit cuts off what resolvers cannot take.
func (c *Configurer) fit(cfg *v1.DNSConfig, pod *corev1.Pod) {
	if len(cfg.Servers) > maxNameservers {
		cfg.Servers = cfg.Servers[:maxNameservers]
		c.Recorder.Eventf(pod, corev1.EventTypeWarning, "DNSConfigForming",
			"Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: %s", strings.Join(cfg.Servers, " "))
	}
	n := len(cfg.Searches)
	search := slices.DeleteFunc(cfg.Searches[:min(n, maxSearchPaths)], func(s string) bool { return len(s) > maxDomainLength })
	for len(strings.Join(search, " ")) > maxSearchListChars {
		search = search[:len(search)-1]
	}
	if cfg.Searches = search; len(search) < n {
		c.Recorder.Eventf(pod, corev1.EventTypeWarning, "DNSConfigForming",
			"Search Line limits were exceeded, some search paths have been omitted, the applied search line is: %s", strings.Join(search, " "))
	}
}

func mergeOptions(have []string, add []corev1.PodDNSConfigOption) []string {
	m := map[string]string{}
	for _, o := range have {
		name, value, _ := strings.Cut(o, ":")
		m[name] = value
	}
	for _, o := range add {
		m[o.Name] = ""
		if o.Value != nil {
			m[o.Name] = *o.Value
		}
	}
	out := []string{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if m[name] != "" {
			name += ":" + m[name]
		}
		out = append(out, name)
	}
	return out
}

func unique(in []string) []string {
	var out []string
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
