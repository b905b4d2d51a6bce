package api

import (
	"slices"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Resources returns the table of contents of the API, core group first, in the
// order of discovery. The slice is shared: do not change it.
func Resources() []Resource { return resources() }

var resources = sync.OnceValue(func() []Resource {
	return slices.Concat(coreResources(), appsResources(), eventsResources(), authResources(),
		rbacResources(), otherResources())
})

func coreResources() []Resource {
	g := group{"", "v1"}
	return []Resource{
		g.answered("Binding", "bindings", true, obj[corev1.Binding]),
		g.stored("ConfigMap", "configmaps", "/configmaps", obj[corev1.ConfigMap], obj[corev1.ConfigMapList]).names("cm"),
		//lint:ignore SA1019 they are still served
		g.stored("Endpoints", "endpoints", "/services/endpoints", obj[corev1.Endpoints], obj[corev1.EndpointsList]).singular("endpoints").names("ep"),
		g.stored("Event", "events", "/events", obj[corev1.Event], obj[corev1.EventList]).names("ev").attrs(eventAttrs()),
		g.stored("Namespace", "namespaces", "/namespaces", obj[corev1.Namespace], obj[corev1.NamespaceList]).cluster().names("ns").attrs(namespaceAttrs()).
			without("deletecollection").sub(g.view("Namespace", "finalize", obj[corev1.Namespace], "update"), g.status("Namespace", obj[corev1.Namespace])),
		g.stored("Node", "nodes", "/minions", obj[corev1.Node], obj[corev1.NodeList]).cluster().names("no").attrs(nodeAttrs()).
			sub(g.view("NodeProxyOptions", "proxy", obj[corev1.NodeProxyOptions], "create", "delete", "get", "patch", "update"), g.status("Node", obj[corev1.Node])),
		g.stored("Pod", "pods", "/pods", obj[corev1.Pod], obj[corev1.PodList]).names("po").all().attrs(podAttrs()).sub(podSubresources(g)...),
		g.stored("ReplicationController", "replicationcontrollers", "/controllers", obj[corev1.ReplicationController], obj[corev1.ReplicationControllerList]).
			names("rc").all().attrs(controllerAttrs()).sub(scale(), g.status("ReplicationController", obj[corev1.ReplicationController])),
		g.stored("Secret", "secrets", "/secrets", obj[corev1.Secret], obj[corev1.SecretList]).attrs(secretAttrs()),
		g.stored("ServiceAccount", "serviceaccounts", "/serviceaccounts", obj[corev1.ServiceAccount], obj[corev1.ServiceAccountList]).names("sa").
			sub(Subresource{"token", "authentication.k8s.io", "v1", "TokenRequest", []string{"create"}, obj[authenticationv1.TokenRequest]}),
		g.stored("Service", "services", "/services/specs", obj[corev1.Service], obj[corev1.ServiceList]).names("svc").all().attrs(serviceAttrs()).
			sub(g.status("Service", obj[corev1.Service])),
	}
}

func podSubresources(g group) []Subresource {
	return []Subresource{
		g.view("PodAttachOptions", "attach", obj[corev1.PodAttachOptions], "create", "get"),
		g.view("Binding", "binding", obj[corev1.Binding], "create"),
		g.view("Pod", "ephemeralcontainers", obj[corev1.Pod], "get", "patch", "update"),
		{"eviction", "policy", "v1", "Eviction", []string{"create"}, obj[policyv1.Eviction]},
		g.view("PodExecOptions", "exec", obj[corev1.PodExecOptions], "create", "get"),
		g.view("Pod", "log", obj[corev1.Pod], "get"),
		g.view("PodPortForwardOptions", "portforward", obj[corev1.PodPortForwardOptions], "create", "get"),
		g.status("Pod", obj[corev1.Pod]),
	}
}

func appsResources() []Resource {
	g := group{"apps", "v1"}
	return []Resource{
		g.stored("ControllerRevision", "controllerrevisions", "/controllerrevisions", obj[appsv1.ControllerRevision], obj[appsv1.ControllerRevisionList]),
		g.stored("DaemonSet", "daemonsets", "/daemonsets", obj[appsv1.DaemonSet], obj[appsv1.DaemonSetList]).names("ds").all().
			sub(g.status("DaemonSet", obj[appsv1.DaemonSet])),
		g.stored("Deployment", "deployments", "/deployments", obj[appsv1.Deployment], obj[appsv1.DeploymentList]).names("deploy").all().
			sub(scale(), g.status("Deployment", obj[appsv1.Deployment])),
		g.stored("ReplicaSet", "replicasets", "/replicasets", obj[appsv1.ReplicaSet], obj[appsv1.ReplicaSetList]).names("rs").all().attrs(replicaSetAttrs()).
			sub(scale(), g.status("ReplicaSet", obj[appsv1.ReplicaSet])),
	}
}

func eventsResources() []Resource {
	g := group{"events.k8s.io", "v1"}
	return []Resource{
		g.stored("Event", "events", "/events", obj[eventsv1.Event], obj[eventsv1.EventList]).names("ev").attrs(eventAttrs()),
	}
}

func authResources() []Resource {
	n, z := group{"authentication.k8s.io", "v1"}, group{"authorization.k8s.io", "v1"}
	return []Resource{
		n.answered("SelfSubjectReview", "selfsubjectreviews", false, obj[authenticationv1.SelfSubjectReview]),
		n.answered("TokenReview", "tokenreviews", false, obj[authenticationv1.TokenReview]),
		z.answered("LocalSubjectAccessReview", "localsubjectaccessreviews", true, obj[authorizationv1.LocalSubjectAccessReview]),
		z.answered("SelfSubjectAccessReview", "selfsubjectaccessreviews", false, obj[authorizationv1.SelfSubjectAccessReview]),
		z.answered("SelfSubjectRulesReview", "selfsubjectrulesreviews", false, obj[authorizationv1.SelfSubjectRulesReview]),
		z.answered("SubjectAccessReview", "subjectaccessreviews", false, obj[authorizationv1.SubjectAccessReview]),
	}
}

func rbacResources() []Resource {
	g := group{"rbac.authorization.k8s.io", "v1"}
	return []Resource{
		g.stored("ClusterRoleBinding", "clusterrolebindings", "/clusterrolebindings", obj[rbacv1.ClusterRoleBinding], obj[rbacv1.ClusterRoleBindingList]).cluster(),
		g.stored("ClusterRole", "clusterroles", "/clusterroles", obj[rbacv1.ClusterRole], obj[rbacv1.ClusterRoleList]).cluster(),
		g.stored("RoleBinding", "rolebindings", "/rolebindings", obj[rbacv1.RoleBinding], obj[rbacv1.RoleBindingList]),
		g.stored("Role", "roles", "/roles", obj[rbacv1.Role], obj[rbacv1.RoleList]),
	}
}

func otherResources() []Resource {
	s, c, n, d := group{"scheduling.k8s.io", "v1"}, group{"coordination.k8s.io", "v1"}, group{"node.k8s.io", "v1"}, group{"discovery.k8s.io", "v1"}
	return []Resource{
		s.stored("PriorityClass", "priorityclasses", "/priorityclasses", obj[schedulingv1.PriorityClass], obj[schedulingv1.PriorityClassList]).
			cluster().singular("priorityclass").names("pc"),
		c.stored("Lease", "leases", "/leases", obj[coordinationv1.Lease], obj[coordinationv1.LeaseList]),
		n.stored("RuntimeClass", "runtimeclasses", "/runtimeclasses", obj[nodev1.RuntimeClass], obj[nodev1.RuntimeClassList]).
			cluster().singular("runtimeclass"),
		d.stored("EndpointSlice", "endpointslices", "/endpointslices", obj[discoveryv1.EndpointSlice], obj[discoveryv1.EndpointSliceList]),
	}
}

// scale is the subresource of everything that has replicas.
func scale() Subresource {
	return Subresource{"scale", "autoscaling", "v1", "Scale", []string{"get", "patch", "update"}, obj[autoscalingv1.Scale]}
}

// obj returns a new T as an object.
func obj[T any, P interface {
	*T
	runtime.Object
}]() runtime.Object {
	return P(new(T))
}
