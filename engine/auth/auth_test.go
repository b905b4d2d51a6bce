package auth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/auth"
	"kubergarten/engine/client/clienttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const issuer = "https://kubernetes.default.svc.cluster.local"

// world is an Auth over an API server in memory.
type world struct {
	*auth.Auth
	api   *clienttest.API
	clock *testclock.FakeClock
	key   *ecdsa.PrivateKey
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newWorld(t testing.TB, objects ...runtime.Object) *world {
	return newWorldWith(t, func(*auth.Config) {}, objects...)
}

func newWorldWith(t testing.TB, change func(*auth.Config), objects ...runtime.Object) *world {
	t.Helper()
	w := &world{api: clienttest.New(objects...), clock: testclock.NewFakeClock(time.Unix(1e9, 0)), key: newKey(t)}
	cfg := auth.Config{API: w.api, Modes: []string{"Node", "RBAC"}, Issuers: []string{issuer}, SigningKey: w.key, Clock: w.clock}
	change(&cfg)
	var err error
	if w.Auth, err = auth.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if err := w.Synced(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func who(name string, groups ...string) user.Info {
	return &user.DefaultInfo{Name: name, Groups: append(groups, user.AllAuthenticated)}
}

// can asks whether u may do verb to a resource.
func (w *world) can(t testing.TB, a authorizer.AttributesRecord) (allowed bool, reason string) {
	t.Helper()
	d, reason, err := w.Authorizer().Authorize(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if d == authorizer.DecisionDeny {
		t.Errorf("%+v: denied: upstream has no opinion instead", a)
	}
	return d == authorizer.DecisionAllow, reason
}

func TestConfig(t *testing.T) {
	base := auth.Config{API: clienttest.New(), Issuers: []string{issuer}, SigningKey: newKey(t), Clock: testclock.NewFakeClock(time.Now())}
	tests := []struct {
		name   string
		change func(*auth.Config)
		want   string
	}{
		{"no API", func(c *auth.Config) { c.API = nil }, "auth: an API and a clock are needed"},
		{"no key", func(c *auth.Config) { c.SigningKey = nil }, "auth: an issuer and a signing key are needed"},
		{"unknown mode", func(c *auth.Config) { c.Modes = []string{"ABAC"} }, `auth: unknown authorization mode "ABAC" specified`},
		{"bad key", func(c *auth.Config) { c.Keys = []crypto.PublicKey{"x"} }, "unknown private key type string, must be *rsa.PrivateKey, *ecdsa.PrivateKey, or jose.OpaqueSigner"},
	}
	for _, tt := range tests {
		cfg := base
		tt.change(&cfg)
		if _, err := auth.New(cfg); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestModes(t *testing.T) {
	ask := authorizer.AttributesRecord{User: who("jane"), Verb: "get", Resource: "pods", ResourceRequest: true}
	for mode, want := range map[string]bool{"AlwaysAllow": true, "AlwaysDeny": false, "RBAC": false} {
		w := newWorldWith(t, func(c *auth.Config) { c.Modes = []string{mode} })
		if got, _ := w.can(t, ask); got != want {
			t.Errorf("%s: jane may: %v", mode, got)
		}
		root := ask
		root.User = who("root", "system:masters")
		if got, _ := w.can(t, root); !got {
			t.Errorf("%s: system:masters may not", mode)
		}
	}
}

// authority is a CA.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	key := newKey(t)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kubernetes"}, IsCA: true, BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	return authority{sign(t, tmpl, tmpl, key, key), key}
}

func sign(t *testing.T, tmpl, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (a authority) client(t *testing.T, usage x509.ExtKeyUsage, name string, orgs ...string) *http.Request {
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name, Organization: orgs}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{usage}}
	r := httptest.NewRequest("GET", "https://127.0.0.1:6443/api", nil)
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{sign(t, tmpl, a.cert, newKey(t), a.key)}}
	return r
}

func TestCertificates(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	w := newWorldWith(t, func(c *auth.Config) {
		c.ClientCA = x509.NewCertPool()
		c.ClientCA.AddCert(ours.cert)
	})
	tests := []struct {
		name string
		req  *http.Request
		want string
	}{
		{"a user of ours", ours.client(t, x509.ExtKeyUsageClientAuth, "jane", "dev", "ops"), "jane"},
		{"a server's certificate", ours.client(t, x509.ExtKeyUsageServerAuth, "jane"), ""},
		{"a user of another cluster", theirs.client(t, x509.ExtKeyUsageClientAuth, "kubernetes-admin", "system:masters"), ""},
		{"nothing shown", httptest.NewRequest("GET", "https://127.0.0.1:6443/api", nil), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, ok, err := w.Authenticator().AuthenticateRequest(tt.req)
			if ok != (tt.want != "") {
				t.Fatalf("known: %v, %v", ok, err)
			}
			if ok && (resp.User.GetName() != tt.want || !slices.Equal(resp.User.GetGroups(), []string{"dev", "ops", "system:authenticated"})) {
				t.Errorf("got %+v", resp.User)
			}
		})
	}
}
