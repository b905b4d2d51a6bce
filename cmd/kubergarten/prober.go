package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// proberPatience is how long a probe of a lesson may take, maxProbe how many
// bytes of an answer it reads.
const (
	proberPatience = 5 * time.Second
	maxProbe       = 64 << 10
)

// A prober answers what lessons ask of the cluster: web servers on its network,
// and containers, through the API server as the owner.
type prober struct {
	web  *http.Client
	api  *rest.Config
	kube kubernetes.Interface
}

// newProber returns a prober that asks the API server as api says, and reaches
// web servers by dial, which knows only the cluster's network.
func newProber(api *rest.Config, dial func(ctx context.Context, network, address string) (net.Conn, error)) (*prober, error) {
	kube, err := kubernetes.NewForConfig(api)
	if err != nil {
		return nil, err
	}
	return &prober{api: api, kube: kube, web: &http.Client{
		Timeout:   proberPatience,
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true, MaxResponseHeaderBytes: maxProbe},
		// What answers counts, not where it sends us.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// HTTP implements lessons.Prober.
func (p *prober) HTTP(ctx context.Context, url string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := p.web.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxProbe))
	return resp.StatusCode, string(data), err
}

// Exec implements lessons.Prober.
func (p *prober) Exec(ctx context.Context, namespace, pod, container string, cmd []string) (code int, stdout, stderr string, err error) {
	ctx, stop := context.WithTimeout(ctx, proberPatience)
	defer stop()
	req := p.kube.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: cmd, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	exec, err := remotecommand.NewWebSocketExecutor(p.api, http.MethodGet, req.URL().String())
	if err != nil {
		return 0, "", "", err
	}
	out, errs := &first{n: maxProbe}, &first{n: maxProbe}
	err = exec.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: out, Stderr: errs})
	var exit utilexec.CodeExitError
	if errors.As(err, &exit) {
		return exit.Code, out.String(), errs.String(), nil
	}
	return 0, out.String(), errs.String(), err
}

// Logs implements lessons.Prober.
func (p *prober) Logs(ctx context.Context, namespace, pod, container string, follow bool) (io.ReadCloser, error) {
	return p.kube.CoreV1().Pods(namespace).GetLogs(pod, &corev1.PodLogOptions{Container: container, Follow: follow}).Stream(ctx)
}

// first keeps the first n bytes that are written to it and swallows the rest.
// Whoever has given up on a stream reads it while it is still written.
type first struct {
	mu   sync.Mutex
	kept bytes.Buffer
	n    int
}

// Write implements io.Writer.
func (f *first) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept.Write(p[:min(len(p), f.n-f.kept.Len())])
	return len(p), nil
}

// String is what has been kept.
func (f *first) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept.String()
}
