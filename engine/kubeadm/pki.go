package kubeadm

// Upstream: cmd/kubeadm/app/util/pkiutil

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	caLife   = 10 * 365 * 24 * time.Hour
	certLife = 365 * 24 * time.Hour
)

// A pair is a certificate and its key, both in PEM.
type pair struct{ cert, key []byte }

// newKey makes a key. ECDSA P-256 takes microseconds where RSA takes a tenth of
// a second, and is kubeadm's ECDSA-P256 choice of encryptionAlgorithm.
func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode key: %w", err)
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), nil
}

// newCA makes a certificate authority of that name.
func newCA(name string, now time.Time) (pair, error) {
	return issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(caLife),
		KeyUsage: x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IsCA:     true, BasicConstraintsValid: true, DNSNames: []string{name},
	}, nil)
}

// newServing makes the certificate of a server of those names and addresses.
func newServing(ca pair, name string, sans []string, now time.Time) (pair, error) {
	t := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(certLife),
		KeyUsage: x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, s := range sans {
		if ip := net.ParseIP(s); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, s)
		}
	}
	return issue(t, &ca)
}

// newClient makes the certificate of a user in groups.
func newClient(ca pair, user string, groups []string, now time.Time) (pair, error) {
	return issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: user, Organization: groups}, NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(certLife),
		KeyUsage: x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, &ca)
}

// issue makes a key for t and signs t with ca, or with its own key if ca is nil.
func issue(t *x509.Certificate, ca *pair) (pair, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return pair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 62))
	if err != nil {
		return pair{}, fmt.Errorf("make serial number: %w", err)
	}
	t.SerialNumber = serial.Add(serial, big.NewInt(1))
	parent, signer := t, crypto.Signer(key)
	if ca != nil {
		if parent, signer, err = ca.parse(); err != nil {
			return pair{}, err
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	if err != nil {
		return pair{}, fmt.Errorf("sign certificate of %s: %w", t.Subject.CommonName, err)
	}
	return pair{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), keyPEM}, nil
}

func (p pair) parse() (*x509.Certificate, crypto.Signer, error) {
	cert, err := parseCert(p.cert)
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(p.key)
	if block == nil {
		return nil, nil, errors.New("no key in PEM")
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("parse key: %w", err)
	}
	return cert, key, nil
}

func parseCert(data []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// newSigningKey makes the pair with which service account tokens are signed:
// cert holds the public key.
func newSigningKey() (pair, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return pair{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return pair{}, fmt.Errorf("encode key: %w", err)
	}
	return pair{pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), keyPEM}, nil
}
