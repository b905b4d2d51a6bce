package client

import (
	"fmt"
	"reflect"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	nodev1 "k8s.io/api/node/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A Kind says where in the API the objects of one Go type live.
type Kind struct {
	schema.GroupVersionKind
	Resource   schema.GroupVersionResource
	Namespaced bool
	goType     reflect.Type
}

func kind[T Object](gv schema.GroupVersion, resource string, namespaced bool) Kind {
	t := reflect.TypeFor[T]()
	return Kind{gv.WithKind(t.Elem().Name()), gv.WithResource(resource), namespaced, t}
}

// Kinds returns the kinds that our own parts work with.
func Kinds() []Kind {
	core, apps, rbac := corev1.SchemeGroupVersion, appsv1.SchemeGroupVersion, rbacv1.SchemeGroupVersion
	return []Kind{
		kind[*corev1.Namespace](core, "namespaces", false),
		kind[*corev1.Node](core, "nodes", false),
		kind[*corev1.Pod](core, "pods", true),
		kind[*corev1.Service](core, "services", true),
		kind[*corev1.ConfigMap](core, "configmaps", true),
		kind[*corev1.Secret](core, "secrets", true),
		kind[*corev1.ServiceAccount](core, "serviceaccounts", true),
		kind[*corev1.Event](core, "events", true),
		kind[*corev1.ReplicationController](core, "replicationcontrollers", true),
		kind[*appsv1.ReplicaSet](apps, "replicasets", true),
		kind[*appsv1.Deployment](apps, "deployments", true),
		kind[*appsv1.DaemonSet](apps, "daemonsets", true),
		kind[*appsv1.ControllerRevision](apps, "controllerrevisions", true),
		kind[*discoveryv1.EndpointSlice](discoveryv1.SchemeGroupVersion, "endpointslices", true),
		kind[*coordinationv1.Lease](coordinationv1.SchemeGroupVersion, "leases", true),
		kind[*eventsv1.Event](eventsv1.SchemeGroupVersion, "events", true),
		kind[*schedulingv1.PriorityClass](schedulingv1.SchemeGroupVersion, "priorityclasses", false),
		kind[*nodev1.RuntimeClass](nodev1.SchemeGroupVersion, "runtimeclasses", false),
		kind[*rbacv1.Role](rbac, "roles", true),
		kind[*rbacv1.RoleBinding](rbac, "rolebindings", true),
		kind[*rbacv1.ClusterRole](rbac, "clusterroles", false),
		kind[*rbacv1.ClusterRoleBinding](rbac, "clusterrolebindings", false),
	}
}

var table = sync.OnceValue(func() map[reflect.Type]schema.GroupVersionResource {
	m := map[reflect.Type]schema.GroupVersionResource{}
	for _, k := range Kinds() {
		m[k.goType] = k.Resource
	}
	return m
})

// ResourceOf returns where objects of type T live. It panics on a type that
// Kinds does not name, for that is a mistake in our code.
func ResourceOf[T Object]() schema.GroupVersionResource {
	gvr, ok := table()[reflect.TypeFor[T]()]
	if !ok {
		panic(fmt.Sprintf("client: no resource for %v", reflect.TypeFor[T]()))
	}
	return gvr
}
