package lifecycle

// Upstream: pkg/kubelet/lifecycle/predicate.go, pkg/scheduler (AdmissionCheck)

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	helper "k8s.io/component-helpers/resource"
	schedcorev1 "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"kubergarten/engine/kubelet/types"
)

// A Refusal says why the node does not take a pod.
type Refusal struct{ Reason, Message string }

// Admit returns nil if node, on which others are, takes pod.
func Admit(pod *corev1.Pod, node *corev1.Node, others []*corev1.Pod) *Refusal {
	if pod.Spec.OS != nil && string(pod.Spec.OS.Name) != node.Labels[corev1.LabelOSStable] {
		return &Refusal{"PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"}
	}
	if r := resources(pod, node, others); r != nil {
		return r
	}
	if ok, err := nodeaffinity.GetRequiredNodeAffinity(pod).Match(node); err != nil || !ok {
		return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
	}
	if pod.Spec.NodeName != "" && pod.Spec.NodeName != node.Name {
		return failed("NodeName", "node(s) didn't match the requested node name")
	}
	if portsClash(pod, others) {
		return failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")
	}
	if !types.IsStaticPod(pod) && untolerated(pod, node) {
		return failed("TaintToleration", "node(s) had taints that the pod didn't tolerate")
	}
	return nil
}

func failed(predicate, why string) *Refusal {
	return &Refusal{predicate, fmt.Sprintf("Predicate %s failed: %s", predicate, why)}
}

func untolerated(pod *corev1.Pod, node *corev1.Node) bool {
	log := logr.FromSlogHandler(slog.DiscardHandler)
	_, found := schedcorev1.FindMatchingUntoleratedTaint(log, node.Spec.Taints, pod.Spec.Tolerations, func(t *corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoExecute
	}, true)
	return found
}

// resources looks whether what is left of the node is enough.
func resources(pod *corev1.Pod, node *corev1.Node, others []*corev1.Pod) *Refusal {
	have := node.Status.Allocatable
	if most := have.Pods().Value(); int64(len(others)) >= most {
		return short(corev1.ResourcePods, 1, int64(len(others)), most)
	}
	used := corev1.ResourceList{}
	for _, o := range others {
		for name, q := range helper.PodRequests(o, helper.PodResourcesOptions{}) {
			sum := used[name]
			sum.Add(q)
			used[name] = sum
		}
	}
	for name, want := range helper.PodRequests(pod, helper.PodResourcesOptions{}) {
		free, ok := have[name]
		if !ok && strings.Contains(string(name), "/") {
			continue // as upstream: an extended resource that the node does not know
		}
		left, u := free.DeepCopy(), used[name]
		left.Sub(u)
		if want.Sign() > 0 && want.Cmp(left) > 0 {
			return short(name, amount(name, want.MilliValue(), want.Value()), amount(name, u.MilliValue(), u.Value()), amount(name, free.MilliValue(), free.Value()))
		}
	}
	return nil
}

// amount counts cpu in thousandths, as the scheduler does.
func amount(name corev1.ResourceName, milli, whole int64) int64 {
	if name == corev1.ResourceCPU {
		return milli
	}
	return whole
}

func short(name corev1.ResourceName, requested, used, capacity int64) *Refusal {
	return &Refusal{"OutOf" + string(name), fmt.Sprintf("Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d", name, requested, used, capacity)}
}

type hostPort struct {
	ip, protocol string
	port         int32
}

func hostPorts(pod *corev1.Pod) []hostPort {
	var out []hostPort
	for _, list := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, c := range list {
			for _, p := range c.Ports {
				if p.HostPort > 0 {
					out = append(out, hostPort{p.HostIP, string(p.Protocol), p.HostPort})
				}
			}
		}
	}
	return out
}

// portsClash reports whether the pod wants a port of the node that another has.
func portsClash(pod *corev1.Pod, others []*corev1.Pod) bool {
	for _, want := range hostPorts(pod) {
		for _, o := range others {
			for _, has := range hostPorts(o) {
				if want.port == has.port && want.protocol == has.protocol && sameIP(want.ip, has.ip) {
					return true
				}
			}
		}
	}
	return false
}

func sameIP(a, b string) bool {
	anywhere := func(ip string) bool { return ip == "" || ip == "0.0.0.0" }
	return a == b || anywhere(a) || anywhere(b)
}
