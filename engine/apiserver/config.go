package apiserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/component"
	"kubergarten/engine/trace"
)

// Name is the component's name: its container, its User-Agent, its events.
const Name = "kube-apiserver"

// Config says what the server is called and how much it takes on. Zero values
// stand for upstream's defaults.
type Config struct {
	AdvertiseAddress netip.Addr   // where the kubernetes Service points to
	SecurePort       int          // and at which port; 6443
	ServiceCIDR      netip.Prefix // its first address is the kubernetes Service

	Certificate tls.Certificate // of the server; none: plain HTTP, for tests
	ClientCA    *x509.CertPool  // whose client certificates are asked for
	Audiences   []string        // of tokens for this server
	NoAnonymous bool            // not even /healthz, /livez, /readyz and /version

	MaxRequestsInflight         int           // 400 that read
	MaxMutatingRequestsInflight int           // 200 that write
	RequestTimeout              time.Duration // 1 minute
	MinRequestTimeout           time.Duration // 30 minutes: of a watch, at least
	MaxStreams                  int           // 100: HTTP/2 streams of one connection
}

// Registry hands out the storage of resources and, if subresource is not
// empty, of their subresources. *registry.Registry is one.
type Registry interface {
	Storage(gvr schema.GroupVersionResource, subresource string) (rest.Storage, bool)
}

// Deps are what the server works with. Log, Clock, Registry, Authenticator and
// Authorizer are required.
type Deps struct {
	Registry      Registry // running, when Run is called
	Authenticator authenticator.Request
	Authorizer    authorizer.Authorizer
	Rules         authorizer.RuleResolver // for SelfSubjectRulesReview
	Admission     admission.Interface     // nil: everything is admitted
	// Synced waits until those who judge requests have seen the objects that
	// they go by; nil: they need nothing.
	Synced func(context.Context) error
	// Kubelet finds a node's kubelet, for logs, exec, attach and port-forward.
	Kubelet func(node string) (Kubelet, error)

	// Etcd says whether etcd answers; nil: there is no such health check.
	Etcd func(context.Context) error
	// Paths are further paths to serve, as /openid/v1/jwks.
	Paths map[string]http.Handler

	Listeners []net.Listener // all are served, and closed in the end
	// Loopback is opened as soon as Run runs: for what authentication,
	// authorization and admission read. Door is opened when the server is ready.
	// Both may be nil.
	Loopback, Door *component.Door[client.Server]

	Clock clock.Clock     // the cluster's time
	Trace *trace.Recorder // may be nil
	Log   *slog.Logger
}

// complete returns c with defaults, or says what is missing in d.
func (c Config) complete(d Deps) (Config, error) {
	if d.Registry == nil || d.Authenticator == nil || d.Authorizer == nil || d.Clock == nil || d.Log == nil {
		return c, fmt.Errorf("%s: registry, authenticator, authorizer, clock and log are required", Name)
	}
	orDefault(&c.SecurePort, 6443)
	orDefault(&c.MaxRequestsInflight, 400)
	orDefault(&c.MaxMutatingRequestsInflight, 200)
	orDefault(&c.RequestTimeout, time.Minute)
	orDefault(&c.MinRequestTimeout, 30*time.Minute)
	orDefault(&c.MaxStreams, 100)
	return c, nil
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
