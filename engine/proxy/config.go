package proxy

// Upstream: cmd/kube-proxy/app/options.go, pkg/proxy/apis/config/v1alpha1/defaults.go

import (
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kube-proxy/config/v1alpha1"
)

// Flags are kube-proxy's command line.
type Flags struct {
	ConfigFile       string
	HostnameOverride string
	Verbosity        int // of the log
}

// ParseFlags reads the command line, without the program's name.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	set := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	set.Usage = func() {}
	set.StringVar(&f.ConfigFile, "config", "", "The path to the configuration file.")
	set.StringVar(&f.HostnameOverride, "hostname-override", "", "If non-empty, will be used as the name of the Node that kube-proxy is running on.")
	set.IntVarP(&f.Verbosity, "v", "v", 0, "number for the log level verbosity")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		return f, fmt.Errorf("unknown command %q for %q", set.Arg(0), Name)
	}
	return f, nil
}

// Load reads the configuration file that f names from files, or makes the
// default configuration if it names none.
func (f Flags) Load(files fs.FS) (*v1alpha1.KubeProxyConfiguration, error) {
	cfg := &v1alpha1.KubeProxyConfiguration{}
	if f.ConfigFile != "" {
		data, err := fs.ReadFile(files, strings.TrimPrefix(f.ConfigFile, "/"))
		if err != nil {
			return nil, fmt.Errorf("failed to load config: %w", err)
		}
		if cfg, err = Decode(data); err != nil {
			return nil, err
		}
	}
	if f.HostnameOverride != "" {
		cfg.HostnameOverride = strings.ToLower(strings.TrimSpace(f.HostnameOverride))
	}
	setDefaults(cfg)
	return cfg, validate(cfg).ToAggregate()
}

// Decode reads a KubeProxyConfiguration, as YAML or JSON. Unknown fields are
// errors.
func Decode(data []byte) (*v1alpha1.KubeProxyConfiguration, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	codecs := serializer.NewCodecFactory(scheme, serializer.EnableStrict)
	obj, gvk, err := codecs.UniversalDeserializer().Decode(data, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("failed to decode: %w", err)
	}
	cfg, ok := obj.(*v1alpha1.KubeProxyConfiguration)
	if !ok {
		return nil, fmt.Errorf("got unexpected config type: %v", gvk)
	}
	return cfg, nil
}

func setDefaults(c *v1alpha1.KubeProxyConfiguration) {
	if c.BindAddress == "" {
		c.BindAddress = "0.0.0.0"
	}
	c.HealthzBindAddress = hostPort(c.HealthzBindAddress, "0.0.0.0", "10256")
	c.MetricsBindAddress = hostPort(c.MetricsBindAddress, "127.0.0.1", "10249")
	if c.IPTables.LocalhostNodePorts == nil {
		yes := true
		c.IPTables.LocalhostNodePorts = &yes
	}
	if c.DetectLocalMode == "" {
		c.DetectLocalMode = localClusterCIDR
	}
}

func hostPort(s, host, port string) string {
	if s == "" {
		return net.JoinHostPort(host, port)
	}
	if _, _, err := net.SplitHostPort(s); err != nil {
		return net.JoinHostPort(strings.Trim(s, "[]"), port)
	}
	return s
}

// validate refuses what upstream refuses, and what we do not have.
func validate(c *v1alpha1.KubeProxyConfiguration) field.ErrorList {
	var errs field.ErrorList
	at := field.NewPath("KubeProxyConfiguration")
	errs = append(errs, validateMode(c.Mode, at.Child("Mode", "ProxyMode"))...)
	errs = append(errs, validateLocalMode(c.DetectLocalMode, at.Child("DetectLocalMode"))...)
	if _, err := netip.ParseAddr(c.BindAddress); err != nil {
		errs = append(errs, field.Invalid(at.Child("BindAddress"), c.BindAddress, "not a valid textual representation of an IP address"))
	}
	errs = append(errs, validateHostPort(c.HealthzBindAddress, at.Child("HealthzBindAddress"))...)
	errs = append(errs, validateHostPort(c.MetricsBindAddress, at.Child("MetricsBindAddress"))...)
	errs = append(errs, validateNodePortAddresses(c.NodePortAddresses, at.Child("NodePortAddresses"))...)
	if c.ClusterCIDR != "" {
		if _, err := parseCIDRs(strings.Split(c.ClusterCIDR, ",")); err != nil {
			errs = append(errs, field.Invalid(at.Child("ClusterCIDR"), c.ClusterCIDR, "must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)"))
		}
	}
	return errs
}

func validateMode(m v1alpha1.ProxyMode, at *field.Path) field.ErrorList {
	switch m {
	case "", "iptables":
		return nil
	case "ipvs", "nftables":
		return field.ErrorList{field.Invalid(at, string(m), "this mode is not supported here; iptables is")}
	}
	return field.ErrorList{field.Invalid(at, string(m), "must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])")}
}

func validateLocalMode(m v1alpha1.LocalMode, at *field.Path) field.ErrorList {
	switch m {
	case localClusterCIDR, localNodeCIDR:
		return nil
	}
	return field.ErrorList{field.NotSupported(at, m, []v1alpha1.LocalMode{localClusterCIDR, localNodeCIDR, ""})}
}

func validateHostPort(s string, at *field.Path) field.ErrorList {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return field.ErrorList{field.Invalid(at, s, "must be IP:port")}
	}
	if _, err := netip.ParseAddr(host); err != nil {
		return field.ErrorList{field.Invalid(at, host, "must be a valid IP")}
	}
	if n, err := net.LookupPort("tcp", port); err != nil || n == 0 {
		return field.ErrorList{field.Invalid(at, port, "must be a valid port")}
	}
	return nil
}

func validateNodePortAddresses(list []string, at *field.Path) field.ErrorList {
	if len(list) == 1 && list[0] == primary {
		return nil
	}
	var errs field.ErrorList
	for i, s := range list {
		if s == primary {
			errs = append(errs, field.Invalid(at.Index(i), s, "can't use both 'primary' and CIDRs"))
		} else if _, err := netip.ParsePrefix(s); err != nil {
			errs = append(errs, field.Invalid(at.Index(i), s, "must be a valid CIDR"))
		}
	}
	return errs
}

// The ways to tell pods' connections from others.
const (
	localClusterCIDR v1alpha1.LocalMode = "ClusterCIDR"
	localNodeCIDR    v1alpha1.LocalMode = "NodeCIDR"
)

// primary is the nodePortAddresses value that means the node's own address.
const primary = "primary"

func parseCIDRs(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, err
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
