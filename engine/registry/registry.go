package registry

import (
	"context"
	"net/netip"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/registry/rest"
)

// Config says what a Registry is made of.
type Config struct {
	ServiceCIDR netip.Prefix      // of cluster IPs; 10.96.0.0/12 if not set
	NodePorts   utilnet.PortRange // 30000-32767 if not set
	EventTTL    time.Duration     // one hour if not set
	Tokens      TokenIssuer       // serves serviceaccounts/token; may be nil
}

// A TokenIssuer makes the token of a service account that req asks for, and
// fills in req.Status. The bound pod, node or secret is nil if there is none.
type TokenIssuer interface {
	IssueToken(ctx context.Context, sa *corev1.ServiceAccount, req *authenticationv1.TokenRequest, bound TokenBinding) error
}

// A TokenBinding is the objects whose end ends a token.
type TokenBinding struct {
	Pod    *corev1.Pod
	Node   *corev1.Node // of Pod, or bound to itself
	Secret *corev1.Secret
}

// A Registry serves every resource of the API.
type Registry struct{}

// New returns a registry over the stores that cfg describes.
func New(cfg Config) (*Registry, error) { return &Registry{}, nil }

// Run keeps the watch caches up to date until ctx is done.
func (r *Registry) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Ready is closed when every resource can be read and watched.
func (r *Registry) Ready() <-chan struct{} { return nil }

// Storage returns what serves gvr, or its subresource. The value implements
// those interfaces of k8s.io/apiserver/pkg/registry/rest that the verbs need.
func (r *Registry) Storage(gvr schema.GroupVersionResource, subresource string) (rest.Storage, bool) {
	return nil, false
}
