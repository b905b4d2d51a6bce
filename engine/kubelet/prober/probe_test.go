package prober

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/record"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/kubelet/container"
)

// host dials the test's own machine.
type host struct{ net.Dialer }

func (h *host) Dial(ctx context.Context, network string, addr netip.AddrPort) (net.Conn, error) {
	return h.DialContext(ctx, network, addr.String())
}

func manager() *Manager {
	return New(Config{Clock: clock.RealClock{}, Network: &host{}, Recorder: record.NewFakeRecorder(100)})
}

// try probes 127.0.0.1 and returns the result in a word, and its output.
func try(t *testing.T, m *Manager, spec *corev1.Probe, c *corev1.Container) (string, string) {
	t.Helper()
	if c == nil {
		c = &corev1.Container{Name: "c"}
	}
	out, err := m.try(t.Context(), &corev1.Pod{}, &corev1.PodStatus{PodIP: "127.0.0.1"}, c, spec, container.ID{})
	switch {
	case err != nil:
		return "error", err.Error()
	case out.warn:
		return "warning", out.output
	case out.ok:
		return "ok", out.output
	}
	return "failed", out.output
}

func portOf(t *testing.T, addr string) intstr.IntOrString {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(port)
	return intstr.FromInt32(int32(n))
}

func TestHTTP(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			if r.Header.Get("User-Agent") == "kube-probe/1.36" && r.Header.Get("X-Mine") == "yes" {
				_, _ = w.Write([]byte("fine"))
				return
			}
			w.WriteHeader(http.StatusTeapot)
		case "/away":
			http.Redirect(w, r, "http://example.com/", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/ok", http.StatusFound)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer srv.Close()
	u, _ := url.Parse(srv.URL)
	for path, want := range map[string]string{
		"/ok": "ok: fine", "/away": "warning: Probe terminated redirects, Response body: ", "/nope": "failed: HTTP probe failed with statuscode: 404", "/round": "ok: fine",
	} {
		got, output := try(t, manager(), &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
			Path: path, Port: portOf(t, u.Host), HTTPHeaders: []corev1.HTTPHeader{{Name: "X-Mine", Value: "yes"}},
		}}}, nil)
		if !strings.HasPrefix(got+": "+output, want) {
			t.Errorf("%s: %s: %s, want %s", path, got, output, want)
		}
	}
}

func TestHTTPTimesOutByTheClustersClock(t *testing.T) {
	asked := make(chan struct{}, 1)
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-release }))
	defer srv.Close()
	defer close(release)
	clk := clocktesting.NewFakeClock(time.Now())
	m := manager()
	m.Clock = clk
	u, _ := url.Parse(srv.URL)
	go func() { <-asked; clk.Step(time.Second) }()
	got, output := try(t, m, &corev1.Probe{TimeoutSeconds: 1, ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: portOf(t, u.Host)}}}, nil)
	if want := "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"; got != "failed" || !strings.HasSuffix(output, want) {
		t.Errorf("%s: %s", got, output)
	}
}

func TestTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	named := &corev1.Container{Ports: []corev1.ContainerPort{{Name: "db", ContainerPort: portOf(t, l.Addr().String()).IntVal}}}
	probe := func(port intstr.IntOrString) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: port}}}
	}
	if got, output := try(t, manager(), probe(intstr.FromString("db")), named); got != "ok" {
		t.Errorf("%s: %s", got, output)
	}
	if got, output := try(t, manager(), probe(intstr.FromString("no")), named); got != "error" || output != "couldn't find port: no in container" {
		t.Errorf("%s: %s", got, output)
	}
	port := portOf(t, l.Addr().String())
	_ = l.Close()
	if got, output := try(t, manager(), probe(port), nil); got != "failed" || !strings.Contains(output, "connection refused") {
		t.Errorf("%s: %s", got, output)
	}
	nowhere := probe(port)
	nowhere.TCPSocket.Host = "example.com"
	if got, output := try(t, manager(), nowhere, nil); got != "failed" || !strings.Contains(output, "no such host") {
		t.Errorf("%s: %s", got, output)
	}
}

func TestGRPC(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv, state := grpc.NewServer(), health.NewServer()
	healthpb.RegisterHealthServer(srv, state)
	state.SetServingStatus("sick", healthpb.HealthCheckResponse_NOT_SERVING)
	go func() { _ = srv.Serve(l) }()
	defer srv.Stop()
	for service, want := range map[string]string{
		"": "ok: service healthy", "sick": `failed: service unhealthy (responded with "NOT_SERVING")`, "nope": "failed: error: health rpc probe failed: ",
	} {
		got, output := try(t, manager(), &corev1.Probe{TimeoutSeconds: 20, ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{
			Port: portOf(t, l.Addr().String()).IntVal, Service: &service,
		}}}, nil)
		if !strings.HasPrefix(got+": "+output, want) {
			t.Errorf("%q: %s: %s, want %s", service, got, output, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	var told []Result
	results := NewResults(func(_ types.UID, _ container.ID, r Result) { told = append(told, r) })
	w := &worker{m: manager(), results: results, initial: Failure, key: key{kind: readiness}}
	pod, spec := &corev1.Pod{}, &corev1.Probe{FailureThreshold: 3, SuccessThreshold: 2}
	w.meet(pod, container.ID{ID: "1"})
	for _, r := range []Result{Success, Success, Failure, Failure, Success, Failure, Failure, Failure, Unknown} {
		w.judge(pod, spec, r)
	}
	if len(told) != 3 || told[0] != Failure || told[1] != Success || told[2] != Failure {
		t.Errorf("told %v, want Failure (at first), Success, Failure", told)
	}
}
