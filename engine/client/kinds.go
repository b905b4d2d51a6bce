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
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kinds says where in the API the objects of each Go type live.
func kinds() map[reflect.Type]schema.GroupVersionResource {
	core, apps, rbac := corev1.SchemeGroupVersion, appsv1.SchemeGroupVersion, rbacv1.SchemeGroupVersion
	return map[reflect.Type]schema.GroupVersionResource{
		reflect.TypeFor[*corev1.Namespace]():             core.WithResource("namespaces"),
		reflect.TypeFor[*corev1.Node]():                  core.WithResource("nodes"),
		reflect.TypeFor[*corev1.Pod]():                   core.WithResource("pods"),
		reflect.TypeFor[*corev1.Service]():               core.WithResource("services"),
		reflect.TypeFor[*corev1.ConfigMap]():             core.WithResource("configmaps"),
		reflect.TypeFor[*corev1.Secret]():                core.WithResource("secrets"),
		reflect.TypeFor[*corev1.ServiceAccount]():        core.WithResource("serviceaccounts"),
		reflect.TypeFor[*corev1.Event]():                 core.WithResource("events"),
		reflect.TypeFor[*corev1.ReplicationController](): core.WithResource("replicationcontrollers"),
		reflect.TypeFor[*appsv1.ReplicaSet]():            apps.WithResource("replicasets"),
		reflect.TypeFor[*appsv1.Deployment]():            apps.WithResource("deployments"),
		reflect.TypeFor[*appsv1.DaemonSet]():             apps.WithResource("daemonsets"),
		reflect.TypeFor[*appsv1.ControllerRevision]():    apps.WithResource("controllerrevisions"),
		reflect.TypeFor[*discoveryv1.EndpointSlice]():    discoveryv1.SchemeGroupVersion.WithResource("endpointslices"),
		reflect.TypeFor[*coordinationv1.Lease]():         coordinationv1.SchemeGroupVersion.WithResource("leases"),
		reflect.TypeFor[*eventsv1.Event]():               eventsv1.SchemeGroupVersion.WithResource("events"),
		reflect.TypeFor[*nodev1.RuntimeClass]():          nodev1.SchemeGroupVersion.WithResource("runtimeclasses"),
		reflect.TypeFor[*rbacv1.Role]():                  rbac.WithResource("roles"),
		reflect.TypeFor[*rbacv1.RoleBinding]():           rbac.WithResource("rolebindings"),
		reflect.TypeFor[*rbacv1.ClusterRole]():           rbac.WithResource("clusterroles"),
		reflect.TypeFor[*rbacv1.ClusterRoleBinding]():    rbac.WithResource("clusterrolebindings"),
	}
}

var table = sync.OnceValue(kinds)

// ResourceOf returns where objects of type T live. It panics on a type that the
// table above does not name, for that is a mistake in our code.
func ResourceOf[T Object]() schema.GroupVersionResource {
	gvr, ok := table()[reflect.TypeFor[T]()]
	if !ok {
		panic(fmt.Sprintf("client: no resource for %v", reflect.TypeFor[T]()))
	}
	return gvr
}
