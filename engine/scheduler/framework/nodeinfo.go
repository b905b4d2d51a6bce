package framework

// Upstream: pkg/scheduler/framework/types.go (NodeInfo)

import (
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/component-helpers/resource"
)

// Requests of containers that state none, for scores only: else a node could
// be filled with pods that seem to cost nothing.
const (
	DefaultMilliCPURequest int64 = 100
	DefaultMemoryRequest   int64 = 200 * 1024 * 1024
)

// A QueuedPodInfo is a pod in the queue.
type QueuedPodInfo struct {
	Pod                  *corev1.Pod
	Timestamp            time.Time // when it was last added to the queue
	Attempts             int
	UnschedulablePlugins []string // who refused it at the last attempt
	Gated                bool
}

// Resources are amounts: CPU in milli, others in units.
type Resources map[corev1.ResourceName]int64

// ResourcesOf turns a list of quantities into amounts.
func ResourcesOf(list corev1.ResourceList) Resources {
	r := make(Resources, len(list))
	for name, q := range list {
		if name == corev1.ResourceCPU {
			r[name] = q.MilliValue()
		} else {
			r[name] = q.Value()
		}
	}
	return r
}

// PodRequests is what the scheduler sets aside for the pod.
func PodRequests(pod *corev1.Pod) Resources {
	return ResourcesOf(resource.PodRequests(pod, resource.PodResourcesOptions{UseStatusResources: true}))
}

// NonZeroRequests is PodRequests with the defaults for containers that state no
// CPU or memory.
func NonZeroRequests(pod *corev1.Pod) Resources {
	return ResourcesOf(resource.PodRequests(pod, resource.PodResourcesOptions{
		UseStatusResources: true,
		NonMissingContainerRequests: corev1.ResourceList{
			corev1.ResourceCPU:    *milli(DefaultMilliCPURequest),
			corev1.ResourceMemory: *bytes(DefaultMemoryRequest),
		},
	}))
}

// A NodeInfo is a node and the sums over the pods on it. It is immutable:
// With... return changed copies.
type NodeInfo struct {
	Node        *corev1.Node
	Pods        []*corev1.Pod
	Requested   Resources
	NonZero     Resources // Requested, with defaults
	Allocatable Resources
	UsedPorts   []corev1.ContainerPort // host ports in use
	Images      map[string]int64       // names of images present, and their sizes
}

// NewNodeInfo returns the info of a node without pods; node may be nil, for a
// node of which only pods are known yet.
func NewNodeInfo(node *corev1.Node) *NodeInfo {
	n := &NodeInfo{Requested: Resources{}, NonZero: Resources{}}
	n.set(node)
	return n
}

func (n *NodeInfo) set(node *corev1.Node) {
	n.Node, n.Allocatable, n.Images = node, Resources{}, map[string]int64{}
	if node == nil {
		return
	}
	n.Allocatable = ResourcesOf(node.Status.Allocatable)
	for _, image := range node.Status.Images {
		for _, name := range image.Names {
			n.Images[name] = image.SizeBytes
		}
	}
}

// WithNode returns n with another state of its node.
func (n *NodeInfo) WithNode(node *corev1.Node) *NodeInfo {
	c := *n
	c.set(node)
	return &c
}

// WithPod returns n with one pod more.
func (n *NodeInfo) WithPod(pod *corev1.Pod) *NodeInfo {
	c := *n
	c.Pods = append(slices.Clip(n.Pods), pod)
	c.Requested = n.Requested.plus(PodRequests(pod), 1)
	c.NonZero = n.NonZero.plus(NonZeroRequests(pod), 1)
	c.UsedPorts = append(slices.Clip(n.UsedPorts), HostPorts(pod)...)
	return &c
}

// WithoutPod returns n without the pod of that UID.
func (n *NodeInfo) WithoutPod(pod *corev1.Pod) *NodeInfo {
	i := slices.IndexFunc(n.Pods, func(p *corev1.Pod) bool { return p.UID == pod.UID })
	if i < 0 {
		return n
	}
	c := *n
	gone := n.Pods[i]
	c.Pods = slices.Delete(slices.Clone(n.Pods), i, i+1)
	c.Requested = n.Requested.plus(PodRequests(gone), -1)
	c.NonZero = n.NonZero.plus(NonZeroRequests(gone), -1)
	c.UsedPorts = nil
	for _, p := range c.Pods {
		c.UsedPorts = append(c.UsedPorts, HostPorts(p)...)
	}
	return &c
}

func (r Resources) plus(other Resources, sign int64) Resources {
	sum := maps.Clone(r)
	for name, v := range other {
		sum[name] += sign * v
	}
	return sum
}

// HostPorts is the ports of the node that the pod takes.
func HostPorts(pod *corev1.Pod) (out []corev1.ContainerPort) {
	for _, c := range pod.Spec.Containers {
		out = append(out, hostPorts(c)...)
	}
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			out = append(out, hostPorts(c)...)
		}
	}
	return out
}

func hostPorts(c corev1.Container) (out []corev1.ContainerPort) {
	for _, p := range c.Ports {
		if p.HostPort > 0 {
			out = append(out, p)
		}
	}
	return out
}

func milli(n int64) *apiresource.Quantity {
	return apiresource.NewMilliQuantity(n, apiresource.DecimalSI)
}

func bytes(n int64) *apiresource.Quantity { return apiresource.NewQuantity(n, apiresource.BinarySI) }
