package kubeadm

// Upstream: cmd/kubeadm/app/phases/kubeconfig

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfig is the file by which user of groups finds and proves itself to the
// API server.
func kubeconfig(ca pair, cluster, server, name string, groups []string, now time.Time) ([]byte, error) {
	client, err := newClient(ca, name, groups, now)
	if err != nil {
		return nil, err
	}
	context := name + "@" + cluster
	cfg := clientcmdapi.NewConfig()
	cfg.Clusters[cluster] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: ca.cert}
	cfg.AuthInfos[name] = &clientcmdapi.AuthInfo{ClientCertificateData: client.cert, ClientKeyData: client.key}
	cfg.Contexts[context] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: name}
	cfg.CurrentContext = context
	return clientcmd.Write(*cfg)
}

// UserOf says as whom a kubeconfig file's current context acts. A client
// certificate must be signed by the authority in rootCA (PEM) and be valid now,
// just as the API server would have it; a token file is returned for the caller
// to have authenticated.
func UserOf(data, rootCA []byte, now time.Time) (who user.Info, tokenFile string, err error) {
	cfg, err := clientcmd.Load(data)
	if err != nil {
		return nil, "", fmt.Errorf("load kubeconfig: %w", err)
	}
	context, ok := cfg.Contexts[cfg.CurrentContext]
	if !ok {
		return nil, "", fmt.Errorf("context was not found for specified context: %s", cfg.CurrentContext)
	}
	auth, ok := cfg.AuthInfos[context.AuthInfo]
	if !ok {
		return nil, "", fmt.Errorf("auth info %q does not exist", context.AuthInfo)
	}
	if auth.TokenFile != "" {
		return nil, auth.TokenFile, nil
	}
	who, err = certUser(auth.ClientCertificateData, rootCA, now)
	return who, "", err
}

// certUser is whom a client certificate names: CN is the user, O the groups.
func certUser(data, rootCA []byte, now time.Time) (user.Info, error) {
	cert, err := parseCert(data)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(rootCA) {
		return nil, errors.New("client CA: no certificate in PEM")
	}
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		//lint:ignore ST1005 the API server's word
		return nil, fmt.Errorf("Unauthorized: %w", err)
	}
	groups := append([]string{}, cert.Subject.Organization...)
	return &user.DefaultInfo{Name: cert.Subject.CommonName, Groups: append(groups, user.AllAuthenticated)}, nil
}
