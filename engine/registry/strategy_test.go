package registry

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"kubergarten/engine/api"
)

// TestStatusIsNotTheClients: a status sent with create or a plain update is
// dropped; one sent to /status leaves all else alone.
func TestStatusIsNotTheClients(t *testing.T) {
	f := newFixture(t)
	d := deployment("d")
	d.Status.Replicas = 9
	if d = mustCreate(f, d); d.Status.Replicas != 0 {
		t.Errorf("create took the status: %v", d.Status)
	}
	d = mustUpdate(f, "d", "", func(d *appsv1.Deployment) { d.Status.Replicas = 9; d.Labels = map[string]string{"a": "b"} })
	if d.Status.Replicas != 0 || d.Labels["a"] != "b" {
		t.Errorf("update took the status: %v", d)
	}
	d = mustUpdate(f, "d", "status", func(d *appsv1.Deployment) {
		d.Status.Replicas, d.Spec.Paused, d.Labels = 3, true, nil
	})
	if d.Status.Replicas != 3 || d.Spec.Paused || d.Labels["a"] != "b" {
		t.Errorf("status update gave %v", d)
	}
	n := mustCreate(f, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Phase: corev1.NodeRunning}})
	if n.Status.Phase != corev1.NodeRunning {
		t.Error("a new node may bring its status")
	}
	n = mustUpdate(f, "n", "", func(n *corev1.Node) { n.Status.Phase = ""; n.Spec.Unschedulable = true })
	if n.Status.Phase != corev1.NodeRunning || !n.Spec.Unschedulable {
		t.Errorf("node update gave %v", n)
	}
	n = mustUpdate(f, "n", "status", func(n *corev1.Node) { n.Status.Phase = corev1.NodePending; n.Spec.Unschedulable = false })
	if n.Status.Phase != corev1.NodePending || !n.Spec.Unschedulable {
		t.Errorf("node status update gave %v", n)
	}
}

// TestPlainUpdateLeavesStatus: of every kind that has a status view.
func TestPlainUpdateLeavesStatus(t *testing.T) {
	f := newFixture(t)
	leaves(f, pod("a"), func(p *corev1.Pod) any { p.Status.Message = "mine"; return &p.Status })
	leaves(f, deployment("a"), func(d *appsv1.Deployment) any { d.Status.ObservedGeneration = 9; return &d.Status })
	leaves(f, replicaSet("a"), func(s *appsv1.ReplicaSet) any { s.Status.ObservedGeneration = 9; return &s.Status })
	leaves(f, daemonSet("a"), func(s *appsv1.DaemonSet) any { s.Status.ObservedGeneration = 9; return &s.Status })
	leaves(f, controller("a"), func(c *corev1.ReplicationController) any { c.Status.ObservedGeneration = 9; return &c.Status })
	leaves(f, service("a"), func(s *corev1.Service) any { s.Status.Conditions = []metav1.Condition{{Type: "X"}}; return &s.Status })
	leaves(f, namespace("a"), func(n *corev1.Namespace) any { n.Status.Phase = "mine"; return &n.Status })
}

// leaves checks that set, which changes the status and returns it, has no
// effect in a new object, nor in a plain update.
func leaves[T interface {
	runtime.Object
	metav1.Object
}](f *fixture, obj T, set func(T) any) {
	f.t.Helper()
	set(obj)
	was := mustCreate(f, obj)
	out := mustUpdate(f, obj.GetName(), "", func(o T) {
		set(o)
		o.SetLabels(map[string]string{"changed": "yes", corev1.LabelMetadataName: o.GetName()})
	})
	if out.GetResourceVersion() == was.GetResourceVersion() {
		f.t.Errorf("%T: nothing was written", obj)
	}
	mine := out.DeepCopyObject().(T)
	set(mine)
	out.SetManagedFields(nil)
	if cmp.Equal(mine, out) {
		f.t.Errorf("%T: the status is the client's", obj)
	}
}

// TestGeneration tells which changes count.
func TestGeneration(t *testing.T) {
	f := newFixture(t)
	check(f, deployment("d"), "annotation", 2, func(d *appsv1.Deployment) { d.Annotations = map[string]string{"a": "b"} })
	check(f, deployment("e"), "label", 1, func(d *appsv1.Deployment) { d.Labels = map[string]string{"a": "b"} })
	check(f, deployment("g"), "spec", 2, func(d *appsv1.Deployment) { d.Spec.Paused = true })
	check(f, replicaSet("s"), "spec", 2, func(s *appsv1.ReplicaSet) { s.Spec.Replicas = ptr.To[int32](4) })
	check(f, replicaSet("u"), "annotation", 1, func(s *appsv1.ReplicaSet) { s.Annotations = map[string]string{"a": "b"} })
	check(f, controller("c"), "spec", 2, func(c *corev1.ReplicationController) { c.Spec.Replicas = ptr.To[int32](4) })
	check(f, pod("p"), "spec", 2, func(p *corev1.Pod) { p.Spec.Containers[0].Image = "busybox:2" })
	check(f, pod("q"), "label", 1, func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} })
	slice := func(name string) *discoveryv1.EndpointSlice {
		return &discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"}, AddressType: discoveryv1.AddressTypeIPv4,
			Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"10.244.0.2"}}},
		}
	}
	check(f, slice("x"), "endpoints", 2, func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].Addresses[0] = "10.244.0.3" })
	check(f, slice("y"), "labels", 2, func(s *discoveryv1.EndpointSlice) { s.Labels = map[string]string{"a": "b"} })
	check(f, slice("z"), "annotations", 1, func(s *discoveryv1.EndpointSlice) { s.Annotations = map[string]string{"a": "b"} })
	ds := check(f, daemonSet("ds"), "template", 2, func(s *appsv1.DaemonSet) { s.Spec.Template.Spec.Containers[0].Image = "busybox:2" })
	if ds.Annotations[appsv1.DeprecatedTemplateGeneration] != "2" {
		t.Errorf("annotations are %v", ds.Annotations)
	}
	ds = check(f, daemonSet("dt"), "strategy", 2, func(s *appsv1.DaemonSet) { s.Spec.MinReadySeconds = 5; s.Annotations = nil })
	if ds.Annotations[appsv1.DeprecatedTemplateGeneration] != "1" {
		t.Errorf("annotations are %v", ds.Annotations)
	}
}

// check creates obj, changes it, and compares the generation.
func check[T interface {
	runtime.Object
	metav1.Object
}](f *fixture, obj T, what string, want int64, change func(T)) T {
	f.t.Helper()
	if g := mustCreate(f, obj).GetGeneration(); g != 1 {
		f.t.Errorf("%T: new generation is %d", obj, g)
	}
	out := mustUpdate(f, obj.GetName(), "", change)
	if out.GetGeneration() != want {
		f.t.Errorf("%T: generation after a change of %s is %d, want %d", obj, what, out.GetGeneration(), want)
	}
	return out
}

func TestValidationText(t *testing.T) {
	f := newFixture(t)
	d := deployment("d")
	d.Spec.Selector.MatchLabels = map[string]string{"app": "other"}
	_, err := create(f, d)
	wantError(t, err, "Deployment.apps \"d\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"d\"}: `selector` does not match template `labels`")

	p := pod("p")
	p.Spec.Containers = nil
	_, err = create(f, p)
	wantError(t, err, `Pod "p" is invalid: spec.containers: Required value`)

	mustCreate(f, pod("q"))
	_, err = update(f, "q", "", func(p *corev1.Pod) { p.Spec.Hostname = "x" })
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`") {
		t.Errorf("error is %v", err)
	}
	mustCreate(f, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s", Namespace: "default"}})
	_, err = update(f, "s", "", func(s *corev1.Secret) { s.Type = "x" })
	wantError(t, err, `Secret "s" is invalid: type: Invalid value: "x": field is immutable`)
	if s := mustUpdate(f, "s", "", func(s *corev1.Secret) { s.Type = "" }); s.Type != corev1.SecretTypeOpaque {
		t.Errorf("type is %q", s.Type)
	}
}

func TestNewPod(t *testing.T) {
	f := newFixture(t)
	p := pod("p")
	p.Labels = map[string]string{"app": "a"}
	p.Status.Phase = corev1.PodRunning
	p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "wait"}}
	p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: "zone", WhenUnsatisfiable: corev1.DoNotSchedule,
		LabelSelector: &metav1.LabelSelector{}, MatchLabelKeys: []string{"app", "none"},
	}}
	p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
		TopologyKey: "zone", LabelSelector: &metav1.LabelSelector{}, MismatchLabelKeys: []string{"app"},
	}}}}
	p = mustCreate(f, p)
	want := corev1.PodStatus{Phase: corev1.PodPending, QOSClass: corev1.PodQOSBestEffort, Conditions: []corev1.PodCondition{{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "SchedulingGated", Message: "Scheduling is blocked due to non-empty scheduling gates",
	}}}
	if diff := cmp.Diff(want, p.Status); diff != "" {
		t.Errorf("status:\n%s", diff)
	}
	in := []metav1.LabelSelectorRequirement{{Key: "app", Operator: "In", Values: []string{"a"}}}
	if got := p.Spec.TopologySpreadConstraints[0].LabelSelector.MatchExpressions; !cmp.Equal(got, in) {
		t.Errorf("spread selector is %v", got)
	}
	in[0].Operator = "NotIn"
	if got := p.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[0].LabelSelector.MatchExpressions; !cmp.Equal(got, in) {
		t.Errorf("affinity selector is %v", got)
	}
}

func TestPodStatusUpdate(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, pod("p"))
	mustUpdate(f, "p", "status", func(p *corev1.Pod) {
		p.Status.ObservedGeneration = 1
		p.Status.Conditions = []corev1.PodCondition{{Type: "Ready", Status: "True", ObservedGeneration: 1}}
	})
	p := mustUpdate(f, "p", "status", func(p *corev1.Pod) {
		p.Status = corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: "Ready", Status: "False"}}}
		p.Spec.NodeName = "stolen"
		p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: "x", UID: "y"}}
	})
	if p.Spec.NodeName != "" || p.OwnerReferences != nil || p.Status.QOSClass != corev1.PodQOSBestEffort ||
		p.Status.ObservedGeneration != 1 || p.Status.Conditions[0].ObservedGeneration != 1 || p.Status.Phase != corev1.PodRunning {
		t.Errorf("pod is %+v", p)
	}
}

func TestEphemeralContainers(t *testing.T) {
	f := newFixture(t)
	mustCreate(f, pod("p"))
	p := mustUpdate(f, "p", "ephemeralcontainers", func(p *corev1.Pod) {
		p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: "debug", Image: "busybox", TerminationMessagePolicy: "File", ImagePullPolicy: "Always",
		}}}
		p.Spec.Hostname, p.Labels = "dropped", map[string]string{"a": "b"}
	})
	if len(p.Spec.EphemeralContainers) != 1 || p.Spec.Hostname != "" || p.Generation != 2 {
		t.Errorf("pod is %+v", p)
	}
	_, err := update(f, "p", "ephemeralcontainers", func(p *corev1.Pod) { p.Spec.EphemeralContainers = nil })
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "existing ephemeral containers \"debug\" may not be removed") {
		t.Errorf("error is %v", err)
	}
}

func TestServiceAccountSecrets(t *testing.T) {
	f := newFixture(t)
	a := mustCreate(f, &corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default"}, Secrets: []corev1.ObjectReference{{Kind: "Secret", Name: "s", Namespace: "x"}},
	})
	if !cmp.Equal(a.Secrets, []corev1.ObjectReference{{Name: "s"}}) {
		t.Errorf("secrets are %v", a.Secrets)
	}
}

// TestStrategies: every stored resource has rules, and no rules lack a resource.
func TestStrategies(t *testing.T) {
	stored := map[string]bool{}
	for _, r := range api.Resources() {
		stored[r.Prefix] = true
	}
	delete(stored, "") // answered, not stored
	if got, want := len(kinds()), len(stored); got != want {
		t.Errorf("%d strategies for %d stores", got, want)
	}
	for gr, k := range kinds() {
		if k.rules.Create == nil || k.rules.Update == nil {
			t.Errorf("%s is not validated", gr)
		}
		for name, v := range k.views {
			if v.rules.Update == nil {
				t.Errorf("%s/%s is not validated", gr, name)
			}
		}
	}
}
