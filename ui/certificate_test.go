package ui

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestOffLoopbackThePageIsHTTPS logs the owner in at an address that a network
// reaches: encrypted, with cookies that never travel otherwise, and with the
// same certificate after a restart.
func TestOffLoopbackThePageIsHTTPS(t *testing.T) {
	dir := t.TempDir()
	s := newSiteAt(t, dir, "0.0.0.0:0")
	if !strings.HasPrefix(s.srv.Link(), "https://") || s.srv.Fingerprint() == "" {
		t.Fatalf("link %s, fingerprint %q", s.srv.Link(), s.srv.Fingerprint())
	}
	jar, _ := cookiejar.New(nil)
	web := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(c tls.ConnectionState) error {
		if got := fingerprint(&tls.Certificate{Leaf: c.PeerCertificates[0]}); got != s.srv.Fingerprint() {
			t.Errorf("the server shows %s, it told %s", got, s.srv.Fingerprint())
		}
		return c.PeerCertificates[0].VerifyHostname("127.0.0.1")
	}}}}
	resp, err := web.Get(s.srv.Link())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	var session *http.Cookie
	for _, c := range resp.Cookies() {
		if strings.HasPrefix(c.Name, "__Host-kg-session-") {
			session = c
		}
	}
	if session == nil || !session.Secure || !session.HttpOnly || session.SameSite != http.SameSiteStrictMode {
		t.Errorf("the session's cookie is %v", session)
	}
	if resp, err = http.Get("http://" + strings.TrimPrefix(s.base, "https://") + "/login"); err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("plain HTTP is answered by %s", resp.Status)
		}
	}
	before := s.srv.Fingerprint()
	s.stop()
	if again := newSiteAt(t, dir, "0.0.0.0:0"); again.srv.Fingerprint() != before {
		t.Error("after a restart the certificate is another")
	}
}

// TestHosts: a server is asked by its addresses with the port, and without it
// where the port is the scheme's own.
func TestHosts(t *testing.T) {
	for listen, want := range map[string]map[string]bool{
		"127.0.0.1:8080":    {"127.0.0.1:8080": true, "localhost:8080": true, "[::1]:8080": true, "127.0.0.1": false, "localhost": false},
		"127.0.0.1:80":      {"127.0.0.1:80": true, "127.0.0.1": true, "localhost": true, "[::1]": true, "::1": false},
		"127.0.0.1:443":     {"127.0.0.1:443": true, "127.0.0.1": false},
		"192.0.2.7:443":     {"192.0.2.7:443": true, "192.0.2.7": true, "localhost": false, "127.0.0.1:443": false},
		"192.0.2.7:80":      {"192.0.2.7:80": true, "192.0.2.7": false},
		"[2001:db8::1]:443": {"[2001:db8::1]:443": true, "[2001:db8::1]": true, "2001:db8::1": false},
		"0.0.0.0:443":       {"127.0.0.1": true, "localhost:443": true, "0.0.0.0": false, "0.0.0.0:443": false},
	} {
		addr, err := net.ResolveTCPAddr("tcp", listen)
		if err != nil {
			t.Fatal(err)
		}
		hosts, err := hostsOf(addr, []string{"garden.example:1"})
		if err != nil || !hosts["garden.example:1"] {
			t.Errorf("%s: %v, %v", listen, hosts, err)
		}
		for host, answers := range want {
			if hosts[host] != answers {
				t.Errorf("%s answers to %q: %v", listen, host, !answers)
			}
		}
	}
}

// TestOthersAreToldTheirAddress: each address that is told is answered.
func TestOthersAreToldTheirAddress(t *testing.T) {
	s := newSiteAt(t, t.TempDir(), "0.0.0.0:0")
	ips, err := reachable(net.IPv4zero)
	if err != nil {
		t.Fatal(err)
	}
	others := s.srv.Others()
	for _, ip := range ips {
		told := slices.Contains(others, fmt.Sprintf("https://%s", net.JoinHostPort(ip.String(), fmt.Sprint(s.srv.addr.Port))))
		if told != (!ip.IsLoopback() && (ip.To4() != nil || s.srv.addr.IP.To4() == nil)) {
			t.Errorf("%s is told: %v", ip, told)
		}
	}
	for _, other := range others {
		if !s.srv.hosts[strings.TrimPrefix(other, "https://")] {
			t.Errorf("%s is not answered", other)
		}
	}
	if more := newSite(t, t.TempDir()).srv.Others(); more != nil {
		t.Errorf("on loopback: %v", more)
	}
}

func TestThePagesCertificate(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	now := time.Now()
	if c, err := pageCertificate(root, net.IPv4(127, 0, 0, 1), now); c != nil || err != nil {
		t.Errorf("on loopback: %v, %v", c, err)
	}
	make := func(ip string, at time.Time) string {
		t.Helper()
		c, err := pageCertificate(root, net.ParseIP(ip), at)
		if err != nil {
			t.Fatal(err)
		}
		return fingerprint(c)
	}
	first := make("192.0.2.1", now)
	if make("192.0.2.1", now) != first {
		t.Error("a good certificate was replaced")
	}
	second := make("192.0.2.2", now)
	if second == first {
		t.Error("the certificate does not speak for the new address")
	}
	if make("192.0.2.2", now.Add(360*24*time.Hour)) == second {
		t.Error("a certificate that ends was kept")
	}
	if err := root.WriteFile(certFile, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	make("192.0.2.2", now)
	if st, err := root.Stat(keyFile); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode: %v, %v", st, err)
	}
}
