package controllermanager

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// thing is a ConfigMap with those owners, each "uid" or, if it blocks them, "uid!".
func thing(name string, owners ...string) *corev1.ConfigMap {
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)}}
	for _, o := range owners {
		block := o[len(o)-1] == '!'
		if block {
			o = o[:len(o)-1]
		}
		cm.OwnerReferences = append(cm.OwnerReferences, metav1.OwnerReference{
			APIVersion: "v1", Kind: "ConfigMap", Name: o, UID: types.UID(o), BlockOwnerDeletion: &block,
		})
	}
	return cm
}

// leaving is cm on its way out, held by a finalizer.
func leaving(cm *corev1.ConfigMap, finalizer string) *corev1.ConfigMap {
	now := metav1.Now()
	cm.DeletionTimestamp, cm.Finalizers = &now, []string{finalizer}
	return cm
}

// left waits until the ConfigMaps are those, each "name" or "name<owner,owner".
func left(t *testing.T, api client.Interface, want ...string) {
	t.Helper()
	until(t, api, "default", func(all []*corev1.ConfigMap) bool {
		var got []string
		for _, cm := range all {
			word := cm.Name
			for _, o := range cm.OwnerReferences {
				word += "<" + o.Name
			}
			got = append(got, word)
		}
		slices.Sort(got)
		return slices.Equal(got, want)
	})
}

func TestGarbage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		things []*corev1.ConfigMap
		want   []string
	}{
		{"without an owner it goes, and so on", []*corev1.ConfigMap{thing("a", "gone"), thing("b", "a"), thing("stays")}, []string{"stays"}},
		{"one owner of two is enough", []*corev1.ConfigMap{thing("owner"), thing("a", "gone", "owner")}, []string{"a<owner", "owner"}},
	} {
		t.Run(tt.name, func(t *testing.T) { collect(t, tt.want, tt.things...) })
	}
}

// collect lets a collector loose on things, and waits until only what is wanted
// is left.
func collect(t *testing.T, want []string, things ...*corev1.ConfigMap) {
	t.Helper()
	var objects []runtime.Object
	for _, cm := range things {
		objects = append(objects, cm)
	}
	left(t, run(t, clock.New(), "garbage-collector-controller", objects...), want...)
}

func TestForeground(t *testing.T) {
	t.Run("dependents go first", func(t *testing.T) {
		collect(t, nil, leaving(thing("owner"), metav1.FinalizerDeleteDependents), thing("a", "owner!"), thing("b", "a!"))
	})
	t.Run("a circle does not wait for itself", func(t *testing.T) {
		collect(t, nil, leaving(thing("a", "b!"), metav1.FinalizerDeleteDependents), thing("b", "a!"))
	})
}

func TestOrphan(t *testing.T) {
	collect(t, []string{"a", "b"}, leaving(thing("owner"), metav1.FinalizerOrphanDependents), thing("a", "owner!"), thing("b", "owner"))
}

// TestANamespacesPodsGoFirst: what a pod uses stays until it is gone.
func TestANamespacesPodsGoFirst(t *testing.T) {
	pod := decode[*corev1.Pod](t, `{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: old, finalizers: [example.com/wait]}, spec: {containers: [{name: c, image: busybox}]}}`)
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "old", Name: "used"}}
	ns := makeNamespace("old")
	ns.Finalizers = []string{"example.com/api"}
	now := metav1.Now()
	ns.DeletionTimestamp, ns.Status.Phase = &now, corev1.NamespaceTerminating
	api := run(t, clock.New(), "namespace-controller", pod, cm, ns)
	one(t, api, "", "old", func(ns *corev1.Namespace) bool {
		return slices.ContainsFunc(ns.Status.Conditions, func(c corev1.NamespaceCondition) bool {
			return c.Message == "Some resources are remaining: pods. has 1 resource instances"
		})
	})
	if _, err := client.For[*corev1.ConfigMap](api).Get(t.Context(), "old", "used"); err != nil {
		t.Errorf("what the pod uses is gone: %v", err)
	}
	if _, err := client.For[*corev1.Pod](api).Patch(t.Context(), "old", "p", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), ""); err != nil {
		t.Fatal(err)
	}
	until(t, api, "old", func(all []*corev1.ConfigMap) bool { return len(all) == 0 })
}

// TestTerminatingReplicas: pods on their way out are counted, and replaced at once.
func TestTerminatingReplicas(t *testing.T) {
	api := run(t, clock.New(), "replicaset-controller", replicaSet(t, 2))
	kubelets(t, api)
	pods := until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 2 })
	fresh, err := client.For[*corev1.Pod](api).Patch(t.Context(), "default", pods[0].Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":["example.com/wait"]}}`), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.For[*corev1.Pod](api).Delete(t.Context(), "default", fresh.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	counted := func(n int32) func(rs *appsv1.ReplicaSet) bool {
		return func(rs *appsv1.ReplicaSet) bool {
			return rs.Status.TerminatingReplicas != nil && *rs.Status.TerminatingReplicas == n && rs.Status.ReadyReplicas == 2
		}
	}
	one(t, api, "default", "rs", counted(1))
	if _, err := client.For[*corev1.Pod](api).Patch(t.Context(), "default", fresh.Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), ""); err != nil {
		t.Fatal(err)
	}
	one(t, api, "default", "rs", counted(0))
}

// TestEventSources: events name controllers as upstream's do.
func TestEventSources(t *testing.T) {
	want := map[string]string{
		"daemonset-controller": "daemonset-controller", "deployment-controller": "deployment-controller", "replicaset-controller": "replicaset-controller",
		"replicationcontroller-controller": "replication-controller", "endpointslice-controller": "endpoint-slice-controller",
		"node-lifecycle-controller": "node-controller", "node-ipam-controller": "cidrAllocator",
		"taint-eviction-controller": "taint-eviction-controller", "garbage-collector-controller": "garbage-collector-controller",
	}
	for _, d := range Controllers() {
		if w, ok := want[d.Name]; ok && eventSource(d) != w {
			t.Errorf("events of %s are from %s, want %s", d.Name, eventSource(d), w)
		}
	}
}
