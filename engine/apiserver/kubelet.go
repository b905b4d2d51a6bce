package apiserver

import (
	"context"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"
)

// Kubelet is what the API server asks of a node's kubelet.
type Kubelet interface {
	// ContainerLogs writes the container's log to out as it comes; following
	// ends with ctx.
	ContainerLogs(ctx context.Context, namespace, pod, container string, opts *corev1.PodLogOptions, out io.Writer) error
	// Exec runs cmd in the container. An exit code that is not zero is a
	// CodeExitError of k8s.io/utils/exec.
	Exec(ctx context.Context, namespace, pod, container string, cmd []string, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error
	// Attach joins the streams of the container's first process.
	Attach(ctx context.Context, namespace, pod, container string, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error
	// PortForward joins stream to a port of the pod's loopback interface.
	PortForward(ctx context.Context, namespace, pod string, port int32, stream io.ReadWriteCloser) error
	// Summary tells what the node's containers use.
	Summary(ctx context.Context) (*stats.Summary, error)
}
