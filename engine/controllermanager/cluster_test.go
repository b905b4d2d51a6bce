package controllermanager

import (
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

func makeNamespace(name string) *corev1.Namespace {
	return &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{corev1.FinalizerKubernetes}},
		Status:     corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
	}
}

func TestANamespaceIsFurnished(t *testing.T) {
	api := run(t, clock.New(), "serviceaccount-controller,root-ca-certificate-publisher-controller", makeNamespace("new"))
	one(t, api, "new", "default", func(*corev1.ServiceAccount) bool { return true })
	one(t, api, "new", "kube-root-ca.crt", func(cm *corev1.ConfigMap) bool { return cm.Data["ca.crt"] == "the CA" })
	if err := client.For[*corev1.ServiceAccount](api).Delete(t.Context(), "new", "default", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	one(t, api, "new", "default", func(*corev1.ServiceAccount) bool { return true })
}

func TestNodesGetRanges(t *testing.T) {
	taken := node("taken")
	taken.Spec.PodCIDR = "10.244.0.0/24"
	api := run(t, clock.New(), "node-ipam-controller", taken, node("a"), node("b"))
	nodes := until(t, api, "", func(nodes []*corev1.Node) bool {
		return !slices.ContainsFunc(nodes, func(n *corev1.Node) bool { return n.Spec.PodCIDR == "" })
	})
	seen := map[string]bool{}
	for _, n := range nodes {
		if seen[n.Spec.PodCIDR] {
			t.Errorf("range %s was given twice", n.Spec.PodCIDR)
		}
		seen[n.Spec.PodCIDR] = true
	}
	if !seen["10.244.1.0/24"] || !seen["10.244.2.0/24"] {
		t.Errorf("ranges are %v", seen)
	}
}

func service(t *testing.T) *corev1.Service {
	return decode[*corev1.Service](t, `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default, uid: s1, labels: {team: blue}},
  spec: {clusterIP: 10.96.0.20, selector: {app: a}, ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]}}`)
}

func ready(s *discoveryv1.EndpointSlice) (n int) {
	for _, e := range s.Endpoints {
		if *e.Conditions.Ready {
			n++
		}
	}
	return n
}

func TestAServiceFindsItsPods(t *testing.T) {
	api := run(t, clock.New(), "endpointslice-controller,replicaset-controller", service(t), replicaSet(t, 3))
	placeholder := until(t, api, "default", func(s []*discoveryv1.EndpointSlice) bool { return len(s) == 1 })[0]
	if len(placeholder.Endpoints) != 0 && ready(placeholder) != 0 {
		t.Errorf("endpoints before any pod is ready: %v", placeholder.Endpoints)
	}
	kubelets(t, api)
	three := func(s []*discoveryv1.EndpointSlice) bool { return len(s) == 1 && ready(s[0]) == 3 }
	slice := until(t, api, "default", three)[0]
	if *slice.Ports[0].Port != 8080 || *slice.Ports[0].Name != "http" || slice.Labels["kubernetes.io/service-name"] != "web" || slice.Labels["team"] != "blue" {
		t.Errorf("slice is %+v", slice)
	}
	if err := client.For[*corev1.Pod](api).Delete(t.Context(), "default", slice.Endpoints[0].TargetRef.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, api, "default", func(s []*discoveryv1.EndpointSlice) bool {
		return three(s) && !slices.ContainsFunc(s[0].Endpoints, func(e discoveryv1.Endpoint) bool { return e.TargetRef.UID == slice.Endpoints[0].TargetRef.UID })
	})
}

func TestGarbageIsCollected(t *testing.T) {
	rs := replicaSet(t, 2)
	api := run(t, clock.New(), "replicaset-controller,garbage-collector-controller", rs)
	until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 2 })
	if err := client.For[*appsv1.ReplicaSet](api).Delete(t.Context(), "default", "rs", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 0 })
}

func TestADyingNamespaceIsEmptied(t *testing.T) {
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "old", Name: "left"}}
	held := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "old", Name: "held", Finalizers: []string{"example.com/wait"}}}
	dying := makeNamespace("old")
	dying.Finalizers = []string{"example.com/api"} // the API server of the tests does not know spec.finalizers
	dying.DeletionTimestamp = &metav1.Time{Time: time.Now()}
	dying.Status.Phase = corev1.NamespaceTerminating
	api := run(t, clock.New(), "namespace-controller", cm, held, dying)
	ns := one(t, api, "", "old", func(ns *corev1.Namespace) bool {
		return slices.ContainsFunc(ns.Status.Conditions, func(c corev1.NamespaceCondition) bool {
			return c.Type == corev1.NamespaceFinalizersRemaining && c.Status == corev1.ConditionTrue
		})
	})
	for _, c := range ns.Status.Conditions {
		const want = "Some resources are remaining: configmaps. has 1 resource instances"
		if c.Type == corev1.NamespaceContentRemaining && c.Message != want {
			t.Errorf("message is %q, want %q", c.Message, want)
		}
	}
	fresh, err := client.For[*corev1.ConfigMap](api).Get(t.Context(), "old", "held")
	if err != nil {
		t.Fatal(err)
	}
	fresh = fresh.DeepCopy()
	fresh.Finalizers = nil
	if _, err := client.For[*corev1.ConfigMap](api).Update(t.Context(), fresh); err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	until(t, api, "", func(all []*corev1.Namespace) bool {
		return !slices.ContainsFunc(all, func(n *corev1.Namespace) bool { return n.Name == "old" && len(n.Spec.Finalizers) > 0 })
	})
}

func TestASilentNodeIsTaintedAndEmptied(t *testing.T) {
	clk := clocktesting.NewFakeClock(time.Now())
	silent := node("silent")
	silent.Status.Conditions[0].LastHeartbeatTime = metav1.NewTime(clk.Now())
	pod := decode[*corev1.Pod](t, `{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: default},
  spec: {nodeName: silent, containers: [{name: c, image: busybox}],
    tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]},
  status: {phase: Running, conditions: [{type: Ready, status: "True"}]}}`)
	api := run(t, clk, "node-lifecycle-controller,taint-eviction-controller", silent, node("well"), pod)
	stop := renew(t, api, clk, "well")
	defer stop()
	one(t, api, "", "silent", func(n *corev1.Node) bool {
		return n.Status.Conditions[0].Status == corev1.ConditionUnknown && len(n.Spec.Taints) == 2
	})
	one(t, api, "default", "p", func(p *corev1.Pod) bool { return p.Status.Conditions[0].Status == corev1.ConditionFalse })
	until(t, api, "default", func(pods []*corev1.Pod) bool { return len(pods) == 0 || pods[0].DeletionTimestamp != nil })
	well := one(t, api, "", "well", func(*corev1.Node) bool { return true })
	if len(well.Spec.Taints) != 0 {
		t.Errorf("the node that is well has taints %v", well.Spec.Taints)
	}
}

// renew lets time pass, second by second, in which one node renews its lease.
func renew(t *testing.T, api client.Interface, clk *clocktesting.FakeClock, name string) (stop func()) {
	leases := client.For[*coordinationv1.Lease](api)
	if _, err := leases.Create(t.Context(), &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: name}}); err != nil {
		t.Fatal(err)
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			case <-time.After(time.Millisecond):
			}
			clk.Step(time.Second)
			if l, err := leases.Get(t.Context(), corev1.NamespaceNodeLease, name); err == nil {
				l = l.DeepCopy()
				l.Spec.RenewTime = &metav1.MicroTime{Time: clk.Now()}
				leases.Update(t.Context(), l)
			}
		}
	}()
	return func() { close(quit); <-done }
}

func TestFlags(t *testing.T) {
	for _, tt := range []struct{ name, flag, want string }{
		{"unknown flag", "--colour=red", "unknown flag: --colour"},
		{"unknown controller", "--controllers=nosuch", `"nosuch" is not in the list of known controllers`},
		{"leader election", "--leader-elect=true", "--leader-elect=true: not supported, this control plane has one kube-controller-manager"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseFlags([]string{tt.flag}, nil); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
