package server

import (
	"context"
	"errors"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"
)

// Server answers for one node's containers.
type Server struct{}

// ContainerLogs writes the container's log to out as it comes; following ends with ctx.
func (s *Server) ContainerLogs(ctx context.Context, namespace, pod, container string, opts *corev1.PodLogOptions, out io.Writer) error {
	return errors.ErrUnsupported
}

// Exec runs cmd in the container; an exit code that is not zero is a CodeExitError.
func (s *Server) Exec(ctx context.Context, namespace, pod, container string, cmd []string, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error {
	return errors.ErrUnsupported
}

// Attach joins the streams of the container's first process.
func (s *Server) Attach(ctx context.Context, namespace, pod, container string, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error {
	return errors.ErrUnsupported
}

// PortForward joins stream to a port of the pod's loopback interface.
func (s *Server) PortForward(ctx context.Context, namespace, pod string, port int32, stream io.ReadWriteCloser) error {
	return errors.ErrUnsupported
}
