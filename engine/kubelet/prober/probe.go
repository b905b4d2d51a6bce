package prober

// Upstream: pkg/kubelet/prober/prober.go

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/envvars"
	"kubergarten/engine/kubelet/events"
	"kubergarten/engine/kubelet/types"
)

// An outcome is what one try found: ok, warn or not, and its words.
type outcome struct {
	ok, warn bool
	output   string
}

// maxRetries is how often a probe that errs is tried.
const maxRetries = 3

// probe runs the probe and writes an event about what was not well.
func (m *Manager) probe(ctx context.Context, k kind, pod *corev1.Pod, st *corev1.PodStatus, c *corev1.Container, spec *corev1.Probe, id container.ID) Result {
	var out outcome
	var err error
	for range maxRetries {
		if out, err = m.try(ctx, pod, st, c, spec, id); err == nil {
			break
		}
	}
	ref := container.Ref(pod, c.Name)
	switch {
	case ctx.Err() != nil:
		return Unknown
	case err != nil:
		m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.ContainerUnhealthy, "%s probe errored and resulted in %s state: %s", k, "unknown", err)
		return Unknown
	case out.warn:
		m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.ContainerProbeWarning, "%s probe warning: %s", k, out.output)
	case !out.ok:
		m.Recorder.Eventf(ref, corev1.EventTypeWarning, events.ContainerUnhealthy, "%s probe failed: %s", k, out.output)
		return Failure
	}
	return Success
}

func (m *Manager) try(ctx context.Context, pod *corev1.Pod, st *corev1.PodStatus, c *corev1.Container, spec *corev1.Probe, id container.ID) (outcome, error) {
	timeout := time.Duration(max(spec.TimeoutSeconds, 1)) * time.Second
	switch {
	case spec.Exec != nil:
		return m.exec(ctx, id, expand(spec.Exec.Command, c.Env), timeout)
	case spec.HTTPGet != nil:
		return m.http(ctx, spec.HTTPGet, c, st.PodIP, timeout)
	case spec.TCPSocket != nil:
		port, err := Port(spec.TCPSocket.Port, c)
		if err != nil {
			return outcome{}, err
		}
		return m.tcp(ctx, orElse(spec.TCPSocket.Host, st.PodIP), port, timeout), nil
	case spec.GRPC != nil:
		return m.grpc(ctx, st.PodIP, spec.GRPC, timeout), nil
	}
	return outcome{}, fmt.Errorf("missing probe handler for %s:%s", types.Format(pod), c.Name)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// expand replaces references to the container's own constant variables.
func expand(cmd []string, env []corev1.EnvVar) []string {
	values := map[string]string{}
	for _, e := range env {
		values[e.Name] = e.Value
	}
	out := make([]string, len(cmd))
	for i, word := range cmd {
		out[i] = envvars.Expand(word, envvars.Mapping(values))
	}
	return out
}

func (m *Manager) exec(ctx context.Context, id container.ID, cmd []string, timeout time.Duration) (outcome, error) {
	output, code, err := m.Runner.RunInContainer(ctx, id, cmd, timeout)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return outcome{output: fmt.Sprintf("command timed out: %q timed out after %v", cmd, timeout)}, nil
	case err != nil:
		return outcome{}, err
	}
	const most = 10 * 1 << 10
	return outcome{ok: code == 0, output: string(output[:min(len(output), most)])}, nil
}

// Port finds a port by number, or by its name among the container's.
func Port(p intstr.IntOrString, c *corev1.Container) (int, error) {
	port := p.IntValue()
	if p.Type == intstr.String {
		port = 0
		for _, cp := range c.Ports {
			if cp.Name == p.StrVal {
				port = int(cp.ContainerPort)
			}
		}
		if n, err := strconv.Atoi(p.StrVal); port == 0 && err == nil {
			port = n
		}
		if port == 0 {
			return 0, fmt.Errorf("couldn't find port: %v in container", p.StrVal)
		}
	}
	if port <= 0 || port > 65535 {
		return 0, fmt.Errorf("invalid port number: %v", port)
	}
	return port, nil
}

func (m *Manager) tcp(ctx context.Context, host string, port int, timeout time.Duration) outcome {
	conn, err := Dial(ctx, m.Network, m.Clock, net.JoinHostPort(host, strconv.Itoa(port)), timeout)
	if err != nil {
		return outcome{output: err.Error()}
	}
	_ = conn.Close()
	return outcome{ok: true}
}

// resolve reads "host:port"; of names only localhost is known.
func resolve(addr string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(ip, uint16(n)), err
}
