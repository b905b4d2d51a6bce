package apiserver

// Upstream: cmd/kube-apiserver/app/options/options.go

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Flags are the command line of kube-apiserver. Files are paths on the node.
type Flags struct {
	AdvertiseAddress  net.IP
	BindAddress       net.IP
	SecurePort        int
	TLSCertFile       string
	TLSPrivateKeyFile string

	ClientCAFile             string
	AnonymousAuth            bool // only for /healthz, /livez, /readyz and /version
	EnableBootstrapTokenAuth bool
	AuthorizationMode        []string
	EnableAdmissionPlugins   []string
	DisableAdmissionPlugins  []string

	ServiceAccountIssuer         []string
	ServiceAccountKeyFile        []string
	ServiceAccountSigningKeyFile string
	APIAudiences                 []string
	ServiceClusterIPRange        string

	EtcdServers                     []string
	EtcdCAFile                      string
	EtcdCertFile                    string
	EtcdKeyFile                     string
	EventTTL                        time.Duration
	MaxRequestsInflight             int
	MaxMutatingRequestsInflight     int
	RequestTimeout                  time.Duration
	MinRequestTimeout               int // seconds
	HTTP2MaxStreamsPerConnection    int
	AllowPrivileged                 bool
	KubeletClientCertificate        string
	KubeletClientKey                string
	KubeletPreferredAddressTypes    []string
	ProxyClientCertFile             string
	ProxyClientKeyFile              string
	RequestheaderAllowedNames       []string
	RequestheaderClientCAFile       string
	RequestheaderExtraHeadersPrefix []string
	RequestheaderGroupHeaders       []string
	RequestheaderUsernameHeaders    []string

	Verbosity int
}

// ParseFlags reads kube-apiserver's command line, without the program's name.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	fs := f.set()
	if err := fs.Parse(args); err != nil {
		return Flags{}, err
	}
	if fs.NArg() > 0 {
		return Flags{}, fmt.Errorf("unknown command %q for %q", fs.Arg(0), Name)
	}
	return f, f.validate()
}

func (f *Flags) set() *pflag.FlagSet {
	fs := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.IPVar(&f.AdvertiseAddress, "advertise-address", nil, "")
	fs.IPVar(&f.BindAddress, "bind-address", net.IPv4zero, "")
	fs.IntVar(&f.SecurePort, "secure-port", 6443, "")
	fs.StringVar(&f.TLSCertFile, "tls-cert-file", "", "")
	fs.StringVar(&f.TLSPrivateKeyFile, "tls-private-key-file", "", "")
	f.setAuth(fs)
	f.setServing(fs)
	f.setOthers(fs)
	fs.IntVarP(&f.Verbosity, "v", "v", 0, "")
	return fs
}

func (f *Flags) setAuth(fs *pflag.FlagSet) {
	fs.StringVar(&f.ClientCAFile, "client-ca-file", "", "")
	fs.BoolVar(&f.AnonymousAuth, "anonymous-auth", true, "")
	fs.BoolVar(&f.EnableBootstrapTokenAuth, "enable-bootstrap-token-auth", false, "")
	fs.StringSliceVar(&f.AuthorizationMode, "authorization-mode", []string{"AlwaysAllow"}, "")
	fs.StringSliceVar(&f.EnableAdmissionPlugins, "enable-admission-plugins", nil, "")
	fs.StringSliceVar(&f.DisableAdmissionPlugins, "disable-admission-plugins", nil, "")
	fs.StringArrayVar(&f.ServiceAccountIssuer, "service-account-issuer", nil, "")
	fs.StringArrayVar(&f.ServiceAccountKeyFile, "service-account-key-file", nil, "")
	fs.StringVar(&f.ServiceAccountSigningKeyFile, "service-account-signing-key-file", "", "")
	fs.StringSliceVar(&f.APIAudiences, "api-audiences", nil, "")
}

func (f *Flags) setServing(fs *pflag.FlagSet) {
	fs.StringVar(&f.ServiceClusterIPRange, "service-cluster-ip-range", "10.0.0.0/24", "")
	fs.DurationVar(&f.EventTTL, "event-ttl", time.Hour, "")
	fs.IntVar(&f.MaxRequestsInflight, "max-requests-inflight", 400, "")
	fs.IntVar(&f.MaxMutatingRequestsInflight, "max-mutating-requests-inflight", 200, "")
	fs.DurationVar(&f.RequestTimeout, "request-timeout", time.Minute, "")
	fs.IntVar(&f.MinRequestTimeout, "min-request-timeout", 1800, "")
	fs.IntVar(&f.HTTP2MaxStreamsPerConnection, "http2-max-streams-per-connection", 0, "")
	fs.StringSliceVar(&f.EtcdServers, "etcd-servers", nil, "")
}

// setOthers takes the flags of kubeadm's manifest that doc.go says have
// nothing to act on.
func (f *Flags) setOthers(fs *pflag.FlagSet) {
	fs.StringVar(&f.EtcdCAFile, "etcd-cafile", "", "")
	fs.StringVar(&f.EtcdCertFile, "etcd-certfile", "", "")
	fs.StringVar(&f.EtcdKeyFile, "etcd-keyfile", "", "")
	fs.BoolVar(&f.AllowPrivileged, "allow-privileged", false, "")
	fs.StringVar(&f.KubeletClientCertificate, "kubelet-client-certificate", "", "")
	fs.StringVar(&f.KubeletClientKey, "kubelet-client-key", "", "")
	fs.StringSliceVar(&f.KubeletPreferredAddressTypes, "kubelet-preferred-address-types", nil, "")
	fs.StringVar(&f.ProxyClientCertFile, "proxy-client-cert-file", "", "")
	fs.StringVar(&f.ProxyClientKeyFile, "proxy-client-key-file", "", "")
	fs.StringSliceVar(&f.RequestheaderAllowedNames, "requestheader-allowed-names", nil, "")
	fs.StringVar(&f.RequestheaderClientCAFile, "requestheader-client-ca-file", "", "")
	fs.StringSliceVar(&f.RequestheaderExtraHeadersPrefix, "requestheader-extra-headers-prefix", nil, "")
	fs.StringSliceVar(&f.RequestheaderGroupHeaders, "requestheader-group-headers", nil, "")
	fs.StringSliceVar(&f.RequestheaderUsernameHeaders, "requestheader-username-headers", nil, "")
}

// modes are the authorization modes that this server has.
func modes() []string { return []string{"AlwaysAllow", "AlwaysDeny", "Node", "RBAC"} }

func (f *Flags) validate() error {
	var errs []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	need(len(f.EtcdServers) > 0, "--etcd-servers must be specified")
	need(f.SecurePort >= 1 && f.SecurePort <= 65535, "--secure-port %v must be between 1 and 65535, inclusive. It cannot be turned off with 0", f.SecurePort)
	need(f.MaxRequestsInflight >= 0, "--max-requests-inflight can not be negative value")
	need(f.MaxMutatingRequestsInflight >= 0, "--max-mutating-requests-inflight can not be negative value")
	need(f.RequestTimeout >= 0, "--request-timeout can not be negative value")
	need(f.MinRequestTimeout >= 0, "--min-request-timeout can not be negative value")
	need(f.ServiceAccountSigningKeyFile != "" && len(f.ServiceAccountIssuer) > 0, "--service-account-signing-key-file and --service-account-issuer are required flags")
	need(len(f.AuthorizationMode) > 0, "at least one authorization-mode must be passed")
	for i, m := range f.AuthorizationMode {
		need(slices.Contains(modes(), m), "authorization-mode %q is not a valid mode", m)
		need(!slices.Contains(f.AuthorizationMode[:i], m), "authorization-mode %q has mode specified more than once", f.AuthorizationMode)
	}
	for _, iss := range f.ServiceAccountIssuer {
		need(iss != "", "service-account-issuer should not be an empty string")
		if _, err := url.Parse(iss); strings.Contains(iss, ":") && err != nil {
			need(false, "service-account-issuer %q contained a ':' but was not a valid URL: %v", iss, err)
		}
	}
	_, err := f.ServiceCIDR()
	need(err == nil, "--service-cluster-ip-range must contain at least one valid cidr")
	return errors.Join(errs...)
}

// ServiceCIDR is the range of the flag service-cluster-ip-range.
func (f *Flags) ServiceCIDR() (netip.Prefix, error) {
	return netip.ParsePrefix(f.ServiceClusterIPRange)
}

// Config returns what the flags say about the server itself; certificates are
// the caller's to load.
func (f *Flags) Config() Config {
	addr, _ := netip.AddrFromSlice(f.AdvertiseAddress)
	cidr, _ := f.ServiceCIDR() // validated
	auds := f.APIAudiences
	if len(auds) == 0 {
		auds = f.ServiceAccountIssuer
	}
	return Config{
		AdvertiseAddress: addr.Unmap(), SecurePort: f.SecurePort, ServiceCIDR: cidr, Audiences: auds, NoAnonymous: !f.AnonymousAuth,
		MaxRequestsInflight: f.MaxRequestsInflight, MaxMutatingRequestsInflight: f.MaxMutatingRequestsInflight,
		RequestTimeout: f.RequestTimeout, MinRequestTimeout: time.Duration(f.MinRequestTimeout) * time.Second,
		MaxStreams: f.HTTP2MaxStreamsPerConnection,
	}
}
