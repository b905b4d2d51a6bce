package kubelet

// Upstream: cmd/kubelet/app/options/options.go

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
)

// Flags are the command line of a kubelet.
type Flags struct {
	Config           string // of the virtual node, "/var/lib/kubelet/config.yaml"
	HostnameOverride string
	NodeIP           string
	NodeLabels       map[string]string
	Taints           []corev1.Taint
	ProviderID       string
}

// ParseFlags reads a kubelet's command line.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	var taints []string
	fs := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	fs.StringVar(&f.Config, "config", "/"+ConfigPath, "The Kubelet will load its initial configuration from this file.")
	fs.StringVar(&f.HostnameOverride, "hostname-override", "", "If non-empty, will use this string as identification instead of the actual hostname.")
	fs.StringVar(&f.NodeIP, "node-ip", "", "IP address of the node.")
	fs.StringToStringVar(&f.NodeLabels, "node-labels", nil, "Labels to add when registering the node in the cluster.")
	fs.StringSliceVar(&taints, "register-with-taints", nil, "Register the node with the given list of taints (comma separated \"<key>=<value>:<effect>\").")
	fs.StringVar(&f.ProviderID, "provider-id", "", "Unique identifier for identifying the node in a machine database, i.e cloud provider.")
	if err := fs.Parse(args); err != nil {
		return f, err
	}
	if fs.NArg() > 0 {
		return f, fmt.Errorf("unknown command %v", fs.Args())
	}
	for _, s := range taints {
		t, err := parseTaint(s)
		if err != nil {
			return f, err
		}
		f.Taints = append(f.Taints, t)
	}
	return f, nil
}

// parseTaint reads "key=value:Effect", "key:Effect".
func parseTaint(s string) (corev1.Taint, error) {
	spec, effect, ok := strings.Cut(s, ":")
	key, value, _ := strings.Cut(spec, "=")
	t := corev1.Taint{Key: key, Value: value, Effect: corev1.TaintEffect(effect)}
	switch t.Effect {
	case corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
	default:
		if !ok {
			return t, fmt.Errorf("invalid taint spec: %v", s)
		}
		return t, fmt.Errorf("invalid taint effect: %v, unsupported taint effect", effect)
	}
	if key == "" {
		return t, fmt.Errorf("invalid taint spec: %v", s)
	}
	return t, nil
}
