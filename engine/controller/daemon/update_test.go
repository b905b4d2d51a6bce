package daemon

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/clock"
	"kubergarten/engine/controller"
)

func daemonSet(unavailable, surge string) *appsv1.DaemonSet {
	u, s := intstr.Parse(unavailable), intstr.Parse(surge)
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "ds", UID: "ds"},
		Spec: appsv1.DaemonSetSpec{UpdateStrategy: appsv1.DaemonSetUpdateStrategy{
			Type: appsv1.RollingUpdateDaemonSetStrategyType, RollingUpdate: &appsv1.RollingUpdateDaemonSet{MaxUnavailable: &u, MaxSurge: &s},
		}},
	}
}

func onNode(node, hash string, ready bool) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: node + "-" + hash, Labels: map[string]string{appsv1.DefaultDaemonSetUniqueLabelKey: hash}},
		Spec:       corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	if ready {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(time.Unix(1, 0))}}
	}
	return p
}

func newController(t *testing.T) *Controller {
	t.Helper()
	api := clienttest.New()
	c, err := New(controller.Context{Client: api, Informers: client.NewInformers(api), Clock: clock.New(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReplace(t *testing.T) {
	for _, tt := range []struct {
		name    string
		pods    []*corev1.Pod
		allowed int
		want    int
	}{
		{"as many as may be missing", []*corev1.Pod{onNode("a", "old", true), onNode("b", "old", true), onNode("c", "old", true)}, 1, 1},
		{"none while a new one is not ready", []*corev1.Pod{onNode("a", "new", false), onNode("b", "old", true)}, 1, 0},
		{"what is not ready anyway goes too", []*corev1.Pod{onNode("a", "old", false), onNode("b", "old", false), onNode("c", "old", true)}, 1, 2},
		{"nothing is old", []*corev1.Pod{onNode("a", "new", true), onNode("b", "new", true)}, 1, 0},
		{"a node in between counts as missing", []*corev1.Pod{onNode("a", "old", true), onNode("a", "new", true), onNode("b", "old", true)}, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			byNode := map[string][]*corev1.Pod{}
			for _, p := range tt.pods {
				byNode[p.Spec.NodeName] = append(byNode[p.Spec.NodeName], p)
			}
			got := newController(t).replace(daemonSet("1", "0"), byNode, "new", tt.allowed)
			if len(got) != tt.want {
				t.Errorf("%d pods are deleted, want %d", len(got), tt.want)
			}
			for _, p := range got {
				if p.Labels[appsv1.DefaultDaemonSetUniqueLabelKey] == "new" {
					t.Errorf("new pod %s is deleted", p.Name)
				}
			}
		})
	}
}

func TestSurplus(t *testing.T) {
	for _, tt := range []struct {
		name string
		pods []*corev1.Pod
		want []string
	}{
		{"one pod", []*corev1.Pod{onNode("a", "old", true)}, nil},
		{"the new one is not ready yet", []*corev1.Pod{onNode("a", "old", true), onNode("a", "new", false)}, nil},
		{"the new one is", []*corev1.Pod{onNode("a", "old", true), onNode("a", "new", true)}, []string{"a-old"}},
		{"neither is", []*corev1.Pod{onNode("a", "old", false), onNode("a", "new", false)}, []string{"a-old"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range newController(t).surplus(daemonSet("0", "1"), tt.pods, "new") {
				got = append(got, p.Name)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("surplus is %v, want %v", got, tt.want)
			}
		})
	}
}

func TestIsUpdated(t *testing.T) {
	ds := daemonSet("1", "0")
	ds.Annotations = map[string]string{appsv1.DeprecatedTemplateGeneration: "2"}
	byNumber := onNode("a", "old", true)
	byNumber.Labels[templateGeneration] = "2"
	if !isUpdated(ds, onNode("a", "new", true), "new") || !isUpdated(ds, byNumber, "new") || isUpdated(ds, onNode("a", "old", true), "new") {
		t.Error("a pod is of the wrong template")
	}
}

func TestFits(t *testing.T) {
	tainted := func(key string, e corev1.TaintEffect) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: key, Effect: e}}}}
	}
	for _, tt := range []struct {
		name        string
		node        *corev1.Node
		start, stay bool
	}{
		{"a plain node", &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}, true, true},
		{"cordoned", tainted(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule), true, true},
		{"not ready for long", tainted(corev1.TaintNodeNotReady, corev1.TaintEffectNoExecute), true, true},
		{"not ready yet", tainted(corev1.TaintNodeNotReady, corev1.TaintEffectNoSchedule), false, true},
		{"kept for others", tainted("dedicated", corev1.TaintEffectNoSchedule), false, true},
		{"emptied for others", tainted("dedicated", corev1.TaintEffectNoExecute), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if start, stay := fits(daemonSet("1", "0"), tt.node); start != tt.start || stay != tt.stay {
				t.Errorf("start %v, stay %v; want %v, %v", start, stay, tt.start, tt.stay)
			}
		})
	}
}
