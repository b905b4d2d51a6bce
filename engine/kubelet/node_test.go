package kubelet

import (
	"context"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/cri/fakecri"
)

func (b *bed) node() *corev1.Node {
	n, err := client.For[*corev1.Node](b.api).Get(context.Background(), "", "n1")
	if err != nil {
		return nil
	}
	return n
}

func (b *bed) untilNode(what string, ok func(*corev1.Node) bool) *corev1.Node {
	b.t.Helper()
	var n *corev1.Node
	b.eventually("node "+what, func() bool { n = b.node(); return n != nil && ok(n) }, func() any { return n })
	return n
}

func nodeCondition(n *corev1.Node, t corev1.NodeConditionType) corev1.NodeCondition {
	for _, c := range n.Status.Conditions {
		if c.Type == t {
			return c
		}
	}
	return corev1.NodeCondition{}
}

func nodeReady(n *corev1.Node) bool {
	return nodeCondition(n, corev1.NodeReady).Status == corev1.ConditionTrue
}

func TestNodeRegisters(t *testing.T) {
	b := newBed(t, options{config: func(c *Config, _ *Deps) {
		c.Flags.Taints = []corev1.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}}
	}})
	n := b.untilNode("is ready", nodeReady)
	if c := nodeCondition(n, corev1.NodeReady); c.Reason != "KubeletReady" || c.Message != "kubelet is posting ready status" {
		t.Errorf("Ready: %+v", c)
	}
	if c := nodeCondition(n, corev1.NodeMemoryPressure); c.Reason != "KubeletHasSufficientMemory" || c.Status != corev1.ConditionFalse {
		t.Errorf("MemoryPressure: %+v", c)
	}
	if n.Labels["kubernetes.io/hostname"] != "n1" || n.Labels["kubernetes.io/os"] != "linux" || len(n.Spec.Taints) != 1 {
		t.Errorf("labels %v, taints %v", n.Labels, n.Spec.Taints)
	}
	if n.Status.Allocatable.Pods().Value() != 110 || n.Status.NodeInfo.KubeletVersion != "v1.36.3" || n.Status.NodeInfo.ContainerRuntimeVersion != "fakecri://1.0.0" {
		t.Errorf("status: %+v", n.Status)
	}
	b.event("Normal Starting n1 : Starting kubelet.")
	leases := client.For[*coordinationv1.Lease](b.api)
	var first *coordinationv1.Lease
	b.eventually("the lease is there", func() bool {
		first, _ = leases.Get(context.Background(), "kube-node-lease", "n1")
		return first != nil
	}, nil)
	if *first.Spec.LeaseDurationSeconds != 40 || *first.Spec.HolderIdentity != "n1" {
		t.Errorf("lease: %+v", first.Spec)
	}
	b.eventually("the lease is renewed", func() bool {
		b.clock.Step(10 * time.Second)
		l, _ := leases.Get(context.Background(), "kube-node-lease", "n1")
		return l.Spec.RenewTime.After(first.Spec.RenewTime.Time)
	}, nil)
}

func TestNodeWaitsForItsNetwork(t *testing.T) {
	b := newBed(t, options{config: func(c *Config, d *Deps) {
		r, err := fakecri.New(fakecri.Config{Clock: d.Clock})
		if err != nil {
			t.Fatal(err)
		}
		c.Runtimes = map[string]Handler{"": {r, r}}
	}})
	n := b.untilNode("is registered", func(*corev1.Node) bool { return true })
	c := nodeCondition(n, corev1.NodeReady)
	want := "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
	if c.Reason != "KubeletNotReady" || c.Message != want {
		t.Errorf("Ready: %+v", c)
	}
	b.create(pod("web", "app"))
	b.event("Warning NetworkNotReady web : network is not ready: " + want)
	if _, err := client.For[*corev1.Node](b.api).Patch(context.Background(), "", "n1", types.MergePatchType, []byte(`{"spec":{"podCIDR":"10.244.1.0/24"}}`), ""); err != nil {
		t.Fatal(err)
	}
	b.untilNode("is ready", nodeReady)
	b.event("Normal NodeReady n1 : Node n1 status is now: NodeReady")
	b.until("web", "runs", running)
}

func TestAdmission(t *testing.T) {
	for name, tt := range map[string]struct {
		change          func(*corev1.Pod)
		reason, message string
	}{
		"cpu": {
			func(p *corev1.Pod) {
				p.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: quantity("5")}
			},
			"OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000",
		},
		"selector": {
			func(p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"disk": "ssd"} },
			"NodeAffinity", "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
		},
		"ports": {
			func(p *corev1.Pod) {
				p.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80, ContainerPort: 80}}
			},
			"NodePorts", "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, options{})
			other := pod("other", "app")
			other.Spec.Containers[0].Ports = []corev1.ContainerPort{{HostPort: 80, ContainerPort: 80}}
			b.create(other)
			b.until("other", "runs", running)
			p := pod("web", "app")
			tt.change(p)
			b.create(p)
			p = b.until("web", "is rejected", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodFailed })
			if p.Status.Reason != tt.reason || p.Status.Message != tt.message {
				t.Errorf("%s: %s", p.Status.Reason, p.Status.Message)
			}
			b.event("Warning "+tt.reason+" web", tt.message[len("Pod was rejected: "):])
			if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", "web", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			b.until("web", "is gone", gone)
		})
	}
}
