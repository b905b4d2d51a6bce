package auth

// Upstream: pkg/kubeapiserver/authenticator/config.go

import (
	"crypto/x509"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	requestunion "k8s.io/apiserver/pkg/authentication/request/union"
	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
)

// newAuthenticator asks for a certificate first, then for a token. Whoever is
// known is in the group system:authenticated.
func newAuthenticator(ca *x509.CertPool, tokens *Tokens) (authenticator.Request, error) {
	var all []authenticator.Request
	if ca != nil {
		opts := x509.VerifyOptions{Roots: ca, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
		all = append(all, x509request.New(opts, x509request.CommonNameUserConversion))
	}
	all = append(all, bearertoken.New(tokens))
	return group.NewAuthenticatedGroupAdder(requestunion.New(all...)), nil
}
