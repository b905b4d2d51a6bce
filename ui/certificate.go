package ui

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/util/cert"
)

// The files in Config.Dir that hold the page's certificate, with that of the
// authority that was made for it alone, and its key.
const (
	certFile = "tls.crt"
	keyFile  = "tls.key"
)

// renewal is how long before its end a certificate is replaced.
const renewal = 30 * 24 * time.Hour

// pageCertificate is what the page shows when it listens at addr: none on loopback,
// where nobody else can listen in; elsewhere that in dir, or a new one when it
// is missing, ends soon or does not speak for addr.
func pageCertificate(dir *os.Root, addr net.IP, now time.Time) (*tls.Certificate, error) {
	if addr.IsLoopback() {
		return nil, nil
	}
	ips, err := reachable(addr)
	if err != nil {
		return nil, err
	}
	if dir != nil {
		if c, err := loadCertificate(dir); err == nil && serves(c.Leaf, ips, now) {
			return c, nil
		}
	}
	chain, key, err := cert.GenerateSelfSignedCertKey("localhost", ips, nil)
	if err != nil {
		return nil, fmt.Errorf("certificate of the page: %w", err)
	}
	if dir != nil {
		if err := errors.Join(replace(dir, keyFile, key), replace(dir, certFile, chain)); err != nil {
			return nil, fmt.Errorf("certificate of the page: %w", err)
		}
	}
	return pair(chain, key)
}

// reachable are the addresses by which a listener at addr is reached.
func reachable(addr net.IP) ([]net.IP, error) {
	if !addr.IsUnspecified() {
		return []net.IP{addr, net.IPv4(127, 0, 0, 1)}, nil
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("addresses of this computer: %w", err)
	}
	var ips []net.IP
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return ips, nil
}

func loadCertificate(dir *os.Root) (*tls.Certificate, error) {
	chain, err := dir.ReadFile(certFile)
	if err != nil {
		return nil, err
	}
	key, err := dir.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	return pair(chain, key)
}

func pair(chain, key []byte) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(chain, key)
	return &c, err
}

// serves tells whether a certificate speaks for all of ips, for a while yet.
func serves(c *x509.Certificate, ips []net.IP, now time.Time) bool {
	if now.Before(c.NotBefore) || now.Add(renewal).After(c.NotAfter) {
		return false
	}
	for _, ip := range ips {
		if c.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}

// replace writes a file of dir for its owner alone, whole or not at all.
func replace(dir *os.Root, name string, data []byte) error {
	next := name + ".new"
	if err := dir.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := dir.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return dir.Rename(next, name)
}

// fingerprint is what browsers show of a certificate: the SHA-256 of its bytes,
// in pairs of hexadecimal digits.
func fingerprint(c *tls.Certificate) string {
	sum := sha256.Sum256(c.Leaf.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}
