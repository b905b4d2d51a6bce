package framework_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/scheduler/framework"
)

func node(name string) *framework.NodeInfo {
	return framework.NewNodeInfo(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

// nodes makes infos of those names.
func nodes(names ...string) (out []*framework.NodeInfo) {
	for _, n := range names {
		out = append(out, node(n))
	}
	return out
}

func randomPod(r *rand.Rand, i int) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(i), UID: types.UID(fmt.Sprint(i))}}
	for range 1 + r.IntN(2) {
		c := corev1.Container{}
		if r.IntN(3) > 0 {
			c.Resources.Requests = corev1.ResourceList{
				corev1.ResourceCPU: *resource.NewMilliQuantity(r.Int64N(500), resource.DecimalSI), "example.com/gpu": *resource.NewQuantity(r.Int64N(3), resource.DecimalSI),
			}
		}
		if r.IntN(3) == 0 {
			c.Ports = []corev1.ContainerPort{{HostPort: r.Int32N(100), ContainerPort: 80}}
		}
		p.Spec.Containers = append(p.Spec.Containers, c)
	}
	return p
}

// TestNodeInfo: after any pods came and went, the sums are those of the pods that
// are there, and no info that was handed out has changed.
func TestNodeInfo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	info, pods := node("n"), []*corev1.Pod{}
	equal := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b corev1.ContainerPort) bool { return a.HostPort < b.HostPort })}
	for i := range 2000 {
		was := *info
		wasPods := slices.Clone(info.Pods)
		if len(pods) > 0 && r.IntN(2) == 0 {
			k := r.IntN(len(pods))
			info = info.WithoutPod(pods[k])
			pods = slices.Delete(pods, k, k+1)
		} else {
			pods = append(pods, randomPod(r, i))
			info = info.WithPod(pods[len(pods)-1])
		}
		if !slices.Equal(wasPods, was.Pods) {
			t.Fatal("an info that was handed out has changed")
		}
		if i%50 > 0 {
			continue
		}
		fresh := node("n")
		for _, p := range pods {
			fresh = fresh.WithPod(p)
		}
		for _, sums := range [][2]framework.Resources{{fresh.Requested, info.Requested}, {fresh.NonZero, info.NonZero}} {
			if diff := cmp.Diff(positive(sums[0]), positive(sums[1])); diff != "" {
				t.Fatalf("sums (-recomputed +kept):\n%s", diff)
			}
		}
		if diff := cmp.Diff(fresh.UsedPorts, info.UsedPorts, equal...); diff != "" || len(info.Pods) != len(pods) {
			t.Fatalf("%d pods, ports (-recomputed +kept):\n%s", len(info.Pods), diff)
		}
	}
}

// positive is r without what is nought.
func positive(r framework.Resources) map[string]int64 {
	out := map[string]int64{}
	for name, v := range r {
		if v != 0 {
			out[string(name)] = v
		}
	}
	return out
}

func TestFitError(t *testing.T) {
	refuse := func(reasons ...string) *framework.Status {
		return framework.NewStatus(framework.Unschedulable, reasons...)
	}
	for _, tt := range []struct {
		name string
		err  framework.FitError
		want string
	}{
		{"reasons are counted and sorted", framework.FitError{NumAllNodes: 3, Refused: map[string]*framework.Status{
			"a": refuse("Insufficient cpu", "Insufficient memory"), "b": refuse("Insufficient cpu"), "c": refuse("node(s) were unschedulable"),
		}}, "0/3 nodes are available: 1 Insufficient memory, 1 node(s) were unschedulable, 2 Insufficient cpu."},
		{"a pre-filter's word stands for all", framework.FitError{NumAllNodes: 2, PreFilterMsg: "no claim", Refused: map[string]*framework.Status{"a": refuse("no claim")}}, "0/2 nodes are available: no claim."},
		{"nodes that were not asked count too", framework.FitError{NumAllNodes: 5, NotAsked: "not asked", Refused: map[string]*framework.Status{"a": refuse("full")}}, "0/5 nodes are available: 1 full, 4 not asked."},
		{"preemption comes last", framework.FitError{NumAllNodes: 1, Refused: map[string]*framework.Status{"a": refuse("full")}, PostFilterMsg: "preemption: no."}, "0/1 nodes are available: 1 full. preemption: no."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// A fake plugs in at every point, and does what its functions say.
type fake struct {
	name   string
	pre    func() (map[string]bool, *framework.Status)
	filter func(node string) *framework.Status
	score  func(node string) int64
	events framework.Event
}

func (f fake) Name() string            { return f.name }
func (f fake) Events() framework.Event { return f.events }
func (f fake) PreFilter(context.Context, *framework.CycleState, *corev1.Pod, []*framework.NodeInfo) (map[string]bool, *framework.Status) {
	if f.pre == nil {
		return nil, nil
	}
	return f.pre()
}

func (f fake) Filter(_ context.Context, _ *framework.CycleState, _ *corev1.Pod, n *framework.NodeInfo) *framework.Status {
	if f.filter == nil {
		return nil
	}
	return f.filter(n.Node.Name)
}

func (f fake) Score(_ context.Context, _ *framework.CycleState, _ *corev1.Pod, n *framework.NodeInfo) (int64, *framework.Status) {
	if f.score == nil {
		return 0, nil
	}
	return f.score(n.Node.Name), nil
}

// ends sorts and binds.
type ends struct{ name string }

func (e ends) Name() string { return e.name }
func (ends) Less(a, b *framework.QueuedPodInfo) bool {
	return a.Timestamp.Before(b.Timestamp)
}

func (ends) Bind(context.Context, *corev1.Pod, string) *framework.Status {
	return framework.AsStatus(errors.New("no"))
}

func profile(t *testing.T, plugins ...framework.Weighted) *framework.Profile {
	t.Helper()
	p, err := framework.NewProfile("test", append(plugins, framework.Weighted{Plugin: ends{"Ends"}}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNewProfileRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		plugins []framework.Weighted
		want    string
	}{
		{"no binder", []framework.Weighted{{Plugin: fake{name: "A"}}}, `profile "x": needs a queue sort plugin and a bind plugin`},
		{"one twice", []framework.Weighted{{Plugin: ends{"A"}}, {Plugin: ends{"A"}}}, `profile "x": plugin "A" is listed twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := framework.NewProfile("x", tt.plugins); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestProfilePreFilter(t *testing.T) {
	only := func(names ...string) func() (map[string]bool, *framework.Status) {
		return func() (map[string]bool, *framework.Status) {
			m := map[string]bool{}
			for _, n := range names {
				m[n] = true
			}
			return m, nil
		}
	}
	p := profile(t,
		framework.Weighted{Plugin: fake{name: "A", pre: only("n1", "n2")}}, framework.Weighted{Plugin: fake{name: "B", pre: only("n2", "n3")}},
		framework.Weighted{Plugin: fake{name: "C", pre: func() (map[string]bool, *framework.Status) {
			return nil, framework.NewStatus(framework.Skip)
		}, filter: func(string) *framework.Status { return framework.NewStatus(framework.Unschedulable, "asked in vain") }}})
	nodes, skip, s := p.PreFilter(t.Context(), nil, nil, nil)
	if diff := cmp.Diff(map[string]bool{"n2": true}, nodes); diff != "" || !s.IsSuccess() {
		t.Errorf("status %v, nodes (-want +got):\n%s", s, diff)
	}
	if s := p.Filter(t.Context(), nil, skip, nil, node("n2")); !s.IsSuccess() {
		t.Errorf("a plugin that skipped was asked: %v", s.Message())
	}
	if s := p.Filter(t.Context(), nil, nil, nil, node("n2")); s.Plugin != "C" || !s.IsRejected() {
		t.Errorf("refused by %q, want C", s.Plugin)
	}
}

func TestProfileScore(t *testing.T) {
	points := func(m map[string]int64) func(string) int64 { return func(n string) int64 { return m[n] } }
	p := profile(t,
		framework.Weighted{Plugin: fake{name: "A", score: points(map[string]int64{"n1": 10, "n2": 20})}, Weight: 3},
		framework.Weighted{Plugin: fake{name: "B", score: points(map[string]int64{"n1": 50, "n2": 10})}, Weight: 1})
	scores, s := p.Score(t.Context(), nil, nil, nodes("n1", "n2"))
	if !s.IsSuccess() || scores[0].Total != 80 || scores[1].Total != 70 {
		t.Errorf("scores %+v, status %v", scores, s)
	}
	if want := []framework.PluginScore{{Plugin: "A", Score: 30}, {Plugin: "B", Score: 50}}; !slices.Equal(scores[0].Scores, want) {
		t.Errorf("n1 got %v, want %v", scores[0].Scores, want)
	}
	bad := profile(t, framework.Weighted{Plugin: fake{name: "A", score: func(string) int64 { return 101 }}, Weight: 1})
	const want = `plugin "A" returns an invalid score 101, it should in the range of [0, 100] after normalizing`
	if _, s := bad.Score(t.Context(), nil, nil, nodes("n1")); s.AsError() == nil || s.AsError().Error() != want {
		t.Errorf("status %v, want %s", s.AsError(), want)
	}
	if s := p.Bind(t.Context(), nil, "n1"); s.IsSuccess() || s.Plugin != "Ends" {
		t.Errorf("bind: %+v", s)
	}
}

func TestWakes(t *testing.T) {
	p := profile(t, framework.Weighted{Plugin: fake{name: "Nodes", events: framework.NodeAdded}}, framework.Weighted{Plugin: fake{name: "Pods", events: framework.AssignedPodDeleted}})
	for _, tt := range []struct {
		name  string
		event framework.Event
		by    []string
		want  bool
	}{
		{"what helps", framework.NodeAdded, []string{"Nodes"}, true},
		{"what does not", framework.NodeAdded, []string{"Pods"}, false},
		{"one of several", framework.NodeAdded | framework.NodeTaintChanged, []string{"Pods", "Nodes"}, true},
		{"nobody refused: an error", framework.NodeAdded, nil, true},
		{"a plugin that says nothing", framework.NodeAdded, []string{"Ends"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := p.Wakes(tt.event, tt.by); got != tt.want {
				t.Errorf("wakes: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNormalizeScores(t *testing.T) {
	for _, tt := range []struct {
		name     string
		in, want []int64
		reverse  bool
	}{
		{"in proportion to the largest", []int64{0, 5, 10}, []int64{0, 50, 100}, false},
		{"turned round", []int64{0, 5, 10}, []int64{100, 50, 0}, true},
		{"all nought", []int64{0, 0}, []int64{0, 0}, false},
		{"all nought, turned round", []int64{0, 0}, []int64{100, 100}, true},
		{"nothing", nil, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Clone(tt.in)
			if framework.NormalizeScores(got, tt.reverse); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
