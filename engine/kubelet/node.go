package kubelet

// Upstream: pkg/kubelet/kubelet_node_status.go

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/kubelet/events"
	"kubergarten/engine/kubelet/nodestatus"
)

// nodeState is what the kubelet remembers of its own node.
type nodeState struct {
	mu       sync.Mutex
	last     *corev1.Node  // as the API server last answered; nil: not registered
	known    chan struct{} // closed when registered
	reported time.Time     // when the status was last sent
	podCIDR  string        // as the runtimes were told
	kick     chan struct{} // of capacity 1: look at the node now
	lease    leaseState
}

// node returns the node as the API server has it, or as it would be registered.
func (k *Kubelet) node() *corev1.Node {
	if n, ok := k.nodes.Get("", k.cfg.NodeName); ok {
		return n
	}
	k.self.mu.Lock()
	last := k.self.last
	k.self.mu.Unlock()
	if last != nil {
		return last
	}
	n := k.initialNode()
	k.fill(context.Background(), n)
	return n
}

// registered waits until the API server has the node.
func (k *Kubelet) registered(ctx context.Context) error {
	select {
	case <-k.self.known:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// runNode registers the node and keeps its status and lease up to date.
func (k *Kubelet) runNode(ctx context.Context) error {
	if _, err := k.nodes.OnChange(client.Handler[*corev1.Node]{
		Add:    func(*corev1.Node) { k.kickNode() },
		Update: func(old, n *corev1.Node) { k.nodeUpdated(old, n) },
	}); err != nil {
		return err
	}
	k.look(ctx)
	k.workers.kickAll() // host network pods need not wait for more
	ref := k.nodeRef()
	k.recorder.Event(ref, corev1.EventTypeNormal, events.StartingKubelet, "Starting kubelet.")
	if !k.register(ctx) {
		return nil
	}
	status := k.deps.Clock.NewTicker(k.cfg.Kubelet.NodeStatusUpdateFrequency.Duration)
	defer status.Stop()
	rotate := k.deps.Clock.NewTicker(k.cfg.Kubelet.ContainerLogMonitorInterval.Duration)
	defer rotate.Stop()
	k.startLease(ctx)
	defer k.stopLease()
	for {
		k.syncNode(ctx)
		select {
		case <-status.C():
		case <-rotate.C():
			k.rotateLogs(ctx)
		case <-k.self.kick:
		case <-ctx.Done():
			return nil
		}
	}
}

// nodeRef is what events about the node are about; its UID is its name, as upstream.
func (k *Kubelet) nodeRef() *corev1.ObjectReference {
	return &corev1.ObjectReference{Kind: "Node", Name: k.cfg.NodeName, UID: types.UID(k.cfg.NodeName)}
}

func (k *Kubelet) kickNode() {
	select {
	case k.self.kick <- struct{}{}:
	default:
	}
}

// nodeUpdated looks at changes that others made to the node.
func (k *Kubelet) nodeUpdated(old, n *corev1.Node) {
	if old.Spec.PodCIDR != n.Spec.PodCIDR {
		k.kickNode()
	}
	if old.Spec.Unschedulable != n.Spec.Unschedulable {
		reason := events.NodeSchedulable
		if n.Spec.Unschedulable {
			reason = events.NodeNotSchedulable
		}
		k.nodeEvent(reason)
	}
}

func (k *Kubelet) nodeEvent(reason string) {
	k.recorder.Eventf(k.nodeRef(), corev1.EventTypeNormal, reason, "Node %s status is now: %s", k.cfg.NodeName, reason)
}

// initialNode is the node as it registers itself.
func (k *Kubelet) initialNode() *corev1.Node {
	c := &k.cfg
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: c.NodeName,
		Labels: map[string]string{
			corev1.LabelHostname:      c.Hostname,
			corev1.LabelOSStable:      c.Info.OperatingSystem,
			corev1.LabelArchStable:    c.Info.Architecture,
			"beta.kubernetes.io/os":   c.Info.OperatingSystem,
			"beta.kubernetes.io/arch": c.Info.Architecture,
		},
		Annotations: map[string]string{"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
	}}
	maps.Copy(n.Labels, c.Flags.NodeLabels)
	n.Spec.Taints = append(append(n.Spec.Taints, c.Kubelet.RegisterWithTaints...), c.Flags.Taints...)
	n.Spec.ProviderID = c.Kubelet.ProviderID
	if c.Flags.ProviderID != "" {
		n.Spec.ProviderID = c.Flags.ProviderID
	}
	return n
}

// fill brings the node's status up to date and returns the events of what changed.
func (k *Kubelet) fill(ctx context.Context, n *corev1.Node) (reasons []string) {
	st := &n.Status
	st.Addresses = nil
	if k.cfg.NodeIP.IsValid() {
		st.Addresses = append(st.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: k.cfg.NodeIP.String()})
	}
	st.Addresses = append(st.Addresses, corev1.NodeAddress{Type: corev1.NodeHostName, Address: k.cfg.Hostname})
	k.machine(st)
	st.NodeInfo = k.cfg.Info
	if h, ok := k.cfg.Runtimes[""]; ok && st.NodeInfo.ContainerRuntimeVersion == "" {
		if v, err := h.Runtime.Version(ctx); err == nil {
			st.NodeInfo.ContainerRuntimeVersion = v.RuntimeName + "://" + v.RuntimeVersion
		}
	}
	st.DaemonEndpoints.KubeletEndpoint.Port = k.cfg.Kubelet.Port
	st.Images = k.nodeImages(ctx)
	now := k.now()
	reasons = nodestatus.Pressure(n, now)
	if r := nodestatus.Ready(n, now, k.notReady()); r != "" {
		reasons = append(reasons, r)
	}
	return reasons
}

// machine says what the node has, and what of that pods may use.
func (k *Kubelet) machine(st *corev1.NodeStatus) {
	if st.Capacity == nil {
		st.Capacity = corev1.ResourceList{}
	}
	for name, q := range k.cfg.Capacity {
		st.Capacity[name] = q
	}
	st.Capacity[corev1.ResourcePods] = *resource.NewQuantity(int64(k.cfg.Kubelet.MaxPods), resource.DecimalSI)
	st.Allocatable = corev1.ResourceList{}
	for name, q := range st.Capacity {
		left := q.DeepCopy()
		for _, reserved := range []map[string]string{k.cfg.Kubelet.SystemReserved, k.cfg.Kubelet.KubeReserved} {
			if r, err := resource.ParseQuantity(reserved[string(name)]); err == nil {
				left.Sub(r)
			}
		}
		if left.Sign() < 0 {
			left.Set(0)
		}
		st.Allocatable[name] = left
	}
}

// nodeImages lists the images of the node, for the scheduler.
func (k *Kubelet) nodeImages(ctx context.Context) []corev1.ContainerImage {
	h, ok := k.cfg.Runtimes[""]
	if !ok || h.Images == nil {
		return nil
	}
	all, err := h.Images.ListImages(ctx, nil)
	if err != nil {
		return nil
	}
	return nodestatus.Images(all, int(*k.cfg.Kubelet.NodeStatusMaxImages))
}

// tellPodCIDR tells the runtimes the node's addresses for pods, once.
func (k *Kubelet) tellPodCIDR(ctx context.Context, cidr string) {
	if cidr == "" {
		cidr = k.cfg.Kubelet.PodCIDR
	}
	if cidr == "" || cidr == k.self.podCIDR {
		return
	}
	for _, h := range k.cfg.Runtimes {
		cfg := &v1.RuntimeConfig{NetworkConfig: &v1.NetworkConfig{PodCidr: cidr}}
		if err := h.Runtime.UpdateRuntimeConfig(ctx, cfg); err != nil {
			k.deps.Log.ErrorContext(ctx, "Failed to update pod CIDR", "err", fmt.Errorf("failed to update pod CIDR: %w", err))
			return
		}
	}
	k.deps.Log.InfoContext(ctx, "Updating Pod CIDR", "originalPodCIDR", k.self.podCIDR, "newPodCIDR", cidr)
	k.self.podCIDR = cidr
}
