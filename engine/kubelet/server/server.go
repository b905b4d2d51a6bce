package server

// Upstream: pkg/kubelet/server/server.go

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/remotecommand"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
	utilexec "k8s.io/utils/exec"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/fswatch"
	"kubergarten/engine/kubelet/logs"
	kubetypes "kubergarten/engine/kubelet/types"
)

// Runtime is what the server asks of the runtime manager.
type Runtime interface {
	Status(ctx context.Context, uid types.UID) (*container.PodStatus, error)
	Find(ctx context.Context, id container.ID) (cri.Runtime, error)
	FindSandbox(ctx context.Context, id string) (cri.Runtime, error)
}

// Config is what a server works with.
type Config struct {
	Root    *os.Root
	RootDir string
	Files   *fswatch.Hub
	Clock   clock.Clock
	Runtime Runtime
	// Pod returns the pod of that name with its newest status, and the UID by
	// which the runtime knows it.
	Pod func(ns, name string) (pod *corev1.Pod, uid types.UID, ok bool)

	NodeName string
	Started  time.Time     // when the kubelet was started
	Runtimes []cri.Runtime // of all handlers, each once
}

// Server answers for one node's containers.
type Server struct{ Config }

// New returns a server.
func New(cfg Config) *Server { return &Server{cfg} }

// ContainerLogs writes the container's log to out as it comes; following ends
// with ctx, or with the container.
func (s *Server) ContainerLogs(ctx context.Context, namespace, name, containerName string, opts *corev1.PodLogOptions, out io.Writer) error {
	pod, uid, ok := s.Pod(namespace, name)
	if !ok {
		return apierrors.NewNotFound(corev1.Resource("pods"), name)
	}
	if container.Spec(pod, containerName) == nil {
		return apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", containerName, name))
	}
	id, err := logSource(name, &pod.Status, containerName, opts.Previous)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	p, err := s.Runtime.Status(ctx, uid)
	if err != nil {
		return err
	}
	for _, c := range p.Containers {
		if c.ID == id {
			return s.read(ctx, c, opts, out)
		}
	}
	return apierrors.NewBadRequest(fmt.Sprintf("failed to get container status %q: rpc error: code = NotFound desc = an error occurred when try to find container %q: not found", id.ID, id.ID))
}

func (s *Server) read(ctx context.Context, c *container.Status, opts *corev1.PodLogOptions, out io.Writer) error {
	if _, err := out.Write(nil); err != nil { // the caller may now send headers
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &logs.Log{
		Root: s.Root, RootDir: s.RootDir, Path: strings.TrimPrefix(path.Clean(c.LogPath), "/"),
		Files: s.Files, Clock: s.Clock,
	}
	if opts.Follow {
		l.Ended = s.ended(ctx, c)
	}
	return l.Read(ctx, logs.NewOptions(opts, s.Clock.Now()), out)
}

// ended is closed when the container has ended.
func (s *Server) ended(ctx context.Context, c *container.Status) <-chan struct{} {
	done := make(chan struct{})
	r, err := s.Runtime.Find(ctx, c.ID)
	if err != nil || c.State != container.Running {
		close(done)
		return done
	}
	ctx, cancel := context.WithCancel(ctx)
	look := make(chan struct{}, 1)
	go func() {
		_ = r.GetContainerEvents(ctx, func(e *v1.ContainerEventResponse) {
			if e.ContainerId == c.ID.ID && e.ContainerEventType >= v1.ContainerEventType_CONTAINER_STOPPED_EVENT {
				select {
				case look <- struct{}{}:
				default:
				}
			}
		})
	}()
	go func() {
		defer close(done)
		defer cancel()
		for {
			st, err := r.ContainerStatus(ctx, c.ID.ID) // it may have ended before we listened
			if err != nil || st.State == v1.ContainerState_CONTAINER_EXITED {
				return
			}
			select {
			case <-look:
			case <-ctx.Done():
				return
			}
		}
	}()
	return done
}

// running finds a container that runs.
func (s *Server) running(ctx context.Context, namespace, name, containerName string) (cri.Runtime, string, error) {
	_, uid, ok := s.Pod(namespace, name)
	if !ok {
		return nil, "", apierrors.NewNotFound(corev1.Resource("pods"), name)
	}
	p, err := s.Runtime.Status(ctx, uid)
	if err != nil {
		return nil, "", err
	}
	c := p.Find(containerName)
	if c == nil || c.State != container.Running {
		return nil, "", apierrors.NewInternalError(fmt.Errorf("unable to upgrade connection: container not found (%q)", containerName))
	}
	r, err := s.Runtime.Find(ctx, c.ID)
	return r, c.ID.ID, err
}

// Exec runs cmd in the container; an exit code that is not zero is a CodeExitError.
func (s *Server) Exec(ctx context.Context, namespace, pod, containerName string, cmd []string, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error {
	r, id, err := s.running(ctx, namespace, pod, containerName)
	if err != nil {
		return err
	}
	code, err := r.Exec(ctx, id, cmd, cri.Streams{Stdin: stdin, Stdout: stdout, Stderr: stderr, TTY: tty, Resize: resize})
	if err != nil {
		return err
	}
	if code != 0 {
		return utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code %d", code), Code: int(code)}
	}
	return nil
}

// Attach joins the streams of the container's first process.
func (s *Server) Attach(ctx context.Context, namespace, pod, containerName string, stdin io.Reader, stdout, stderr io.Writer, tty bool, resize <-chan remotecommand.TerminalSize) error {
	r, id, err := s.running(ctx, namespace, pod, containerName)
	if err != nil {
		return err
	}
	return r.Attach(ctx, id, cri.Streams{Stdin: stdin, Stdout: stdout, Stderr: stderr, TTY: tty, Resize: resize})
}

// PortForward joins stream to a port of the pod's loopback interface.
func (s *Server) PortForward(ctx context.Context, namespace, name string, port int32, stream io.ReadWriteCloser) error {
	pod, uid, ok := s.Pod(namespace, name)
	if !ok {
		return apierrors.NewNotFound(corev1.Resource("pods"), name)
	}
	p, err := s.Runtime.Status(ctx, uid)
	if err != nil {
		return err
	}
	if len(p.Sandboxes) == 0 || p.Sandboxes[0].State != v1.PodSandboxState_SANDBOX_READY {
		return fmt.Errorf("pod not found (%q)", kubetypes.FullName(pod))
	}
	r, err := s.Runtime.FindSandbox(ctx, p.Sandboxes[0].Id)
	if err != nil {
		return err
	}
	return r.PortForward(ctx, p.Sandboxes[0].Id, port, stream)
}
