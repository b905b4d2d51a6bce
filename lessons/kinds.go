package lessons

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A kind of objects that lessons may watch or set up.
type kind struct {
	schema.GroupVersionKind
	resource   string
	namespaced bool
}

func (k kind) gvr() schema.GroupVersionResource { return k.GroupVersion().WithResource(k.resource) }

// kinds returns what lessons know of the API. Names of resources are unique.
func kinds() []kind {
	var out []kind
	add := func(group, version string, namespaced bool, pairs ...string) {
		for p := range slices.Chunk(pairs, 2) {
			out = append(out, kind{schema.GroupVersionKind{Group: group, Version: version, Kind: p[0]}, p[1], namespaced})
		}
	}
	add("", "v1", true, "Pod", "pods", "Service", "services", "ConfigMap", "configmaps", "Secret", "secrets",
		"ServiceAccount", "serviceaccounts", "Event", "events", "Endpoints", "endpoints",
		"ReplicationController", "replicationcontrollers", "PersistentVolumeClaim", "persistentvolumeclaims",
		"LimitRange", "limitranges", "ResourceQuota", "resourcequotas", "PodTemplate", "podtemplates")
	add("", "v1", false, "Node", "nodes", "Namespace", "namespaces", "PersistentVolume", "persistentvolumes")
	add("apps", "v1", true, "ReplicaSet", "replicasets", "Deployment", "deployments", "DaemonSet", "daemonsets",
		"StatefulSet", "statefulsets", "ControllerRevision", "controllerrevisions")
	add("batch", "v1", true, "Job", "jobs", "CronJob", "cronjobs")
	add("discovery.k8s.io", "v1", true, "EndpointSlice", "endpointslices")
	add("networking.k8s.io", "v1", true, "Ingress", "ingresses", "NetworkPolicy", "networkpolicies")
	add("policy", "v1", true, "PodDisruptionBudget", "poddisruptionbudgets")
	add("autoscaling", "v2", true, "HorizontalPodAutoscaler", "horizontalpodautoscalers")
	add("rbac.authorization.k8s.io", "v1", true, "Role", "roles", "RoleBinding", "rolebindings")
	return out
}

// resourceNamed returns the kind of a resource, as "pods".
func resourceNamed(resource string) (kind, bool) {
	return findKind(func(k kind) bool { return k.resource == resource })
}

// kindOf returns the kind of an object.
func kindOf(gvk schema.GroupVersionKind) (kind, bool) {
	return findKind(func(k kind) bool { return k.GroupVersionKind == gvk })
}

func findKind(is func(kind) bool) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}
