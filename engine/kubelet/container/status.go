package container

// Upstream: pkg/kubelet/container/runtime.go

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	kubetypes "kubergarten/engine/kubelet/types"
)

// Annotations that the kubelet gives containers, to read them back.
const (
	HashAnnotation                     = "io.kubernetes.container.hash"
	RestartCountAnnotation             = "io.kubernetes.container.restartCount"
	TerminationMessagePathAnnotation   = "io.kubernetes.container.terminationMessagePath"
	TerminationMessagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy"
	PodDeletionGracePeriodAnnotation   = "io.kubernetes.pod.deletionGracePeriod"
	PodTerminationGraceAnnotation      = "io.kubernetes.pod.terminationGracePeriod"
)

// ReasonStatusUnknown is the reason of a container that ran and left no trace.
const ReasonStatusUnknown = "ContainerStatusUnknown"

// An ID names a container together with its runtime: "kubergarten://4f5e...".
type ID struct{ Type, ID string }

func (id ID) String() string { return id.Type + "://" + id.ID }

// ParseID reads what String wrote.
func ParseID(s string) ID {
	typ, id, _ := strings.Cut(s, "://")
	return ID{typ, id}
}

// State is where a container is in its life.
type State string

// The states of containers.
const (
	Created State = "created"
	Running State = "running"
	Exited  State = "exited"
	Unknown State = "unknown"
)

// Status is what the runtime knows of one container.
type Status struct {
	ID                               ID
	Name                             string
	SandboxID                        string
	State                            State
	CreatedAt, StartedAt, FinishedAt time.Time
	ExitCode                         int32
	Reason, Message                  string
	Image, ImageID, ImageRef         string
	Hash                             string
	RestartCount                     int32
	LogPath                          string
	Mounts                           []*v1.Mount
	Resources                        *v1.ContainerResources
}

// PodStatus is what the runtime knows of one pod.
type PodStatus struct {
	UID        types.UID
	Handler    string
	IPs        []string
	Containers []*Status              // newest first
	Sandboxes  []*v1.PodSandboxStatus // newest first
}

// Find returns the newest container of that name, or nil.
func (p *PodStatus) Find(name string) *Status {
	for _, c := range p.Containers {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Running returns the containers that run.
func (p *PodStatus) Running() []*Status {
	var out []*Status
	for _, c := range p.Containers {
		if c.State == Running || c.State == Unknown {
			out = append(out, c)
		}
	}
	return out
}

// FromCRI reads a container's status.
func FromCRI(runtime, sandbox string, s *v1.ContainerStatus) *Status {
	restarts, _ := strconv.Atoi(s.Annotations[RestartCountAnnotation])
	return &Status{
		ID: ID{runtime, s.Id}, Name: s.Labels[kubetypes.KubernetesContainerNameLabel], SandboxID: sandbox,
		State: stateOf(s.State), CreatedAt: at(s.CreatedAt), StartedAt: at(s.StartedAt), FinishedAt: at(s.FinishedAt),
		ExitCode: s.ExitCode, Reason: s.Reason, Message: s.Message,
		Image: s.GetImage().GetImage(), ImageID: s.ImageId, ImageRef: s.ImageRef,
		Hash: s.Annotations[HashAnnotation], RestartCount: int32(restarts),
		LogPath: s.LogPath, Mounts: s.Mounts, Resources: s.Resources,
	}
}

func at(nano int64) time.Time {
	if nano == 0 {
		return time.Time{}
	}
	return time.Unix(0, nano)
}

func stateOf(s v1.ContainerState) State {
	switch s {
	case v1.ContainerState_CONTAINER_CREATED:
		return Created
	case v1.ContainerState_CONTAINER_RUNNING:
		return Running
	case v1.ContainerState_CONTAINER_EXITED:
		return Exited
	}
	return Unknown
}

// SandboxChanged reports whether the pod needs a new sandbox, which attempt
// that is, and the ID of the newest one there is.
func SandboxChanged(pod *corev1.Pod, p *PodStatus) (changed bool, attempt uint32, id string) {
	if len(p.Sandboxes) == 0 {
		return true, 0, ""
	}
	newest := p.Sandboxes[0]
	next := newest.GetMetadata().GetAttempt() + 1
	ready := 0
	for _, s := range p.Sandboxes {
		if s.State == v1.PodSandboxState_SANDBOX_READY {
			ready++
		}
	}
	switch {
	case ready > 1, newest.State != v1.PodSandboxState_SANDBOX_READY:
		return true, next, newest.Id
	case newest.GetLinux().GetNamespaces().GetOptions().GetNetwork() != NetworkMode(pod):
		return true, next, ""
	case !pod.Spec.HostNetwork && newest.Network != nil && newest.Network.Ip == "":
		return true, next, newest.Id
	}
	return false, newest.GetMetadata().GetAttempt(), newest.Id
}

// NetworkMode says whose network namespace the pod uses.
func NetworkMode(pod *corev1.Pod) v1.NamespaceMode {
	if pod.Spec.HostNetwork {
		return v1.NamespaceMode_NODE
	}
	return v1.NamespaceMode_POD
}
