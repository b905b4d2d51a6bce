package apiserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/component"
	"kubergarten/engine/etcd"
	"kubergarten/engine/registry"
	"kubergarten/engine/storage"
	"kubergarten/engine/trace"
)

// cluster is a server with the real registry and a store in memory, reached
// over real TLS.
type cluster struct {
	*Server
	url  string
	door *component.Door[client.Server]
}

func newCluster(t testing.TB, log *slog.Logger, change ...func(*Config, *Deps)) *cluster {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	clk := realClock{clock.RealClock{}}
	kv, err := etcd.New(etcd.Config{Backend: etcd.Memory, Clock: clk, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	reg, err := registry.New(registry.Config{Storage: storage.Config{KV: kv, Prefix: "/registry", Clock: clk, Log: log}, ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12")})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{url: "https://" + l.Addr().String(), door: component.NewDoor[client.Server]("127.0.0.1:6443")}
	cfg := Config{AdvertiseAddress: netip.MustParseAddr("172.18.0.2"), ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Certificate: certificate(t)}
	deps := Deps{
		Registry: reg, Authenticator: byToken{}, Authorizer: authorizer.AuthorizerFunc(aliceOnly), Listeners: []net.Listener{l},
		Door: c.door, Clock: clk, Trace: trace.New(clk, 1000), Log: log,
	}
	for _, f := range change {
		f(&cfg, &deps)
	}
	if c.Server, err = New(cfg, deps); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 3)
	apiDone := make(chan struct{})
	storeCtx, stopStore := context.WithCancel(context.Background())
	go func() { done <- kv.Run(storeCtx) }()
	go func() { done <- reg.Run(storeCtx) }()
	go func() { defer close(apiDone); done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-apiDone
		stopStore()
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
	select {
	case <-c.Ready():
	case err := <-done:
		t.Fatalf("ended before it was ready: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("not ready")
	}
	return c
}

// realClock is the real clock with AfterFunc of upstream's shape.
type realClock struct{ clock.RealClock }

// dial makes h's calls go to c.
func (h *harness) dial(c *cluster) {
	h.http = &httptest.Server{URL: c.url}
	h.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
}

// certificate is self-signed, on a curve: an RSA key takes long to make.
func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
