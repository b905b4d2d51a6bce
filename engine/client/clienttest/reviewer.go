package clienttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// Reviewer starts an API server that knows one token, and answers nothing but
// SelfSubjectReviews: with name where the token is right, 401 where not. It
// returns the way there for an owner with a client certificate, as the
// admin.conf of kubeadm has it.
func Reviewer(t testing.TB, token, name string) *rest.Config {
	t.Helper()
	api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var review authenticationv1.SelfSubjectReview
		review.Status.UserInfo.Username = name
		_ = json.NewEncoder(w).Encode(&review)
	}))
	t.Cleanup(api.Close)
	c := &rest.Config{Host: api.URL}
	c.CAData = pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: api.Certificate().Raw})
	c.CertData, c.KeyData = admin(t)
	return c
}

// admin is the owner's client certificate and its key, both PEM.
func admin(t testing.TB) (certificate, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	who := cert.Config{CommonName: "kubernetes-admin", Organization: []string{"kubeadm:cluster-admins"}}
	self, err := cert.NewSelfSignedCACert(who, k)
	if err != nil {
		t.Fatal(err)
	}
	if key, err = keyutil.MarshalPrivateKeyToPEM(k); err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: self.Raw}), key
}
