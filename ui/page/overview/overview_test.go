package overview

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/trace"
	"kubergarten/ui/component"
	"kubergarten/ui/text"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func meta(ns, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: ns, Name: name, UID: types.UID(ns + "/" + name)}
}

func running(ns, name, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: meta(ns, name),
		Spec:       corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "c"}}},
		Status: corev1.PodStatus{
			Phase:             corev1.PodRunning,
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}},
		},
	}
}

func asking(p *corev1.Pod, cpu string) *corev1.Pod {
	p.Spec.Containers[0].Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
	return p
}

func node(name string) *corev1.Node {
	n := &corev1.Node{ObjectMeta: meta("", name)}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	n.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("1Gi")}
	return n
}

func waitingFor(reason string) []corev1.ContainerStatus {
	return []corev1.ContainerStatus{{Name: "c", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}}}
}

func endedWith(code int32, reason string) []corev1.ContainerStatus {
	return []corev1.ContainerStatus{{Name: "c", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason}}}}
}

func TestPodWord(t *testing.T) {
	tests := map[string]struct {
		pod    func(*corev1.Pod)
		word   string
		status string
	}{
		"runs":          {func(*corev1.Pod) {}, "Running", component.OK},
		"not ready":     {func(p *corev1.Pod) { p.Status.Conditions = nil }, "Running", component.Busy},
		"pending":       {func(p *corev1.Pod) { p.Status = corev1.PodStatus{Phase: corev1.PodPending} }, "Pending", component.Busy},
		"creating":      {func(p *corev1.Pod) { p.Status.ContainerStatuses = waitingFor("ContainerCreating") }, "ContainerCreating", component.Busy},
		"crashes":       {func(p *corev1.Pod) { p.Status.ContainerStatuses = waitingFor("CrashLoopBackOff") }, "CrashLoopBackOff", component.Bad},
		"failed":        {func(p *corev1.Pod) { p.Status.ContainerStatuses = endedWith(3, "") }, "ExitCode:3", component.Bad},
		"out of memory": {func(p *corev1.Pod) { p.Status.ContainerStatuses = endedWith(137, "OOMKilled") }, "OOMKilled", component.Bad},
		"done": {func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodSucceeded, ContainerStatuses: endedWith(0, "Completed")}
		}, "Completed", component.Off},
		"leaves": {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: noon} }, "Terminating", component.Busy},
		"first init": {func(p *corev1.Pod) {
			p.Spec.InitContainers = make([]corev1.Container, 2)
			p.Status.InitContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		}, "Init:0/2", component.Busy},
		"init crashes": {func(p *corev1.Pod) { p.Status.InitContainerStatuses = waitingFor("CrashLoopBackOff") }, "Init:CrashLoopBackOff", component.Bad},
		"init error":   {func(p *corev1.Pod) { p.Status.InitContainerStatuses = endedWith(1, "Error") }, "Init:Error", component.Bad},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := running("default", "web", "node-1")
			tt.pod(p)
			if got := podCell(p); got.Word != tt.word || got.Status != tt.status {
				t.Errorf("%s (%s), want %s (%s)", got.Word, got.Status, tt.word, tt.status)
			}
		})
	}
}

func TestNodes(t *testing.T) {
	done := asking(running("default", "done", "node-1"), "1")
	done.Status.Phase = corev1.PodSucceeded
	s := &seen{
		nodes: []*corev1.Node{node("node-2"), node("node-1")},
		pods:  []*corev1.Pod{asking(running("default", "b", "node-1"), "500m"), asking(running("default", "a", "node-1"), "250m"), done, running("default", "late", "")},
	}
	nodes, waiting := s.nodesWithPods()
	if len(nodes) != 2 || nodes[0].Name != "node-1" || len(nodes[0].Pods) != 3 || len(nodes[1].Pods) != 0 {
		t.Fatalf("nodes %+v", nodes)
	}
	if want := (share{0.75, 2, "750m", "2"}); nodes[0].CPU != want {
		t.Errorf("requests %+v, want %+v: a pod that is done asks for nothing", nodes[0].CPU, want)
	}
	if len(waiting) != 1 || waiting[0].Name != "late" {
		t.Errorf("waiting %+v", waiting)
	}
}

// system is a pod of the control plane with a command.
func systemPod(component string, command ...string) *corev1.Pod {
	p := running("kube-system", component+"-control-plane", "control-plane")
	p.Labels = map[string]string{"tier": "control-plane", "component": component}
	p.Spec.Containers[0].Command = command
	return p
}

func TestPlaneIsDrawnFromDeclarations(t *testing.T) {
	dns := running("kube-system", "coredns-x", "node-1")
	dns.Labels = map[string]string{"k8s-app": "kube-dns"}
	dns.Spec.ServiceAccountName = "coredns"
	dns.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{}}},
	}}}}
	s := &seen{nodes: []*corev1.Node{node("node-1")}, pods: []*corev1.Pod{
		systemPod("etcd", "etcd", "--listen-client-urls=http://127.0.0.1:2379"),
		systemPod("kube-apiserver", "kube-apiserver", "--etcd-servers=http://127.0.0.1:2379"),
		systemPod("kube-scheduler", "kube-scheduler", "--kubeconfig=/etc/kubernetes/scheduler.conf"),
		dns, running("default", "web", "node-1"),
	}}
	want := []talk{
		{"coredns", "kube-apiserver", "ServiceAccount coredns"},
		{"kube-apiserver", "etcd", "--etcd-servers=http://127.0.0.1:2379"},
		{"kube-scheduler", "kube-apiserver", "--kubeconfig=/etc/kubernetes/scheduler.conf"},
		{"kubelet", "kube-apiserver", "Node"},
	}
	if diff := cmp.Diff(want, s.plane().Talks); diff != "" {
		t.Errorf("talks (-want +got):\n%s", diff)
	}
	// An API server that looks elsewhere talks to nobody we know.
	s.pods[1].Spec.Containers[0].Command[1] = "--etcd-servers=http://127.0.0.1:2399"
	for _, talk := range s.plane().Talks {
		if talk.To == "etcd" {
			t.Errorf("a wrong address is drawn as a call: %+v", talk)
		}
	}
	if d := s.plane().draw(); len(d.Boxes) != 5 || d.Width <= 0 || d.Height <= 0 {
		t.Errorf("drawing %+v", d)
	}
}

func TestDrawingEndsWithCircles(t *testing.T) {
	p := plane{Parts: []part{{Name: "a"}, {Name: "b"}}, Talks: []talk{{"a", "b", ""}, {"b", "a", ""}}}
	if d := p.draw(); len(d.Boxes) != 2 || len(d.Lines) != 2 {
		t.Errorf("drawing %+v", d)
	}
}

func owned(m metav1.ObjectMeta, kind string, by types.UID) metav1.ObjectMeta {
	yes := true
	m.OwnerReferences = []metav1.OwnerReference{{Kind: kind, UID: by, Controller: &yes}}
	return m
}

func TestWorkloads(t *testing.T) {
	d := &appsv1.Deployment{ObjectMeta: meta("default", "web")}
	r := &appsv1.ReplicaSet{ObjectMeta: owned(meta("default", "web-1"), "Deployment", d.UID)}
	old := &appsv1.ReplicaSet{ObjectMeta: owned(meta("default", "web-0"), "Deployment", d.UID), Spec: appsv1.ReplicaSetSpec{Replicas: new(int32)}}
	p := running("default", "web-1-x", "node-1")
	p.ObjectMeta = owned(p.ObjectMeta, "ReplicaSet", r.UID)
	s := &seen{
		deployments: []*appsv1.Deployment{d}, replicaSets: []*appsv1.ReplicaSet{r, old},
		pods: []*corev1.Pod{running("kube-system", "alone", "node-1"), p},
	}
	var words []string
	walk(s.workloads(), 0, &words)
	want := []string{"Deployment web", " ReplicaSet web-1", "  Pod web-1-x", "Pod alone"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("trees (-want +got):\n%s", diff)
	}
}

func walk(all []branch, depth int, words *[]string) {
	for _, b := range all {
		*words = append(*words, strings.Repeat(" ", depth)+b.Kind+" "+b.Name)
		walk(b.Owned, depth+1, words)
	}
}

func TestNewsNewestFirst(t *testing.T) {
	event := &corev1.Event{
		ObjectMeta: meta("default", "e"), Type: corev1.EventTypeWarning, Reason: "BackOff", Message: "Back-off",
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "web"}, LastTimestamp: metav1.Time{Time: noon},
	}
	pod := trace.Ref{Resource: "pods", Namespace: "default", Name: "web"}
	s := &seen{events: []*corev1.Event{event}, records: []trace.Record{
		{Time: noon.Add(-time.Second), Step: trace.Attached, Object: pod}, {Time: noon, Step: trace.Committed, Object: pod}, {Time: noon.Add(time.Second), Step: trace.Removed, Object: pod},
	}}
	var got []string
	for _, i := range s.news() {
		got = append(got, string(i.Step)+i.Reason+" "+i.Object)
	}
	want := []string{"removed pod default/web", "BackOff pod default/web", "attached pod default/web"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
}

func TestEveryStepHasItsSentence(t *testing.T) {
	for _, lang := range text.Languages() {
		for _, step := range told() {
			key := stepKey(step)
			if got := text.T(text.With(t.Context(), lang), key, "Object", "pod default/web"); got == key || !strings.Contains(got, "pod default/web") {
				t.Errorf("%s in %s: %q", key, lang, got)
			}
		}
	}
}

func TestHostileNamesAreInert(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	p := running(evil, evil, evil)
	p.Status.ContainerStatuses = waitingFor(evil)
	s := &seen{
		nodes: []*corev1.Node{node(evil)}, pods: []*corev1.Pod{p, systemPod(evil, "--kubeconfig="+evil)},
		events:  []*corev1.Event{{Reason: evil, Message: evil, InvolvedObject: corev1.ObjectReference{Name: evil}}},
		records: []trace.Record{{Step: trace.Queued, Words: evil, Object: trace.Ref{Name: evil}}},
		refused: refusals{"nodes": evil},
	}
	var html bytes.Buffer
	if err := page(s, noon).Render(t.Context(), &html); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(html.String(), "<script") || strings.Contains(html.String(), "<img") {
		t.Errorf("markup of a name got into the page:\n%s", html.String())
	}
}

// forbidding is an API that lets nobody list nodes.
type forbidding struct{ client.Interface }

func (f forbidding) List(ctx context.Context, at client.Target, opts metav1.ListOptions) (runtime.Object, error) {
	if at.Resource == "nodes" {
		return nil, apierrors.NewForbidden(schema.GroupResource{Resource: "nodes"}, "", errors.New("no"))
	}
	return f.Interface.List(ctx, at, opts)
}

func TestRefusedPanelSaysSo(t *testing.T) {
	s := look(t.Context(), forbidding{clienttest.New(running("default", "web", "node-1"))})
	var html bytes.Buffer
	if err := nodesPanel(s).Render(t.Context(), &html); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(html.String(), "nodes is forbidden: no") || len(s.pods) != 1 {
		t.Errorf("%d pods, and the panel:\n%s", len(s.pods), html.String())
	}
}

// BenchmarkNodes renders the panel of nodes with 200 pods: what one change
// costs one tab, at most five times a second.
func BenchmarkNodes(b *testing.B) {
	s := &seen{nodes: []*corev1.Node{node("node-1"), node("node-2")}}
	for i := range 200 {
		s.pods = append(s.pods, running("default", strings.Repeat("x", i%20)+"-pod", "node-1"))
	}
	for b.Loop() {
		var html bytes.Buffer
		if err := nodesPanel(s).Render(b.Context(), &html); err != nil {
			b.Fatal(err)
		}
	}
}
