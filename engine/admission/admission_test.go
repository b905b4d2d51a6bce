package admission_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	upstream "k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	testclock "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"

	"kubergarten/engine/admission"
	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a chain over an API server in memory that has the usual.
type world struct {
	chain upstream.Interface
	api   *clienttest.API
	clock *testclock.FakeClock
}

func newWorld(t testing.TB, plugin string, objects ...runtime.Object) *world {
	t.Helper()
	w := &world{api: clienttest.New(append(usual(), objects...)...), clock: testclock.NewFakeClock(time.Unix(1e9, 0))}
	cfg := admission.Config{API: w.api, Clock: w.clock, Enable: []string{plugin}, Suffix: func(p string) string { return p + "abcde" }}
	for _, other := range []string{"NamespaceLifecycle", "ServiceAccount", "NodeRestriction", "TaintNodesByCondition", "Priority", "DefaultTolerationSeconds", "RuntimeClass"} {
		if other != plugin {
			cfg.Disable = append(cfg.Disable, other)
		}
	}
	var err error
	if w.chain, err = admission.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func usual() []runtime.Object {
	return []runtime.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: "n1-uid"}},
	}
}

// a change is what one asks for; resources are "pods" or "pods/status".
type change struct {
	op       upstream.Operation
	resource string
	ns, name string
	obj, old runtime.Object
	by       user.Info
}

// ask lets the chain judge c: first Admit, then Validate.
func (w *world) ask(ctx context.Context, c change) error {
	plural, sub, _ := strings.Cut(c.resource, "/")
	kinds := map[string]schema.GroupVersionKind{
		"pods": corev1.SchemeGroupVersion.WithKind("Pod"), "nodes": corev1.SchemeGroupVersion.WithKind("Node"),
		"namespaces": corev1.SchemeGroupVersion.WithKind("Namespace"), "serviceaccounts": corev1.SchemeGroupVersion.WithKind("ServiceAccount"),
		"leases": coordinationv1.SchemeGroupVersion.WithKind("Lease"), "priorityclasses": schedulingv1.SchemeGroupVersion.WithKind("PriorityClass"),
		"configmaps": corev1.SchemeGroupVersion.WithKind("ConfigMap"),
	}
	kind := kinds[plural]
	if c.by == nil {
		c.by = &user.DefaultInfo{Name: "jane"}
	}
	a := upstream.NewAttributesRecord(c.obj, c.old, kind, c.ns, c.name, kind.GroupVersion().WithResource(plural), sub, c.op, nil, false, c.by)
	if err := w.chain.(upstream.MutationInterface).Admit(ctx, a, nil); err != nil {
		return err
	}
	return w.chain.(upstream.ValidationInterface).Validate(ctx, a, nil)
}

// judge checks the answer to c; want is the end of the error, empty if admitted.
func (w *world) judge(t *testing.T, c change, want string) {
	t.Helper()
	err := w.ask(t.Context(), c)
	if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func pod(change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "web-uid"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c"}}},
	}
	for _, f := range change {
		f(p)
	}
	return p
}

func create(p *corev1.Pod) change {
	return change{op: upstream.Create, resource: "pods", ns: "default", name: p.Name, obj: p}
}

func TestChain(t *testing.T) {
	base := admission.Config{API: clienttest.New(), Clock: testclock.NewFakeClock(time.Time{})}
	tests := []struct {
		name            string
		enable, disable []string
		want            string
	}{
		{"as it is", nil, nil, ""},
		{"kubeadm's", []string{"NodeRestriction"}, nil, ""},
		{"unknown", []string{"Nonsense"}, nil, `enable-admission-plugins plugin "Nonsense" is unknown`},
		{"both", []string{"Priority"}, []string{"Priority"}, "[Priority] in enable-admission-plugins and disable-admission-plugins overlapped"},
	}
	for _, tt := range tests {
		cfg := base
		cfg.Enable, cfg.Disable = tt.enable, tt.disable
		if _, err := admission.New(cfg); (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := admission.New(admission.Config{}); err == nil {
		t.Error("a chain without an API")
	}
}

func TestNamespaceLifecycle(t *testing.T) {
	ending := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ending"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceTerminating}}
	w := newWorld(t, "NamespaceLifecycle", ending)
	ns := func(op upstream.Operation, name string) change {
		return change{op: op, resource: "namespaces", name: name, ns: name, obj: &corev1.Namespace{}}
	}
	in := func(op upstream.Operation, ns string) change {
		return change{op: op, resource: "configmaps", ns: ns, name: "cm", obj: &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "cm"}}}
	}
	tests := []struct {
		name string
		ask  change
		want string
	}{
		{"create in it", in(upstream.Create, "default"), ""},
		{"create where there is none", in(upstream.Create, "nowhere"), `namespaces "nowhere" not found`},
		{"create where all ends", in(upstream.Create, "ending"), `configmaps "cm" is forbidden: unable to create new content in namespace ending because it is being terminated`},
		{"update where all ends", in(upstream.Update, "ending"), ""},
		{"delete where all ends", in(upstream.Delete, "ending"), ""},
		{"a new namespace", ns(upstream.Create, "new"), ""},
		{"delete one", ns(upstream.Delete, "ending"), ""},
		{"delete default", ns(upstream.Delete, "default"), `namespaces "default" is forbidden: this namespace may not be deleted`},
		{"delete kube-system", ns(upstream.Delete, "kube-system"), `namespaces "kube-system" is forbidden: this namespace may not be deleted`},
		{"cluster-scoped", change{op: upstream.Create, resource: "nodes", name: "n9", obj: &corev1.Node{}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { w.judge(t, tt.ask, tt.want) })
	}
	var status apierrors.APIStatus
	if err := w.ask(t.Context(), in(upstream.Create, "ending")); !errors.As(err, &status) || !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		t.Errorf("the cause is not told: %v", err)
	}
}

func account(name string, change func(*corev1.ServiceAccount)) *corev1.ServiceAccount {
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	change(sa)
	return sa
}

func TestServiceAccountToken(t *testing.T) {
	w := newWorld(t, "ServiceAccount",
		account("quiet", func(sa *corev1.ServiceAccount) { sa.AutomountServiceAccountToken = ptr.To(false) }),
		account("pulls", func(sa *corev1.ServiceAccount) {
			sa.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "registry"}}
		}))
	p := pod(func(p *corev1.Pod) {
		p.Spec.InitContainers = []corev1.Container{{Name: "i"}}
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "own", VolumeMounts: []corev1.VolumeMount{{Name: "x", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount"}}})
	})
	w.judge(t, create(p), "")
	mount := corev1.VolumeMount{Name: "kube-api-access-abcde", ReadOnly: true, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount"}
	want := pod(func(p *corev1.Pod) {
		p.Spec.ServiceAccountName, p.Spec.DeprecatedServiceAccount = "default", "default"
		p.Spec.InitContainers = []corev1.Container{{Name: "i", VolumeMounts: []corev1.VolumeMount{mount}}}
		p.Spec.Containers = []corev1.Container{
			{Name: "c", VolumeMounts: []corev1.VolumeMount{mount}},
			{Name: "own", VolumeMounts: []corev1.VolumeMount{{Name: "x", MountPath: mount.MountPath}}},
		}
		p.Spec.Volumes = []corev1.Volume{{Name: mount.Name, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
			DefaultMode: ptr.To[int32](0o644),
			Sources: []corev1.VolumeProjection{
				{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: ptr.To[int64](3607)}},
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
				{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}}}}},
			},
		}}}}
	})
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	for name, p := range map[string]*corev1.Pod{
		"the account does not want it": pod(func(p *corev1.Pod) { p.Spec.ServiceAccountName = "quiet" }),
		"the pod does not want it":     pod(func(p *corev1.Pod) { p.Spec.AutomountServiceAccountToken = ptr.To(false) }),
	} {
		if w.judge(t, create(p), ""); len(p.Spec.Volumes) != 0 {
			t.Errorf("%s: %v", name, p.Spec.Volumes)
		}
	}
	wants := pod(func(p *corev1.Pod) {
		p.Spec.ServiceAccountName, p.Spec.AutomountServiceAccountToken = "quiet", ptr.To(true)
	})
	if w.judge(t, create(wants), ""); len(wants.Spec.Volumes) != 1 {
		t.Error("the pod's own wish does not count")
	}
	pulls := pod(func(p *corev1.Pod) { p.Spec.ServiceAccountName = "pulls" })
	if w.judge(t, create(pulls), ""); len(pulls.Spec.ImagePullSecrets) != 1 || pulls.Spec.ImagePullSecrets[0].Name != "registry" {
		t.Errorf("pull secrets %v", pulls.Spec.ImagePullSecrets)
	}
}

func TestServiceAccountRefusals(t *testing.T) {
	strict := account("strict", func(sa *corev1.ServiceAccount) {
		sa.Annotations = map[string]string{"kubernetes.io/enforce-mountable-secrets": "true"}
		sa.Secrets = []corev1.ObjectReference{{Name: "mine"}}
	})
	w := newWorld(t, "ServiceAccount", strict)
	with := func(f func(*corev1.PodSpec)) change {
		return create(pod(func(p *corev1.Pod) { p.Spec.ServiceAccountName = "strict"; f(&p.Spec) }))
	}
	mirrored := func(f func(*corev1.PodSpec)) change {
		return create(pod(func(p *corev1.Pod) {
			p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
			f(&p.Spec)
		}))
	}
	secretVolume := func(name string) []corev1.Volume {
		return []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}}}}
	}
	tests := []struct {
		name string
		ask  change
		want string
	}{
		{"no such account", with(func(s *corev1.PodSpec) { s.ServiceAccountName = "nobody" }), `pods "web" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found`},
		{"a secret of the account", with(func(s *corev1.PodSpec) { s.Volumes = secretVolume("mine") }), ""},
		{"another secret", with(func(s *corev1.PodSpec) { s.Volumes = secretVolume("other") }), `volume with secret.secretName="other" is not allowed because service account strict does not reference that secret`},
		{"another secret in the environment", with(func(s *corev1.PodSpec) {
			s.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "other"}}}}
		}), `container c with envFrom referencing secret.secretName="other" is not allowed because service account strict does not reference that secret`},
		{"a pull secret", with(func(s *corev1.PodSpec) { s.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "p"}} }), `imagePullSecrets[0].name="p" is not allowed because service account strict does not reference that imagePullSecret`},
		{"a mirror pod", mirrored(func(*corev1.PodSpec) {}), ""},
		{"a mirror pod with an account", mirrored(func(s *corev1.PodSpec) { s.ServiceAccountName = "default" }), "a mirror pod may not reference service accounts"},
		{"a mirror pod with a secret", mirrored(func(s *corev1.PodSpec) { s.Volumes = secretVolume("mine") }), "a mirror pod may not reference secrets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { w.judge(t, tt.ask, tt.want) })
	}
}

// TestServiceAccountComesLate: in a new namespace the pod waits for the account
// that the controller creates.
func TestServiceAccountComesLate(t *testing.T) {
	tests := []struct {
		name string
		then func(*world)
		want string
	}{
		{"it comes", func(w *world) {
			w.api.Add(account("other", func(sa *corev1.ServiceAccount) { sa.Namespace = "new" }))
			w.api.Add(account("default", func(sa *corev1.ServiceAccount) { sa.Namespace = "new" }))
		}, ""},
		{"it never comes", func(w *world) { w.clock.Step(2 * time.Second) }, `error looking up service account new/default: serviceaccount "default" not found`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "ServiceAccount")
			watching := make(chan struct{}, 1)
			w.api.OnCall = func(verb string, _ client.Target, _ runtime.Object) error {
				if verb == "watch" {
					watching <- struct{}{}
				}
				return nil
			}
			go func() { <-watching; tt.then(w) }()
			c := create(pod(func(p *corev1.Pod) { p.Namespace = "new" }))
			c.ns = "new"
			w.judge(t, c, tt.want)
		})
	}
}

func TestDefaultTolerationSeconds(t *testing.T) {
	w := newWorld(t, "DefaultTolerationSeconds")
	five := func(key string) corev1.Toleration {
		return corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To[int64](300)}
	}
	own := corev1.Toleration{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To[int64](5)}
	everything := corev1.Toleration{Operator: corev1.TolerationOpExists}
	noSchedule := corev1.Toleration{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}
	tests := []struct {
		name      string
		has, want []corev1.Toleration
	}{
		{"none", nil, []corev1.Toleration{five(corev1.TaintNodeNotReady), five(corev1.TaintNodeUnreachable)}},
		{"one of its own", []corev1.Toleration{own}, []corev1.Toleration{own, five(corev1.TaintNodeUnreachable)}},
		{"everything", []corev1.Toleration{everything}, []corev1.Toleration{everything}},
		{"another effect", []corev1.Toleration{noSchedule}, []corev1.Toleration{noSchedule, five(corev1.TaintNodeNotReady), five(corev1.TaintNodeUnreachable)}},
	}
	for _, tt := range tests {
		p := pod(func(p *corev1.Pod) { p.Spec.Tolerations = tt.has })
		w.judge(t, create(p), "")
		if diff := cmp.Diff(tt.want, p.Spec.Tolerations); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestTaintNodesByCondition(t *testing.T) {
	w := newWorld(t, "TaintNodesByCondition")
	node := &corev1.Node{}
	for range 2 {
		w.judge(t, change{op: upstream.Create, resource: "nodes", name: "n1", obj: node}, "")
	}
	want := []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}
	if diff := cmp.Diff(want, node.Spec.Taints); diff != "" {
		t.Error(diff)
	}
}

func TestPriority(t *testing.T) {
	low := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "low"}, Value: -5, PreemptionPolicy: ptr.To(corev1.PreemptNever)}
	w := newWorld(t, "Priority", low)
	named := func(name string, f ...func(*corev1.Pod)) *corev1.Pod {
		return pod(append(f, func(p *corev1.Pod) { p.Spec.PriorityClassName = name })...)
	}
	tests := []struct {
		name   string
		pod    *corev1.Pod
		value  int32
		policy corev1.PreemptionPolicy
		want   string
	}{
		{"none", named(""), 0, corev1.PreemptLowerPriority, ""},
		{"a class", named("low"), -5, corev1.PreemptNever, ""},
		{"a class of the system", named("system-node-critical"), 2000001000, corev1.PreemptLowerPriority, ""},
		{"no such class", named("x"), 0, "", `pods "web" is forbidden: no PriorityClass with name x was found`},
		{"another number", named("low", func(p *corev1.Pod) { p.Spec.Priority = ptr.To[int32](7) }), 0, "", "the integer value of priority (7) must not be provided in pod spec; priority admission controller computed -5 from the given PriorityClass name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.judge(t, create(tt.pod), tt.want)
			if tt.want == "" && (*tt.pod.Spec.Priority != tt.value || *tt.pod.Spec.PreemptionPolicy != tt.policy) {
				t.Errorf("got %d, %s", *tt.pod.Spec.Priority, *tt.pod.Spec.PreemptionPolicy)
			}
		})
	}
	global := func(name string) *schedulingv1.PriorityClass {
		return &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: 10, GlobalDefault: true}
	}
	c := change{op: upstream.Create, resource: "priorityclasses", name: "first", obj: global("first")}
	w.judge(t, c, "")
	w.api.Add(global("first"))
	c.name, c.obj = "second", global("second")
	w.judge(t, c, "PriorityClass first is already marked as default. Only one default can exist")
	p := named("")
	if w.judge(t, create(p), ""); p.Spec.PriorityClassName != "first" || *p.Spec.Priority != 10 {
		t.Errorf("the default class was not taken: %+v", p.Spec)
	}
	update := change{op: upstream.Update, resource: "pods", ns: "default", name: "web", obj: pod(), old: p}
	if w.judge(t, update, ""); *update.obj.(*corev1.Pod).Spec.Priority != 10 {
		t.Error("an update lost the priority")
	}
}

func TestRuntimeClass(t *testing.T) {
	fixed := corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Mi")}
	heavy := &nodev1.RuntimeClass{
		ObjectMeta: metav1.ObjectMeta{Name: "heavy"}, Handler: "wasm", Overhead: &nodev1.Overhead{PodFixed: fixed},
		Scheduling: &nodev1.Scheduling{NodeSelector: map[string]string{"disk": "ssd"}, Tolerations: []corev1.Toleration{{Key: "k", Operator: corev1.TolerationOpExists}}},
	}
	w := newWorld(t, "RuntimeClass", heavy, &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "wasm"}, Handler: "wasm"})
	with := func(class string, f ...func(*corev1.Pod)) *corev1.Pod {
		return pod(append(f, func(p *corev1.Pod) { p.Spec.RuntimeClassName = &class })...)
	}
	p := with("heavy", func(p *corev1.Pod) {
		p.Spec.Tolerations = []corev1.Toleration{{Key: "k", Operator: corev1.TolerationOpEqual, Value: "v"}}
	})
	w.judge(t, create(p), "")
	if diff := cmp.Diff(pod(func(p *corev1.Pod) {
		p.Spec.RuntimeClassName, p.Spec.Overhead = ptr.To("heavy"), fixed
		p.Spec.NodeSelector, p.Spec.Tolerations = map[string]string{"disk": "ssd"}, heavy.Scheduling.Tolerations
	}), p); diff != "" {
		t.Error(diff)
	}
	w.judge(t, create(with("wasm")), "")
	w.judge(t, create(pod()), "")
	w.judge(t, create(with("none")), `pods "web" is forbidden: pod rejected: RuntimeClass "none" not found`)
	w.judge(t, create(with("heavy", func(p *corev1.Pod) { p.Spec.NodeSelector = map[string]string{"disk": "hdd"} })), "conflict: runtimeClass.scheduling.nodeSelector[disk] = ssd; pod.spec.nodeSelector[disk] = hdd")
	w.judge(t, create(pod(func(p *corev1.Pod) { p.Spec.Overhead = fixed })), "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
	w.judge(t, create(with("heavy", func(p *corev1.Pod) {
		p.Spec.Overhead = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2Mi")}
	})), "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
}

// onNode is a pod bound to a node; a mirror pod belongs to its node too.
func onNode(node string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.NodeName = node }
}

func mirror(p *corev1.Pod) {
	p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: "n1", UID: "n1-uid", Controller: ptr.To(true)}}
}

func TestNodeRestriction(t *testing.T) {
	mine := pod(onNode("n1"), func(p *corev1.Pod) {
		p.Name, p.UID = "mine", "mine-uid"
		p.Spec.Volumes = []corev1.Volume{{Name: "t", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{}}}}}}}
	})
	other := pod(onNode("n2"), func(p *corev1.Pod) { p.Name, p.UID = "other", "other-uid" })
	w := newWorld(t, "NodeRestriction", mine, other)
	kubelet := &user.DefaultInfo{Name: "system:node:n1", Groups: []string{user.NodesGroup}}
	node := func(f func(*corev1.Node)) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
		f(n)
		return n
	}
	labelled := func(key string) *corev1.Node {
		return node(func(n *corev1.Node) { n.Labels = map[string]string{key: "x"} })
	}
	token := func(pod, uid string, audiences ...string) change {
		req := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences, BoundObjectRef: &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod}}}
		req.Spec.BoundObjectRef.UID = types.UID(uid)
		return change{op: upstream.Create, resource: "serviceaccounts/token", ns: "default", name: "default", obj: req}
	}
	lease := func(ns, name string) change {
		return change{op: upstream.Create, resource: "leases", ns: ns, obj: &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name}}}
	}
	tests := []struct {
		name string
		ask  change
		want string
	}{
		{"a mirror pod", create(pod(onNode("n1"), mirror)), ""},
		{"a pod", create(pod(onNode("n1"))), `pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods`},
		{"a mirror pod elsewhere", create(pod(onNode("n2"), mirror)), `node "n1" can only create pods with spec.nodeName set to itself`},
		{"a mirror pod of nobody", create(pod(onNode("n1"), mirror, func(p *corev1.Pod) { p.OwnerReferences = nil })), `node "n1" can only create pods with an owner reference set to itself`},
		{"a mirror pod of an older node", create(pod(onNode("n1"), mirror, func(p *corev1.Pod) { p.OwnerReferences[0].UID = "old" })), "node n1 UID mismatch: expected old got n1-uid"},
		{"a mirror pod that reads", create(pod(onNode("n1"), mirror, func(p *corev1.Pod) { p.Spec.ServiceAccountName = "default" })), `node "n1" can not create pods that reference serviceaccounts`},
		{"delete its pod", change{op: upstream.Delete, resource: "pods", ns: "default", name: "mine"}, ""},
		{"delete another's", change{op: upstream.Delete, resource: "pods", ns: "default", name: "other"}, `node "n1" can only delete pods with spec.nodeName set to itself`},
		{"its pod's status", change{op: upstream.Update, resource: "pods/status", ns: "default", name: "mine", obj: mine.DeepCopy(), old: mine}, ""},
		{"another's status", change{op: upstream.Update, resource: "pods/status", ns: "default", name: "other", obj: other.DeepCopy(), old: other}, `node "n1" can only update pod status for pods with spec.nodeName set to itself`},
		{"labels through the status", change{op: upstream.Update, resource: "pods/status", ns: "default", name: "mine", obj: pod(onNode("n1"), func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} }), old: mine}, `node "n1" cannot update labels through pod status`},
		{"evict its pod", change{op: upstream.Create, resource: "pods/eviction", ns: "default", name: "mine", obj: &policyv1.Eviction{}}, ""},
		{"evict another's", change{op: upstream.Create, resource: "pods/eviction", ns: "default", name: "other", obj: &policyv1.Eviction{}}, "node n1 can only evict pods with spec.nodeName set to itself"},
		{"exec", change{op: upstream.Create, resource: "pods/exec", ns: "default", name: "mine", obj: &corev1.PodExecOptions{}}, `unexpected pod subresource "exec", only 'status' and 'eviction' are allowed`},
		{"its node", change{op: upstream.Create, resource: "nodes", name: "n1", obj: labelled("kubernetes.io/hostname")}, ""},
		{"another node", change{op: upstream.Create, resource: "nodes", name: "n2", obj: &corev1.Node{}}, `node "n1" is not allowed to modify node "n2"`},
		{"a label of the masters", change{op: upstream.Create, resource: "nodes", name: "n1", obj: labelled("node-role.kubernetes.io/control-plane")}, `node "n1" is not allowed to set the following labels: node-role.kubernetes.io/control-plane`},
		{"a label of its own", change{op: upstream.Update, resource: "nodes", name: "n1", obj: labelled("example.com/a"), old: node(func(*corev1.Node) {})}, ""},
		{"a restricted label", change{op: upstream.Update, resource: "nodes", name: "n1", obj: node(func(*corev1.Node) {}), old: labelled("node-restriction.kubernetes.io/a")}, "is not allowed to modify labels: node-restriction.kubernetes.io/a"},
		{"its taints", change{op: upstream.Update, resource: "nodes", name: "n1", obj: node(func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Key: "a"}} }), old: node(func(*corev1.Node) {})}, `node "n1" is not allowed to modify taints`},
		{"a token for its pod", token("mine", "mine-uid"), ""},
		{"a token for an older pod", token("mine", "old"), "the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated"},
		{"a token for no pod in particular", token("mine", ""), "node requested token with a pod binding without a uid"},
		{"a token for another's pod", token("other", "other-uid"), "node requested token bound to a pod scheduled on a different node"},
		{"a token for somebody else", token("mine", "mine-uid", "vault"), `audience "vault" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience`},
		{"its lease", lease("kube-node-lease", "n1"), ""},
		{"another's lease", lease("kube-node-lease", "n2"), "can only access node lease with the same name as the requesting node"},
		{"the scheduler's lease", lease("kube-system", "n1"), `can only access leases in the "kube-node-lease" system namespace`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.ask.by = kubelet
			w.judge(t, tt.ask, tt.want)
		})
	}
	w.judge(t, create(pod(onNode("n1"))), "") // by jane, who is no node
}
