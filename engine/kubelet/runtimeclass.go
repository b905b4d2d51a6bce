package kubelet

// Upstream: pkg/kubelet/runtimeclass/runtimeclass_manager.go, pkg/kubelet/runtime.go

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	kubetypes "kubergarten/engine/kubelet/types"
)

// RuntimeHandler implements kuberuntime.Helper: a RuntimeClass names a handler;
// a static pod, which may be there before the API server, may name a handler
// of the node itself.
func (k *Kubelet) RuntimeHandler(pod *corev1.Pod) (string, error) {
	name := pod.Spec.RuntimeClassName
	if name == nil || *name == "" {
		return "", nil
	}
	if class, ok := k.classes.ByKey(*name); ok {
		return class.Handler, nil
	}
	if _, ok := k.cfg.Runtimes[*name]; ok && kubetypes.IsStaticPod(pod) {
		return *name, nil
	}
	return "", apierrors.NewNotFound(nodev1.Resource("runtimeclasses"), *name)
}

// TerminationRequested implements kuberuntime.Helper.
func (k *Kubelet) TerminationRequested(uid types.UID) bool {
	return k.workers.terminationRequested(uid)
}

// SandboxReady implements kuberuntime.Helper: the pod's address is told before
// its images are pulled.
func (k *Kubelet) SandboxReady(pod *corev1.Pod, p *container.PodStatus) {
	k.status.SetPodStatus(pod, k.podStatus(pod, p, false))
}

// conditions are what keeps the node from running pods, as far as its runtimes
// know; nil: nothing.
type conditions struct{ runtime, network error }

// look asks the runtimes how they are, and reports whether that changed.
func (k *Kubelet) look(ctx context.Context) (changed bool) {
	now := &conditions{}
	for _, h := range k.cfg.Runtimes {
		resp, err := h.Runtime.Status(ctx)
		if err != nil {
			now.runtime = fmt.Errorf("container runtime status check may not have completed yet: %w", err)
			continue
		}
		for _, c := range resp.GetStatus().GetConditions() {
			if c.Status {
				continue
			}
			words := fmt.Sprintf("%s=%t reason:%s message:%s", c.Type, c.Status, c.Reason, c.Message)
			switch c.Type {
			case v1.RuntimeReady:
				now.runtime = errors.New("container runtime not ready: " + words)
			case v1.NetworkReady:
				now.network = errors.New("container runtime network not ready: " + words)
			}
		}
	}
	was := k.network.Swap(now)
	return was == nil || text(was.network) != text(now.network) || text(was.runtime) != text(now.runtime)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (k *Kubelet) networkError() error {
	if c := k.network.Load(); c != nil {
		return c.network
	}
	return errors.New("container runtime status check may not have completed yet")
}

// notReady is why the node is not ready, as its condition words it; empty if it is.
func (k *Kubelet) notReady() string {
	c := k.network.Load()
	if c == nil {
		return "container runtime status check may not have completed yet"
	}
	var out []string
	for _, err := range []error{c.runtime, c.network} {
		if err != nil {
			out = append(out, err.Error())
		}
	}
	if len(out) > 1 {
		return "[" + strings.Join(out, ", ") + "]"
	}
	return strings.Join(out, "")
}
