package plugins

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/scheduler/framework"
)

func list(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

// pod is a pod that edit has made special.
func pod(edits ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "p", UID: "p"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "busybox"}}},
	}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

func requests(cpu, memory string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = list(cpu, memory) }
}

func priorityOf(n int32) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Spec.Priority = &n } }

func hostPort(n int32, ip string, proto corev1.Protocol) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: n, HostPort: n, HostIP: ip, Protocol: proto}}
	}
}

func tolerate(key string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.Tolerations = []corev1.Toleration{{Key: key, Operator: corev1.TolerationOpExists}}
	}
}

// info is a node of 4 CPUs, 8 GiB and 3 pods that edit has made special, with pods.
func info(edit func(*corev1.Node), pods ...*corev1.Pod) *framework.NodeInfo {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{"disk": "ssd"}}}
	n.Status.Allocatable = list("4", "8Gi")
	n.Status.Allocatable[corev1.ResourcePods] = resource.MustParse("3")
	if edit != nil {
		edit(n)
	}
	i := framework.NewNodeInfo(n)
	for k, p := range pods {
		p.UID = types.UID(fmt.Sprint("other", k))
		i = i.WithPod(p)
	}
	return i
}

func taint(key string, e corev1.TaintEffect) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: key, Effect: e}) }
}

func cordon(n *corev1.Node) { n.Spec.Unschedulable = true }

// filter asks the plugin about a pod and a node as a profile would.
func filter(t *testing.T, pl framework.FilterPlugin, p *corev1.Pod, n *framework.NodeInfo) *framework.Status {
	t.Helper()
	state := framework.NewCycleState()
	if pre, ok := pl.(framework.PreFilterPlugin); ok {
		only, s := pre.PreFilter(t.Context(), state, p, []*framework.NodeInfo{n})
		if s.IsSkip() {
			return nil
		}
		if !s.IsSuccess() {
			return s
		}
		if only != nil && !only[n.Node.Name] {
			return framework.NewStatus(framework.UnschedulableAndUnresolvable, "not asked")
		}
	}
	return pl.Filter(t.Context(), state, p, n)
}

// A refusal is how a Filter answers; "" is yes. Hopeless ones end in "!": no
// pod's going would help.
type refusal struct {
	name string
	pod  *corev1.Pod
	node *framework.NodeInfo
	want string
}

func testFilter(t *testing.T, pl framework.FilterPlugin, table []refusal) {
	t.Helper()
	for _, tt := range table {
		t.Run(tt.name, func(t *testing.T) {
			s := filter(t, pl, tt.pod, tt.node)
			got := s.Message()
			if s != nil && s.Code == framework.UnschedulableAndUnresolvable {
				got += "!"
			}
			if got != tt.want {
				t.Errorf("answer %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNodeName(t *testing.T) {
	testFilter(t, NodeName{}, []refusal{
		{"none named", pod(), info(nil), ""},
		{"this one", pod(func(p *corev1.Pod) { p.Spec.NodeName = "n" }), info(nil), ""},
		{"another", pod(func(p *corev1.Pod) { p.Spec.NodeName = "m" }), info(nil), "node(s) didn't match the requested node name!"},
	})
}

func TestNodeUnschedulable(t *testing.T) {
	testFilter(t, NodeUnschedulable{}, []refusal{
		{"open", pod(), info(nil), ""},
		{"cordoned", pod(), info(cordon), "node(s) were unschedulable!"},
		{"cordoned, tolerated", pod(tolerate(corev1.TaintNodeUnschedulable)), info(cordon), ""},
	})
}

func TestTaintToleration(t *testing.T) {
	const no = "node(s) had untolerated taint(s)!"
	testFilter(t, TaintToleration{}, []refusal{
		{"no taint", pod(), info(nil), ""},
		{"NoSchedule", pod(), info(taint("k", corev1.TaintEffectNoSchedule)), no},
		{"NoExecute", pod(), info(taint("k", corev1.TaintEffectNoExecute)), no},
		{"PreferNoSchedule is no more than a wish", pod(), info(taint("k", corev1.TaintEffectPreferNoSchedule)), ""},
		{"tolerated", pod(tolerate("k")), info(taint("k", corev1.TaintEffectNoSchedule)), ""},
		{"another is tolerated", pod(tolerate("j")), info(taint("k", corev1.TaintEffectNoSchedule)), no},
	})
	wish := info(taint("k", corev1.TaintEffectPreferNoSchedule))
	testScore(t, TaintToleration{}, pod(), []*framework.NodeInfo{wish, info(nil)}, []int64{0, 100})
	testScore(t, TaintToleration{}, pod(tolerate("k")), []*framework.NodeInfo{wish, info(nil)}, []int64{100, 100})
}

// testScore asks for the normalized scores of nodes.
func testScore(t *testing.T, pl framework.ScorePlugin, p *corev1.Pod, nodes []*framework.NodeInfo, want []int64) {
	t.Helper()
	prof, err := framework.NewProfile("test", []framework.Weighted{{Plugin: pl, Weight: 1}, {Plugin: PrioritySort{}}, {Plugin: DefaultBinder{}}})
	if err != nil {
		t.Fatal(err)
	}
	scores, s := prof.Score(t.Context(), framework.NewCycleState(), p, nodes)
	if !s.IsSuccess() {
		t.Fatal(s.AsError())
	}
	for i, w := range want {
		if scores[i].Total != w {
			t.Errorf("%s: node %d scores %d, want %d", pl.Name(), i, scores[i].Total, w)
		}
	}
}

func affinity(required []corev1.NodeSelectorTerm, preferred ...corev1.PreferredSchedulingTerm) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		a := &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: preferred}
		if required != nil {
			a.RequiredDuringSchedulingIgnoredDuringExecution = &corev1.NodeSelector{NodeSelectorTerms: required}
		}
		p.Spec.Affinity = &corev1.Affinity{NodeAffinity: a}
	}
}

func label(key string, op corev1.NodeSelectorOperator, values ...string) corev1.NodeSelectorTerm {
	return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: op, Values: values}}}
}

func named(names ...string) corev1.NodeSelectorTerm {
	return corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: names}}}
}

func TestNodeAffinity(t *testing.T) {
	const no = "node(s) didn't match Pod's node affinity/selector!"
	selector := func(v string) func(*corev1.Pod) {
		return func(p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"disk": v} }
	}
	testFilter(t, NodeAffinity{}, []refusal{
		{"nothing asked", pod(), info(nil), ""},
		{"the selector matches", pod(selector("ssd")), info(nil), ""},
		{"the selector does not", pod(selector("tape")), info(nil), no},
		{"one of two terms matches", pod(affinity([]corev1.NodeSelectorTerm{label("disk", "In", "tape"), label("disk", "Exists")})), info(nil), ""},
		{"no term matches", pod(affinity([]corev1.NodeSelectorTerm{label("disk", "DoesNotExist")})), info(nil), no},
		{"named", pod(affinity([]corev1.NodeSelectorTerm{named("n")})), info(nil), ""},
		{"another named: it is not even asked", pod(affinity([]corev1.NodeSelectorTerm{named("m")})), info(nil), "not asked!"},
		{"named in contradiction", pod(affinity([]corev1.NodeSelectorTerm{{MatchFields: append(named("m").MatchFields, named("n").MatchFields...)}})), info(nil), "pod affinity terms conflict!"},
		{"the selector and the term", pod(selector("tape"), affinity([]corev1.NodeSelectorTerm{label("disk", "Exists")})), info(nil), no},
	})
	wish := corev1.PreferredSchedulingTerm{Weight: 5, Preference: label("disk", "In", "ssd")}
	plain := info(func(n *corev1.Node) { n.Labels = nil })
	testScore(t, NodeAffinity{}, pod(affinity(nil, wish)), []*framework.NodeInfo{info(nil), plain}, []int64{100, 0})
	testScore(t, NodeAffinity{}, pod(), []*framework.NodeInfo{info(nil), plain}, []int64{0, 0})
}

func TestNodePorts(t *testing.T) {
	const no = "node(s) didn't have free ports for the requested pod ports"
	taken := func(ip string) *framework.NodeInfo { return info(nil, pod(hostPort(80, ip, corev1.ProtocolTCP))) }
	testFilter(t, NodePorts{}, []refusal{
		{"no host port", pod(), taken(""), ""},
		{"free", pod(hostPort(81, "", "")), taken(""), ""},
		{"taken", pod(hostPort(80, "", "")), taken(""), no},
		{"another protocol", pod(hostPort(80, "", corev1.ProtocolUDP)), taken(""), ""},
		{"another address", pod(hostPort(80, "10.0.0.1", "")), taken("10.0.0.2"), ""},
		{"taken on all addresses", pod(hostPort(80, "10.0.0.1", "")), taken("0.0.0.0"), no},
	})
}

func TestNodeResourcesFit(t *testing.T) {
	used := pod(requests("3", "1Gi"))
	testFilter(t, NodeResourcesFit{}, []refusal{
		{"it fits", pod(requests("4", "8Gi")), info(nil), ""},
		{"nothing requested", pod(), info(nil, used.DeepCopy()), ""},
		{"cpu is used up", pod(requests("2", "1Gi")), info(nil, used.DeepCopy()), "Insufficient cpu"},
		{"both are", pod(requests("2", "8Gi")), info(nil, used.DeepCopy()), "Insufficient cpu, Insufficient memory"},
		{"it never would fit", pod(requests("5", "1Gi")), info(nil), "Insufficient cpu!"},
		{"too many pods", pod(), info(nil, pod(), pod(), pod()), "Too many pods"},
		{"a resource the node does not have", pod(func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Requests = corev1.ResourceList{"example.com/gpu": resource.MustParse("1")}
		}), info(nil), "Insufficient example.com/gpu!"},
		{"a large init container", pod(requests("1", "1Gi"), func(p *corev1.Pod) {
			p.Spec.InitContainers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: list("2", "1Gi")}}}
		}), info(nil, used.DeepCopy()), "Insufficient cpu"},
	})
	testScore(t, NodeResourcesFit{}, pod(requests("1", "2Gi")), []*framework.NodeInfo{info(nil), info(nil, pod(requests("2", "4Gi")))}, []int64{75, 25})
}

func TestNodeResourcesBalancedAllocation(t *testing.T) {
	lopsided := info(nil, pod(requests("2", "0")))
	testScore(t, NodeResourcesBalancedAllocation{}, pod(requests("0", "4Gi")), []*framework.NodeInfo{lopsided, info(nil)}, []int64{87, 62})
	testScore(t, NodeResourcesBalancedAllocation{}, pod(), []*framework.NodeInfo{lopsided}, []int64{0})
}

func TestImageLocality(t *testing.T) {
	has := info(func(n *corev1.Node) {
		n.Status.Images = []corev1.ContainerImage{{Names: []string{"busybox:latest"}, SizeBytes: 1000 * mb}}
	})
	testScore(t, ImageLocality{}, pod(), []*framework.NodeInfo{has, info(nil)}, []int64{48, 0}) // half, for one of two has it
	for image, want := range map[string]string{"busybox": "busybox:latest", "busybox:1": "busybox:1", "host:5000/a": "host:5000/a:latest", "a/b@sha256:0": "a/b@sha256:0"} {
		if got := normalized(image); got != want {
			t.Errorf("%s is %s, want %s", image, got, want)
		}
	}
}

func TestSchedulingGates(t *testing.T) {
	if s := (SchedulingGates{}).PreEnqueue(t.Context(), pod()); !s.IsSuccess() {
		t.Errorf("a pod without gates: %v", s.Message())
	}
	gated := pod(func(p *corev1.Pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "a"}, {Name: "b"}} })
	if s := (SchedulingGates{}).PreEnqueue(t.Context(), gated); s.Message() != "waiting for scheduling gates: [a b]" {
		t.Errorf("got %q", s.Message())
	}
}

func TestPrioritySort(t *testing.T) {
	at := func(p *corev1.Pod, s int64) *framework.QueuedPodInfo {
		return &framework.QueuedPodInfo{Pod: p, Timestamp: time.Unix(s, 0)}
	}
	for _, tt := range []struct {
		name         string
		first, later *framework.QueuedPodInfo
	}{
		{"higher priority", at(pod(priorityOf(10)), 9), at(pod(priorityOf(1)), 1)},
		{"none is nought", at(pod(), 9), at(pod(priorityOf(-1)), 1)},
		{"of equals who waited longer", at(pod(), 1), at(pod(priorityOf(0)), 9)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !(PrioritySort{}).Less(tt.first, tt.later) || (PrioritySort{}).Less(tt.later, tt.first) {
				t.Error("in the wrong order")
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	term := []corev1.PodAffinityTerm{{TopologyKey: "kubernetes.io/hostname"}}
	for _, tt := range []struct {
		name string
		edit func(*corev1.Pod)
		want string
	}{
		{"a plain pod", func(*corev1.Pod) {}, ""},
		{"affinity", func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: term}}
		}, "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution is not supported by this scheduler"},
		{"anti-affinity", func(p *corev1.Pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: term}}
		}, "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution is not supported by this scheduler"},
		{"spread", func(p *corev1.Pod) {
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{WhenUnsatisfiable: corev1.DoNotSchedule}}
		}, "spec.topologySpreadConstraints with whenUnsatisfiable DoNotSchedule is not supported by this scheduler"},
		{"spread, if possible", func(p *corev1.Pod) {
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{WhenUnsatisfiable: corev1.ScheduleAnyway}}
		}, ""},
		{"claims", func(p *corev1.Pod) { p.Spec.ResourceClaims = []corev1.PodResourceClaim{{Name: "gpu"}} }, "spec.resourceClaims is not supported by this scheduler"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, s := (Unsupported{}).PreFilter(t.Context(), nil, pod(tt.edit), nil); s.Message() != tt.want {
				t.Errorf("got %q, want %q", s.Message(), tt.want)
			}
		})
	}
}

func TestDefaultPreemption(t *testing.T) {
	nodes := []*framework.NodeInfo{info(func(n *corev1.Node) { n.Name = "a" }, pod(priorityOf(1))), info(func(n *corev1.Node) { n.Name = "b" })}
	refused := map[string]*framework.Status{
		"a": framework.NewStatus(framework.Unschedulable, "Insufficient cpu"), "b": framework.NewStatus(framework.UnschedulableAndUnresolvable, "taint"),
	}
	s := (DefaultPreemption{}).PostFilter(t.Context(), nil, pod(), refused, nodes)
	const want = "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling."
	if s.Message() != want {
		t.Errorf("got  %q\nwant %q", s.Message(), want)
	}
}

func TestDefaultBinder(t *testing.T) {
	p := pod()
	api := clienttest.New(p)
	if s := NewDefaultBinder(api).Bind(t.Context(), p, "n"); !s.IsSuccess() {
		t.Fatal(s.AsError())
	}
	got, err := client.For[*corev1.Pod](api).Get(t.Context(), "default", "p")
	if err != nil || got.Spec.NodeName != "n" {
		t.Errorf("bound to %q (%v)", got.Spec.NodeName, err)
	}
	if s := NewDefaultBinder(api).Bind(t.Context(), pod(func(p *corev1.Pod) { p.Name = "nobody" }), "n"); s.IsSuccess() {
		t.Error("a pod that is gone was bound")
	}
}

// TestDefault: the table makes a profile.
func TestDefault(t *testing.T) {
	if _, err := framework.NewProfile("default-scheduler", Default(clienttest.New())); err != nil {
		t.Error(err)
	}
}
