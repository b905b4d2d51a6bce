package prober

// Upstream: pkg/probe/http/{http,request}.go

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// maxBody is how much of an answer is read.
const maxBody = 10 * 1 << 10

func (m *Manager) http(ctx context.Context, get *corev1.HTTPGetAction, c *corev1.Container, podIP string, timeout time.Duration) (outcome, error) {
	req, err := NewRequest(get, c, podIP, "probe")
	if err != nil {
		return outcome{}, err
	}
	ctx, cancel := Within(ctx, m.Clock, timeout)
	defer cancel()
	client := Client(m.Network)
	defer client.CloseIdleConnections()
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		if timedOut(ctx) && !strings.Contains(err.Error(), "i/o timeout") {
			err = fmt.Errorf("Get %q: context deadline exceeded (Client.Timeout exceeded while awaiting headers)", req.URL) // net/http's words
		}
		return outcome{output: err.Error()}, nil
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return outcome{output: err.Error()}, nil
	}
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return outcome{ok: true, output: string(body)}, nil
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return outcome{ok: true, warn: true, output: fmt.Sprintf("Probe terminated redirects, Response body: %v", string(body))}, nil
	}
	return outcome{output: fmt.Sprintf("HTTP probe failed with statuscode: %d", resp.StatusCode)}, nil
}

// Client speaks HTTP through the node's network, trusts every certificate, and
// follows redirects to the same host.
func Client(n Dialer) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:       func(ctx context.Context, _, addr string) (net.Conn, error) { return dial(ctx, n, addr) },
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // as upstream: probes know no CA
			DisableKeepAlives: true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if req.URL.Hostname() != via[0].URL.Hostname() {
				return http.ErrUseLastResponse
			}
			if len(via) >= 10 {
				return errors.New("stopped after 10 redirects")
			}
			return nil
		},
	}
}

// NewRequest makes the request of a probe or lifecycle hook.
func NewRequest(get *corev1.HTTPGetAction, c *corev1.Container, podIP, purpose string) (*http.Request, error) {
	port, err := Port(get.Port, c)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(get.Path)
	if err != nil {
		u = &url.URL{Path: get.Path}
	}
	u.Scheme = strings.ToLower(orElse(string(get.Scheme), "http"))
	u.Host = net.JoinHostPort(orElse(get.Host, podIP), strconv.Itoa(port))
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, h := range get.HTTPHeaders {
		req.Header.Add(h.Name, h.Value)
	}
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header.Set("User-Agent", "kube-"+purpose+"/1.36")
	}
	if _, ok := req.Header["Accept"]; !ok {
		req.Header.Set("Accept", "*/*")
	} else if req.Header.Get("Accept") == "" {
		req.Header.Del("Accept")
	}
	req.Host = req.Header.Get("Host")
	return req, nil
}
