package cri

import (
	"context"
	"errors"
	"io"
	"time"

	"k8s.io/client-go/tools/remotecommand"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// ErrNotFound reports a sandbox, container or image that the runtime does not have.
var ErrNotFound = errors.New("not found")

// Streams are the ends of a command's standard streams; nil ones are closed.
// With TTY, Stderr is nil and Resize carries the terminal's sizes.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	TTY            bool
	Resize         <-chan remotecommand.TerminalSize
}

// A Runtime runs pod sandboxes and containers. IDs are its own, and unique.
// Methods on a thing that is gone return ErrNotFound (wrapped), except Stop and
// Remove, which succeed.
type Runtime interface {
	Version(ctx context.Context) (*v1.VersionResponse, error)
	// Status reports the conditions RuntimeReady and NetworkReady.
	Status(ctx context.Context) (*v1.StatusResponse, error)
	// UpdateRuntimeConfig tells the runtime the node's pod CIDR; until then
	// NetworkReady is false and only host network sandboxes can be run.
	UpdateRuntimeConfig(ctx context.Context, cfg *v1.RuntimeConfig) error

	// RunPodSandbox creates and starts a sandbox: the infra container.
	RunPodSandbox(ctx context.Context, cfg *v1.PodSandboxConfig, handler string) (id string, err error)
	// StopPodSandbox kills what runs in the sandbox and takes its network away.
	StopPodSandbox(ctx context.Context, id string) error
	RemovePodSandbox(ctx context.Context, id string) error
	PodSandboxStatus(ctx context.Context, id string) (*v1.PodSandboxStatus, error)
	ListPodSandbox(ctx context.Context, filter *v1.PodSandboxFilter) ([]*v1.PodSandbox, error)

	CreateContainer(ctx context.Context, sandbox string, cfg *v1.ContainerConfig, scfg *v1.PodSandboxConfig) (id string, err error)
	StartContainer(ctx context.Context, id string) error
	// StopContainer sends SIGTERM (or the image's stop signal), waits for at
	// most timeout of cluster time, then kills. It returns when it has ended.
	StopContainer(ctx context.Context, id string, timeout time.Duration) error
	RemoveContainer(ctx context.Context, id string) error
	ListContainers(ctx context.Context, filter *v1.ContainerFilter) ([]*v1.Container, error)
	// ContainerStatus gives state, times, exit code, and a reason as upstream
	// words it: Completed, Error, OOMKilled, ContainerCannotRun, StartError.
	ContainerStatus(ctx context.Context, id string) (*v1.ContainerStatus, error)
	UpdateContainerResources(ctx context.Context, id string, res *v1.ContainerResources) error
	// ReopenContainerLog opens the log file anew, after a rotation.
	ReopenContainerLog(ctx context.Context, id string) error

	// ExecSync runs cmd and returns what it wrote and its exit code. If timeout
	// is positive and passes, the command is killed and the error is
	// context.DeadlineExceeded (wrapped).
	ExecSync(ctx context.Context, id string, cmd []string, timeout time.Duration) (stdout, stderr []byte, code int32, err error)
	// Exec runs cmd on the streams and returns its exit code.
	Exec(ctx context.Context, id string, cmd []string, s Streams) (code int32, err error)
	// Attach joins the streams of the container's main process.
	Attach(ctx context.Context, id string, s Streams) error
	// PortForward copies between stream and the port on the sandbox's loopback.
	PortForward(ctx context.Context, sandbox string, port int32, stream io.ReadWriteCloser) error

	ContainerStats(ctx context.Context, id string) (*v1.ContainerStats, error)
	ListContainerStats(ctx context.Context, filter *v1.ContainerStatsFilter) ([]*v1.ContainerStats, error)

	// GetContainerEvents calls report for each change of a container or sandbox
	// until ctx is done (CRI's Evented PLEG). report must not block.
	GetContainerEvents(ctx context.Context, report func(*v1.ContainerEventResponse)) error
}

// Images is the image service of a runtime.
type Images interface {
	// PullImage makes the image present and returns its reference.
	PullImage(ctx context.Context, image *v1.ImageSpec, auth *v1.AuthConfig, cfg *v1.PodSandboxConfig) (ref string, err error)
	// ImageStatus returns nil, and no error, if the image is not present.
	ImageStatus(ctx context.Context, image *v1.ImageSpec) (*v1.Image, error)
	ListImages(ctx context.Context, filter *v1.ImageFilter) ([]*v1.Image, error)
	RemoveImage(ctx context.Context, image *v1.ImageSpec) error
	ImageFsInfo(ctx context.Context) (*v1.ImageFsInfoResponse, error)
}
