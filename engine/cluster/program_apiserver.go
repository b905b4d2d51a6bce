package cluster

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/util/keyutil"

	"kubergarten/engine/admission"
	"kubergarten/engine/apiserver"
	"kubergarten/engine/auth"
	"kubergarten/engine/client"
	"kubergarten/engine/component"
	"kubergarten/engine/cri/native"
	"kubergarten/engine/etcd"
	"kubergarten/engine/kubeadm"
	"kubergarten/engine/registry"
	"kubergarten/engine/storage"
)

// apiserver waits for etcd, then opens the door at 6443 and the ports of the
// host and of its node.
func (c *Cluster) apiserver(ctx context.Context, p native.Process) error {
	f, err := apiserver.ParseFlags(p.Args)
	if err != nil {
		return err
	}
	log := klogger(p.Stderr, f.Verbosity)
	servers, err := hostPorts(f.EtcdServers)
	if err != nil {
		return fmt.Errorf("--etcd-servers: %w", err)
	}
	kv := etcd.NewClient(c.etcds.at(servers[0]))
	if err := kv.Wait(ctx); err != nil {
		return nil // asked to stop before etcd was there
	}
	files, err := loadFiles(p.FS, f)
	if err != nil {
		return err
	}
	self := component.NewDoor[client.Server]("127.0.0.1:6443") // for our own eyes, open before the public one
	who, err := auth.New(auth.Config{
		API: client.Waiting(client.New(self, kubeadm.SuperAdmin()), self), Modes: f.AuthorizationMode, ClientCA: files.clientCA,
		Issuers: f.ServiceAccountIssuer, SigningKey: files.signer, Keys: files.keys, Audiences: f.APIAudiences, Clock: c.cfg.Clock,
	})
	if err != nil {
		return err
	}
	reg, err := registry.New(registry.Config{
		Storage:  storage.Config{KV: kv, Clock: c.cfg.Clock, Trace: c.trace, Log: log},
		EventTTL: f.EventTTL, ServiceCIDR: netip.MustParsePrefix(f.ServiceClusterIPRange), Tokens: issuer{who.Tokens()}, Escalation: who.Rights(),
	})
	if err != nil {
		return err
	}
	chain, err := admission.New(admission.Config{
		API: client.New(self, kubeadm.SuperAdmin()), Clock: c.cfg.Clock, Enable: f.EnableAdmissionPlugins, Disable: f.DisableAdmissionPlugins,
	})
	if err != nil {
		return err
	}
	listeners, err := c.listeners(p, f.SecurePort)
	if err != nil {
		return err
	}
	cfg := f.Config()
	cfg.Certificate, cfg.ClientCA = files.serving, files.clientCA
	server, err := apiserver.New(cfg, apiserver.Deps{
		Registry: reg, Authenticator: who.Authenticator(), Authorizer: who.Authorizer(), Rules: who.RuleResolver(), Admission: chain,
		Kubelet: c.kubelet, Etcd: func(ctx context.Context) error { _, err := kv.Rev(ctx); return err },
		Paths: who.Paths(), Listeners: listeners, Loopback: self, Clock: c.cfg.Clock, Trace: c.trace, Log: log,
	})
	if err != nil {
		return err
	}
	return c.serve(ctx, log, net.JoinHostPort(p.Net.IP().String(), strconv.Itoa(f.SecurePort)), reg, who, server)
}

// serve runs the parts of the API server in the order in which they need one
// another, and opens the door when requests will be answered rightly.
func (c *Cluster) serve(ctx context.Context, log *slog.Logger, addr string, reg *registry.Registry, who *auth.Auth, server *apiserver.Server) error {
	return component.Run(ctx, log,
		component.Stage{named{"registry", reg.Run, reg.Ready()}},
		component.Stage{named{"auth", who.Run, nil}, named{server.Name(), server.Run, server.Ready()}},
		component.Stage{named{"door", func(ctx context.Context) error { return c.openDoors(ctx, addr, who, server) }, nil}},
	)
}

// named is a component of a function.
type named struct {
	name  string
	run   func(context.Context) error
	ready <-chan struct{}
}

func (n named) Name() string                  { return n.name }
func (n named) Run(ctx context.Context) error { return n.run(ctx) }

func (n named) Ready() <-chan struct{} {
	if n.ready == nil {
		done := make(chan struct{})
		close(done)
		return done
	}
	return n.ready
}

// openDoors lets the components in, once authorization knows the roles that
// the server has just made: else they would be refused, and wait before they
// try again.
func (c *Cluster) openDoors(ctx context.Context, addr string, who *auth.Auth, server *apiserver.Server) error {
	if err := who.Synced(ctx); err != nil {
		return nil // asked to stop
	}
	for !mayWork(ctx, who.Authorizer()) {
		select {
		case <-c.cfg.Clock.After(time.Millisecond):
		case <-ctx.Done():
			return nil
		}
	}
	shutTokens, err := c.tokens.at(addr).Open(who.Tokens())
	if err != nil {
		return err
	}
	defer shutTokens()
	shut, err := c.apis.at(addr).Open(server)
	if err != nil {
		return err
	}
	defer shut()
	<-ctx.Done()
	return nil
}

// mayWork reports whether the last of the bootstrap roles' bindings is known.
func mayWork(ctx context.Context, may authorizer.Authorizer) bool {
	for _, name := range []string{"system:kube-scheduler", "system:kube-controller-manager"} {
		d, _, err := may.Authorize(ctx, authorizer.AttributesRecord{
			User: &user.DefaultInfo{Name: name, Groups: []string{user.AllAuthenticated}},
			Verb: "list", APIVersion: "v1", Resource: "pods", ResourceRequest: true,
		})
		if err != nil || d != authorizer.DecisionAllow {
			return false
		}
	}
	return true
}

// listeners are the node's port and, if that is 6443, the host's: people's
// kubeconfig leads there and nowhere else.
func (c *Cluster) listeners(p native.Process, port int) ([]net.Listener, error) {
	inside, err := p.Net.Listen(netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port)))
	if err != nil {
		return nil, fmt.Errorf("failed to create listener: %w", err)
	}
	host := c.takeHost()
	if port != 6443 {
		if host != nil {
			host.Close()
		}
		return []net.Listener{inside}, nil
	}
	if host == nil { // a restart: the first run had the one that was taken at the start
		if host, err = net.Listen("tcp", c.cfg.Listen); err != nil {
			inside.Close()
			return nil, fmt.Errorf("failed to create listener: %w", err)
		}
	}
	return []net.Listener{host, inside}, nil
}

// takeHost returns the listener that was opened at the start, once.
func (c *Cluster) takeHost() net.Listener {
	c.mu.Lock()
	defer c.mu.Unlock()
	host := c.host
	c.host = nil
	return host
}

// kubelet is the kubelet of a node, as the API server reaches it.
func (c *Cluster) kubelet(name string) (apiserver.Kubelet, error) {
	n, ok := c.nodes[name]
	if !ok {
		return nil, fmt.Errorf("dial tcp: lookup %s: no such host", name)
	}
	return n.kubelet.Server(), nil
}

// issuer is auth's tokens as the registry wants them.
type issuer struct{ tokens *auth.Tokens }

func (i issuer) IssueToken(_ context.Context, sa *corev1.ServiceAccount, req *authenticationv1.TokenRequest, b registry.TokenBinding) error {
	return i.tokens.Issue(sa, req, b.Pod, b.Node, b.Secret)
}

// pkiFiles are what the flags of kube-apiserver name.
type pkiFiles struct {
	serving  tls.Certificate
	clientCA *x509.CertPool
	signer   crypto.Signer
	keys     []crypto.PublicKey
}

func loadFiles(root fs.FS, f apiserver.Flags) (out pkiFiles, err error) {
	r := reader{root: root}
	cert, key := r.read("tls-cert-file", f.TLSCertFile), r.read("tls-private-key-file", f.TLSPrivateKeyFile)
	ca, signing := r.read("client-ca-file", f.ClientCAFile), r.read("service-account-signing-key-file", f.ServiceAccountSigningKeyFile)
	if r.err != nil {
		return out, r.err
	}
	if out.serving, err = tls.X509KeyPair(cert, key); err != nil {
		return out, fmt.Errorf("--tls-cert-file: %w", err)
	}
	out.clientCA = x509.NewCertPool()
	if !out.clientCA.AppendCertsFromPEM(ca) {
		return out, fmt.Errorf("--client-ca-file %s: data does not contain any valid RSA or ECDSA certificates", f.ClientCAFile)
	}
	private, err := keyutil.ParsePrivateKeyPEM(signing)
	if err != nil {
		return out, fmt.Errorf("failed to parse service-account-issuer-key-file: %w", err)
	}
	var ok bool
	if out.signer, ok = private.(crypto.Signer); !ok {
		return out, fmt.Errorf("--service-account-signing-key-file: a %T cannot sign", private)
	}
	for _, name := range f.ServiceAccountKeyFile {
		keys, err := keyutil.ParsePublicKeysPEM(r.read("service-account-key-file", name))
		if err = errors.Join(r.err, err); err != nil {
			return out, fmt.Errorf("--service-account-key-file: %w", err)
		}
		for _, k := range keys {
			out.keys = append(out.keys, k)
		}
	}
	return out, nil
}

// reader reads files until one cannot be read.
type reader struct {
	root fs.FS
	err  error
}

func (r *reader) read(flag, name string) []byte {
	if r.err != nil {
		return nil
	}
	data, err := fs.ReadFile(r.root, strings.TrimPrefix(name, "/"))
	if err != nil {
		r.err = fmt.Errorf("--%s: open %s: %w", flag, strconv.Quote(name), err)
	}
	return data
}
