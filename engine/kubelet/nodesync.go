package kubelet

// Upstream: pkg/kubelet/kubelet_node_status.go (registerWithAPIServer, updateNodeStatus)

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"kubergarten/engine/client"
	"kubergarten/engine/kubelet/events"
	"kubergarten/engine/kubelet/nodestatus"
)

// register makes the node known to the API server, trying until it is: at once
// when the server's door opens, else 100 ms, 200 ms, ... 7 s later. It reports
// whether it is.
func (k *Kubelet) register(ctx context.Context) bool {
	if !*k.cfg.Kubelet.RegisterNode {
		close(k.self.known)
		return true
	}
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 7*time.Second) {
		if k.deps.Door != nil { // before the first knock, and after a server that left
			if _, err := k.deps.Door.Wait(ctx); err != nil {
				return false
			}
		}
		node, err := k.tryRegister(ctx)
		if err == nil {
			k.deps.Log.InfoContext(ctx, "Successfully registered node")
			k.self.mu.Lock()
			k.self.last = node
			k.self.mu.Unlock()
			close(k.self.known)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		k.deps.Log.ErrorContext(ctx, "Unable to register node with API server", "err", err)
		if !k.pause(ctx, wait) {
			return false
		}
	}
}

// pause waits for d, or until ctx is done: then it reports false.
func (k *Kubelet) pause(ctx context.Context, d time.Duration) bool {
	t := k.deps.Clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return true
	case <-ctx.Done():
		return false
	}
}

// tryRegister creates the node, or brings the labels of the one there up to date.
func (k *Kubelet) tryRegister(ctx context.Context) (*corev1.Node, error) {
	nodes := client.For[*corev1.Node](k.deps.API)
	n := k.initialNode()
	reasons := k.fill(ctx, n)
	got, err := nodes.Create(ctx, n)
	if err == nil {
		for _, r := range reasons {
			k.nodeEvent(r)
		}
	}
	if !apierrors.IsAlreadyExists(err) {
		return got, err
	}
	have, err := nodes.Get(ctx, "", k.cfg.NodeName)
	if err != nil {
		return nil, err
	}
	want := have.DeepCopy()
	if want.Labels == nil {
		want.Labels = map[string]string{}
	}
	for name, value := range n.Labels {
		want.Labels[name] = value
	}
	if apiequality.Semantic.DeepEqual(have, want) {
		return have, nil
	}
	return k.patchNode(ctx, have, want, "")
}

// patchNode sends what differs.
func (k *Kubelet) patchNode(ctx context.Context, have, want *corev1.Node, sub string) (*corev1.Node, error) {
	was, err := json.Marshal(have)
	if err != nil {
		return nil, err
	}
	is, err := json.Marshal(want)
	if err != nil {
		return nil, err
	}
	data, err := strategicpatch.CreateTwoWayMergePatch(was, is, corev1.Node{})
	if err != nil {
		return nil, fmt.Errorf("make patch for node %q: %w", k.cfg.NodeName, err)
	}
	return client.For[*corev1.Node](k.deps.API).Patch(ctx, "", k.cfg.NodeName, types.StrategicMergePatchType, data, sub)
}

// syncNode looks at the runtimes and tells the API server what changed: at
// once if something did, else every five minutes.
func (k *Kubelet) syncNode(ctx context.Context) {
	have, ok := k.nodes.Get("", k.cfg.NodeName)
	if !ok {
		have = k.node()
	}
	have = newerNode(have, k.self.last)
	k.tellPodCIDR(ctx, have.Spec.PodCIDR)
	changed := k.look(ctx)
	if changed && k.networkError() == nil {
		k.workers.kickAll() // pods that waited for the network
	}
	want := have.DeepCopy()
	reasons := k.fill(ctx, want)
	due := k.deps.Clock.Since(k.self.reported) >= k.cfg.Kubelet.NodeStatusReportFrequency.Duration
	if !due && !statusDiffers(&have.Status, &want.Status) {
		return
	}
	got, err := k.patchNode(ctx, have, want, "status")
	if err != nil {
		k.deps.Log.ErrorContext(ctx, "Error updating node status, will retry", "err", err)
		return
	}
	k.self.mu.Lock()
	k.self.last = got
	k.self.mu.Unlock()
	k.self.reported = k.deps.Clock.Now()
	if boot := k.cfg.Info.BootID; nodestatus.Rebooted(have, boot) {
		k.recorder.Eventf(k.nodeRef(), corev1.EventTypeWarning, events.NodeRebooted, "Node %s has been rebooted, boot id: %s", k.cfg.NodeName, boot)
	}
	for _, r := range reasons {
		k.nodeEvent(r)
	}
}

// newerNode returns what the API server told last.
func newerNode(cached, answer *corev1.Node) *corev1.Node {
	if answer == nil || answer.UID != cached.UID || !later(answer.ResourceVersion, cached.ResourceVersion) {
		return cached
	}
	return answer
}

// statusDiffers compares statuses, heartbeats aside.
func statusDiffers(a, b *corev1.NodeStatus) bool {
	x, y := a.DeepCopy(), b.DeepCopy()
	for _, st := range []*corev1.NodeStatus{x, y} {
		for i := range st.Conditions {
			st.Conditions[i].LastHeartbeatTime = st.Conditions[i].LastTransitionTime
		}
	}
	return !apiequality.Semantic.DeepEqual(x, y)
}

// later compares resource versions.
func later(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }
