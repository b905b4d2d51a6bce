package auth_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// podOn is a pod bound to node that uses a bit of everything, named after it.
func podOn(node, name string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: meta("default", name), Spec: corev1.PodSpec{
		NodeName: node, ServiceAccountName: name + "-sa",
		ImagePullSecrets: []corev1.LocalObjectReference{{Name: name + "-pull"}},
		InitContainers: []corev1.Container{{EnvFrom: []corev1.EnvFromSource{
			{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: name + "-envfrom"}}},
		}}},
		Containers: []corev1.Container{{Env: []corev1.EnvVar{{ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name + "-env"}},
		}}}}},
		Volumes: []corev1.Volume{
			{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name + "-volume"}}},
			{VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
				{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: name + "-projected"}}},
			}}}},
		},
	}}
}

func mirror(p *corev1.Pod) *corev1.Pod {
	p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	return p
}

func TestNode(t *testing.T) {
	objects := []runtime.Object{podOn("n1", "mine"), podOn("n2", "other"), mirror(podOn("n1", "static")), podOn("", "pending")}
	w := newWorld(t, objects...)
	type ask struct{ verb, group, what, sub, ns, name, node string }
	tests := []struct {
		name   string
		ask    ask
		want   bool
		reason string
	}{
		{"pull secret", ask{verb: "get", what: "secrets", ns: "default", name: "mine-pull"}, true, ""},
		{"secret in the environment", ask{verb: "watch", what: "secrets", ns: "default", name: "mine-env"}, true, ""},
		{"secret in a volume", ask{verb: "get", what: "secrets", ns: "default", name: "mine-volume"}, true, ""},
		{"config map of an init container", ask{verb: "list", what: "configmaps", ns: "default", name: "mine-envfrom"}, true, ""},
		{"projected config map", ask{verb: "get", what: "configmaps", ns: "default", name: "mine-projected"}, true, ""},
		{"secret of another node", ask{verb: "get", what: "secrets", ns: "default", name: "other-pull"}, false, "no relationship found between node 'n1' and this object"},
		{"secret of a pending pod", ask{verb: "get", what: "secrets", ns: "default", name: "pending-pull"}, false, "no relationship found between node 'n1' and this object"},
		{"secret of a mirror pod", ask{verb: "get", what: "secrets", ns: "default", name: "static-pull"}, false, "no relationship found between node 'n1' and this object"},
		{"secret of another namespace", ask{verb: "get", what: "secrets", ns: "prod", name: "mine-pull"}, false, "no relationship found between node 'n1' and this object"},
		{"all secrets", ask{verb: "list", what: "secrets", ns: "default"}, false, "No Object name found"},
		{"all secrets everywhere", ask{verb: "list", what: "secrets"}, false, "can only read namespaced object of this type"},
		{"write a secret", ask{verb: "update", what: "secrets", ns: "default", name: "mine-pull"}, false, "can only read resources of this type"},
		{"token of its pod", ask{verb: "create", what: "serviceaccounts", sub: "token", ns: "default", name: "mine-sa"}, true, ""},
		{"token of another's pod", ask{verb: "create", what: "serviceaccounts", sub: "token", ns: "default", name: "other-sa"}, false, "no relationship found between node 'n1' and this object"},
		{"account of its pod", ask{verb: "get", what: "serviceaccounts", ns: "default", name: "mine-sa"}, true, ""},
		{"a new account", ask{verb: "create", what: "serviceaccounts", ns: "default", name: "x"}, false, "can only create token subresource of serviceaccount"},
		{"its lease", ask{verb: "update", group: "coordination.k8s.io", what: "leases", ns: "kube-node-lease", name: "n1"}, true, ""},
		{"a new lease", ask{verb: "create", group: "coordination.k8s.io", what: "leases", ns: "kube-node-lease"}, true, ""},
		{"another's lease", ask{verb: "update", group: "coordination.k8s.io", what: "leases", ns: "kube-node-lease", name: "n2"}, false, "can only access node lease with the same name as the requesting node"},
		{"the scheduler's lease", ask{verb: "get", group: "coordination.k8s.io", what: "leases", ns: "kube-system", name: "kube-scheduler"}, false, `can only access leases in the "kube-node-lease" system namespace`},
		{"its node", ask{verb: "get", what: "nodes", name: "n1"}, true, ""},
		{"its node's status", ask{verb: "patch", what: "nodes", sub: "status", name: "n1"}, true, ""},
		{"another node", ask{verb: "get", what: "nodes", name: "n2"}, false, "node 'n1' cannot read 'n2', only its own Node object"},
		{"all nodes", ask{verb: "list", what: "nodes"}, false, "node 'n1' cannot read all nodes, only its own Node object"},
		{"delete its node", ask{verb: "delete", what: "nodes", name: "n1"}, false, ""},
		{"its pod", ask{verb: "get", what: "pods", ns: "default", name: "mine"}, true, ""},
		{"its mirror pod", ask{verb: "get", what: "pods", ns: "default", name: "static"}, true, ""},
		{"another's pod", ask{verb: "get", what: "pods", ns: "default", name: "other"}, false, "no relationship found between node 'n1' and this object"},
		{"its pods", ask{verb: "watch", what: "pods", node: "n1"}, true, ""},
		{"another's pods", ask{verb: "watch", what: "pods", node: "n2"}, false, "can only list/watch pods with spec.nodeName field selector"},
		{"all pods", ask{verb: "list", what: "pods"}, false, "can only list/watch pods with spec.nodeName field selector"},
		{"a pod's status", ask{verb: "patch", what: "pods", sub: "status", ns: "default", name: "mine"}, true, ""},
		{"exec", ask{verb: "create", what: "pods", sub: "exec", ns: "default", name: "mine"}, false, ""},
		{"services", ask{verb: "list", what: "services"}, true, ""},
		{"events", ask{verb: "create", what: "events", ns: "default"}, true, ""},
		{"deployments", ask{verb: "list", group: "apps", what: "deployments"}, false, ""},
	}
	kubelet := who("system:node:n1", user.NodesGroup)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := authorizer.AttributesRecord{User: kubelet, Verb: tt.ask.verb, APIGroup: tt.ask.group, Resource: tt.ask.what, Subresource: tt.ask.sub, Namespace: tt.ask.ns, Name: tt.ask.name, ResourceRequest: true}
			if tt.ask.node != "" {
				a.FieldSelectorRequirements = fields.OneTermEqualSelector("spec.nodeName", tt.ask.node).Requirements()
			}
			if got, reason := w.can(t, a); got != tt.want || reason != tt.reason {
				t.Errorf("got %v, %q", got, reason)
			}
		})
	}
	for name, u := range map[string]user.Info{"a user of that name": who("system:node:n1"), "another member": who("jane", user.NodesGroup)} {
		if got, _ := w.can(t, authorizer.AttributesRecord{User: u, Verb: "get", Resource: "nodes", Name: "n1", ResourceRequest: true}); got {
			t.Errorf("%s is taken for a node", name)
		}
	}
}

// TestNodeKnowsAtOnce: the kubelet may ask for what a new pod needs before the
// informer has seen the pod; and when the pod is gone, so is the right.
func TestNodeKnowsAtOnce(t *testing.T) {
	w := newWorld(t)
	ask := authorizer.AttributesRecord{User: who("system:node:n1", user.NodesGroup), Verb: "get", Resource: "secrets", Namespace: "default", Name: "new-env", ResourceRequest: true}
	if got, _ := w.can(t, ask); got {
		t.Fatal("allowed before there is a pod")
	}
	w.api.Add(podOn("n1", "new"))
	if got, reason := w.can(t, ask); !got {
		t.Errorf("refused right after the pod was bound: %s", reason)
	}
}
