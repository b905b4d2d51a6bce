package apiserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"
	utilexec "k8s.io/utils/exec"
)

// fakeKubelet says what it was asked.
type fakeKubelet struct{}

var _ Kubelet = fakeKubelet{}

func devKubelet(d *Deps) {
	d.Kubelet = func(node string) (Kubelet, error) {
		if node == "gone" {
			return nil, errors.New("node gone is not there")
		}
		return fakeKubelet{}, nil
	}
}

func (fakeKubelet) ContainerLogs(ctx context.Context, ns, pod, container string, o *corev1.PodLogOptions, out io.Writer) error {
	if o.Previous {
		return fmt.Errorf("previous terminated container %q in pod %q not found", container, pod)
	}
	fmt.Fprintf(out, "log of %s/%s %s\n", ns, pod, container)
	if o.Follow {
		<-ctx.Done()
	}
	return nil
}

// Exec has the commands echo ARG..., cat, size (of the terminal) and exit N.
func (fakeKubelet) Exec(ctx context.Context, ns, pod, container string, cmd []string, in io.Reader, out, errOut io.Writer, tty bool, size <-chan remotecommand.TerminalSize) error {
	switch cmd[0] {
	case "echo":
		_, err := fmt.Fprintln(out, cmd[1:], container, tty)
		return err
	case "cat":
		_, err := io.Copy(out, in)
		return err
	case "size":
		s := <-size
		_, err := fmt.Fprintf(out, "%dx%d\n", s.Width, s.Height)
		return err
	case "exit":
		fmt.Fprintln(errOut, "bye")
		return utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code 7"), Code: 7}
	}
	return fmt.Errorf("no such command: %s", cmd[0])
}

func (fakeKubelet) Attach(ctx context.Context, ns, pod, container string, in io.Reader, out, errOut io.Writer, tty bool, size <-chan remotecommand.TerminalSize) error {
	_, err := fmt.Fprintln(out, "attached to", container)
	return err
}

func (fakeKubelet) Summary(context.Context) (*stats.Summary, error) {
	return &stats.Summary{Node: stats.NodeStats{NodeName: "n"}}, nil
}

// PortForward echoes lines, with the port.
func (fakeKubelet) PortForward(ctx context.Context, ns, pod string, port int32, s io.ReadWriteCloser) error {
	defer s.Close()
	line, err := bufio.NewReader(s).ReadString('\n')
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s, "%d: %s", port, line)
	return err
}
