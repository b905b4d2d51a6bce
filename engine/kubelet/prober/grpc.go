package prober

// Upstream: pkg/probe/grpc/grpc.go

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	corev1 "k8s.io/api/core/v1"
)

func (m *Manager) grpc(ctx context.Context, host string, action *corev1.GRPCAction, timeout time.Duration) outcome {
	ctx, cancel := Within(ctx, m.Clock, timeout)
	defer cancel()
	addr := net.JoinHostPort(host, strconv.Itoa(int(action.Port)))
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithUserAgent("kube-probe/1.36"),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return dial(ctx, m.Network, addr) }))
	if err != nil {
		return outcome{output: fmt.Sprintf("error: failed to connect service at %q: %+v", addr, err)}
	}
	defer func() { _ = conn.Close() }()
	req := &health.HealthCheckRequest{}
	if action.Service != nil {
		req.Service = *action.Service
	}
	resp, err := health.NewHealthClient(conn).Check(ctx, req)
	if err != nil {
		return outcome{output: grpcWords(ctx, err, addr, timeout)}
	}
	if resp.GetStatus() != health.HealthCheckResponse_SERVING {
		return outcome{output: fmt.Sprintf("service unhealthy (responded with %q)", resp.GetStatus().String())}
	}
	return outcome{ok: true, output: "service healthy"}
}

func grpcWords(ctx context.Context, err error, addr string, timeout time.Duration) string {
	switch {
	case timedOut(ctx):
		return fmt.Sprintf("timeout: health rpc did not complete within %v", timeout)
	case status.Code(err) == codes.Unimplemented:
		return fmt.Sprintf("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): %s", status.Convert(err).Message())
	case status.Code(err) == codes.Unavailable:
		return fmt.Sprintf("error: failed to connect service at %q: %+v", addr, err)
	}
	return fmt.Sprintf("error: health rpc probe failed: %+v", err)
}
