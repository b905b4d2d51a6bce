package scheduler

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// pods and nodes are built by chains: makePod("a").req("1", "1Gi").obj.
type podMaker struct{ obj *corev1.Pod }

func makePod(name string) podMaker {
	return podMaker{&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("uid-" + name)},
		Spec:       corev1.PodSpec{SchedulerName: DefaultName, Containers: []corev1.Container{{Name: "c", Image: "busybox"}}},
	}}
}

func (m podMaker) req(cpu, memory string) podMaker {
	m.obj.Spec.Containers[0].Resources.Requests = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory),
	}
	return m
}

func (m podMaker) selector(k, v string) podMaker {
	m.obj.Spec.NodeSelector = map[string]string{k: v}
	return m
}

func (m podMaker) gate(name string) podMaker {
	m.obj.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: name}}
	return m
}

func (m podMaker) on(node string) podMaker {
	m.obj.Spec.NodeName = node
	return m
}

type nodeMaker struct{ obj *corev1.Node }

func makeNode(name string) nodeMaker {
	return nodeMaker{&corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name}},
		Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"), corev1.ResourcePods: resource.MustParse("110"),
		}},
	}}
}

func (m nodeMaker) cpu(n string) nodeMaker {
	m.obj.Status.Allocatable[corev1.ResourceCPU] = resource.MustParse(n)
	return m
}

func (m nodeMaker) label(k, v string) nodeMaker {
	m.obj.Labels[k] = v
	return m
}

func (m nodeMaker) taint(key string, effect corev1.TaintEffect) nodeMaker {
	m.obj.Spec.Taints = append(m.obj.Spec.Taints, corev1.Taint{Key: key, Effect: effect})
	return m
}
