package controllermanager

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/controller"
)

func replicaSet(t *testing.T, n int) *appsv1.ReplicaSet {
	return decode[*appsv1.ReplicaSet](t, fmt.Sprintf(`{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: rs, namespace: default, uid: u1},
  spec: {replicas: %d, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: busybox}]}}}}`, n))
}

func living(pods []*corev1.Pod) (n int) {
	for _, p := range pods {
		if p.DeletionTimestamp == nil {
			n++
		}
	}
	return n
}

func TestReplicaSetKeepsItsNumber(t *testing.T) {
	api := run(t, clock.New(), "replicaset-controller", replicaSet(t, 3))
	kubelets(t, api)
	three := func(pods []*corev1.Pod) bool { return living(pods) == 3 }
	pods := until(t, api, "default", three)
	for _, p := range pods {
		if ref := metav1.GetControllerOf(p); ref == nil || ref.UID != "u1" || !*ref.BlockOwnerDeletion || !strings.HasPrefix(p.Name, "rs-") {
			t.Errorf("pod %s has controller %v", p.Name, ref)
		}
	}
	if err := client.For[*corev1.Pod](api).Delete(t.Context(), "default", pods[0].Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, api, "default", func(now []*corev1.Pod) bool {
		return living(now) == 3 && !slices.ContainsFunc(now, func(p *corev1.Pod) bool { return p.Name == pods[0].Name })
	})
	rs := one(t, api, "default", "rs", func(rs *appsv1.ReplicaSet) bool { return rs.Status.AvailableReplicas == 3 })
	if rs.Status.ReadyReplicas != 3 || rs.Status.FullyLabeledReplicas != 3 {
		t.Errorf("status is %+v", rs.Status)
	}
	patch(t, api, "rs", `{"spec":{"replicas":1}}`)
	until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 1 })
}

func patch(t *testing.T, api client.Interface, name, data string) {
	t.Helper()
	if _, err := client.For[*appsv1.ReplicaSet](api).Patch(t.Context(), "default", name, types.MergePatchType, []byte(data), ""); err != nil {
		t.Fatal(err)
	}
}

func TestReplicaSetAdoptsAndReleases(t *testing.T) {
	orphan := decode[*corev1.Pod](t, `{apiVersion: v1, kind: Pod, metadata: {name: orphan, namespace: default, labels: {app: a}}, spec: {containers: [{name: c, image: busybox}]}}`)
	api := run(t, clock.New(), "replicaset-controller", orphan, replicaSet(t, 1))
	kubelets(t, api)
	one(t, api, "default", "orphan", func(p *corev1.Pod) bool { return metav1.GetControllerOf(p) != nil })
	if _, err := client.For[*corev1.Pod](api).Patch(t.Context(), "default", "orphan", types.MergePatchType, []byte(`{"metadata":{"labels":{"app":"b"}}}`), ""); err != nil {
		t.Fatal(err)
	}
	one(t, api, "default", "orphan", func(p *corev1.Pod) bool { return metav1.GetControllerOf(p) == nil })
	until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 2 })
}

func TestReplicationControllerIsAReplicaSetByAnotherName(t *testing.T) {
	rc := decode[*corev1.ReplicationController](t, `{apiVersion: v1, kind: ReplicationController, metadata: {name: rc, namespace: default, uid: u1},
  spec: {replicas: 2, selector: {app: a}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: busybox}]}}}}`)
	api := run(t, clock.New(), "replicationcontroller-controller", rc)
	kubelets(t, api)
	one(t, api, "default", "rc", func(rc *corev1.ReplicationController) bool { return rc.Status.AvailableReplicas == 2 })
}

func makeDeployment(t *testing.T, n int, image string) *appsv1.Deployment {
	return decode[*appsv1.Deployment](t, fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: default, uid: d1, generation: 1},
  spec: {replicas: %d, selector: {matchLabels: {app: web}}, progressDeadlineSeconds: 600, revisionHistoryLimit: 10,
    strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}},
    template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: %q}]}}}}`, n, image))
}

func rolledOut(n int32) func(*appsv1.Deployment) bool {
	return func(d *appsv1.Deployment) bool {
		s := d.Status
		return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == n && s.Replicas == n && s.AvailableReplicas == n
	}
}

func images(pods []*corev1.Pod) (out []string) {
	for _, p := range pods {
		if p.DeletionTimestamp == nil {
			out = append(out, p.Spec.Containers[0].Image)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestDeploymentRollsForwardAndBack(t *testing.T) {
	api := run(t, clock.New(), "deployment-controller,replicaset-controller", makeDeployment(t, 3, "web:1"))
	kubelets(t, api)
	d := one(t, api, "default", "web", rolledOut(3))
	if d.Annotations["deployment.kubernetes.io/revision"] != "1" {
		t.Errorf("revision is %q, want 1", d.Annotations["deployment.kubernetes.io/revision"])
	}
	setImage(t, api, "web:2")
	d = one(t, api, "default", "web", func(d *appsv1.Deployment) bool {
		return rolledOut(3)(d) && d.Annotations["deployment.kubernetes.io/revision"] == "2"
	})
	until(t, api, "default", func(pods []*corev1.Pod) bool { return cmp.Equal(images(pods), []string{"web:2"}) })
	for _, c := range d.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			t.Errorf("condition %s is %s: %s", c.Type, c.Status, c.Message)
		}
	}
	setImage(t, api, "web:1") // undo is putting the old template back
	one(t, api, "default", "web", func(d *appsv1.Deployment) bool {
		return rolledOut(3)(d) && d.Annotations["deployment.kubernetes.io/revision"] == "3"
	})
	sets := until(t, api, "default", func(sets []*appsv1.ReplicaSet) bool { return len(sets) == 2 })
	for _, rs := range sets {
		if rs.Annotations["deployment.kubernetes.io/revision"] == "3" && rs.Annotations["deployment.kubernetes.io/revision-history"] != "1" {
			t.Errorf("the old set has history %q, want 1", rs.Annotations["deployment.kubernetes.io/revision-history"])
		}
	}
}

func setImage(t *testing.T, api client.Interface, image string) {
	t.Helper()
	_, err := client.For[*appsv1.Deployment](api).Patch(t.Context(), "default", "web", types.StrategicMergePatchType,
		[]byte(fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`, image)), "")
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeploymentRecreates(t *testing.T) {
	d := makeDeployment(t, 2, "web:1")
	d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	api := run(t, clock.New(), "deployment-controller,replicaset-controller", d)
	kubelets(t, api)
	one(t, api, "default", "web", rolledOut(2))
	setImage(t, api, "web:2")
	until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 2 && cmp.Equal(images(pods), []string{"web:2"}) })
}

func node(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
	}}
}

func TestDaemonSetOnePodANode(t *testing.T) {
	ds := decode[*appsv1.DaemonSet](t, `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ds, namespace: default, uid: u1},
  spec: {selector: {matchLabels: {app: a}}, updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1, maxSurge: 0}},
    template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: "a:1"}]}}}}`)
	tainted := node("tainted")
	tainted.Spec.Taints = []corev1.Taint{{Key: "k", Effect: corev1.TaintEffectNoSchedule}}
	api := run(t, clock.New(), "daemonset-controller", ds, node("n1"), node("n2"), tainted)
	kubelets(t, api)
	one(t, api, "default", "ds", func(ds *appsv1.DaemonSet) bool {
		return ds.Status.NumberAvailable == 2 && ds.Status.DesiredNumberScheduled == 2
	})
	if _, err := client.For[*corev1.Node](api).Create(t.Context(), node("n3")); err != nil {
		t.Fatal(err)
	}
	one(t, api, "default", "ds", func(ds *appsv1.DaemonSet) bool { return ds.Status.NumberAvailable == 3 })
	_, err := client.For[*appsv1.DaemonSet](api).Patch(t.Context(), "default", "ds", types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"a:2"}]}}}}`), "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, api, "default", func(pods []*corev1.Pod) bool { return living(pods) == 3 && cmp.Equal(images(pods), []string{"a:2"}) })
	revisions := until(t, api, "default", func(rs []*appsv1.ControllerRevision) bool { return len(rs) == 2 })
	if slices.MaxFunc(revisions, func(a, b *appsv1.ControllerRevision) int { return int(a.Revision - b.Revision) }).Revision != 2 {
		t.Error("the new template is not revision 2")
	}
}

func TestTemplateHash(t *testing.T) {
	a, b := makeDeployment(t, 1, "web:1"), makeDeployment(t, 9, "web:1")
	if controller.TemplateHash(&a.Spec.Template, nil) != controller.TemplateHash(&b.Spec.Template, nil) {
		t.Error("the same template has two hashes")
	}
	if controller.TemplateHash(&a.Spec.Template, nil) == controller.TemplateHash(&a.Spec.Template, new(int32)) {
		t.Error("a collision does not change the hash")
	}
}
