package registry

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kind is what is special about one stored resource.
type kind struct {
	strategy
	views          map[string]strategy // its subresources that show the object
	returnsDeleted bool                // a deletion answers with the object
}

// kinds returns the strategies of all stored resources.
func kinds() map[schema.GroupResource]kind {
	core, apps := resources(""), resources("apps")
	rbac := resources("rbac.authorization.k8s.io")
	return map[schema.GroupResource]kind{
		core("configmaps"): {strategy: configMapStrategy()},
		core("endpoints"):  {strategy: endpointsStrategy()},
		core("events"):     {strategy: eventStrategy()},
		core("namespaces"): {
			strategy: namespaceStrategy(), returnsDeleted: true,
			views: map[string]strategy{"status": namespaceStatusStrategy(), "finalize": namespaceFinalizeStrategy()},
		},
		core("nodes"): {strategy: nodeStrategy(), views: status(nodeStatusStrategy())},
		core("pods"): {
			strategy: podStrategy(), returnsDeleted: true,
			views: map[string]strategy{"status": podStatusStrategy(), "ephemeralcontainers": podEphemeralContainersStrategy()},
		},
		core("replicationcontrollers"): {strategy: replicationControllerStrategy(), views: status(replicationControllerStatusStrategy())},
		core("secrets"):                {strategy: secretStrategy()},
		core("serviceaccounts"):        {strategy: serviceAccountStrategy(), returnsDeleted: true},
		core("services"):               {strategy: serviceStrategy(), views: status(serviceStatusStrategy()), returnsDeleted: true},

		apps("controllerrevisions"): {strategy: controllerRevisionStrategy()},
		apps("daemonsets"):          {strategy: daemonSetStrategy(), views: status(daemonSetStatusStrategy())},
		apps("deployments"):         {strategy: deploymentStrategy(), views: status(deploymentStatusStrategy())},
		apps("replicasets"):         {strategy: replicaSetStrategy(), views: status(replicaSetStatusStrategy())},

		rbac("clusterrolebindings"): {strategy: clusterRoleBindingStrategy()},
		rbac("clusterroles"):        {strategy: clusterRoleStrategy()},
		rbac("rolebindings"):        {strategy: roleBindingStrategy()},
		rbac("roles"):               {strategy: roleStrategy()},

		resources("coordination.k8s.io")("leases"):        {strategy: leaseStrategy()},
		resources("discovery.k8s.io")("endpointslices"):   {strategy: endpointSliceStrategy()},
		resources("node.k8s.io")("runtimeclasses"):        {strategy: runtimeClassStrategy()},
		resources("scheduling.k8s.io")("priorityclasses"): {strategy: priorityClassStrategy()},
	}
}

func resources(group string) func(resource string) schema.GroupResource {
	return func(resource string) schema.GroupResource {
		return schema.GroupResource{Group: group, Resource: resource}
	}
}

func status(s strategy) map[string]strategy { return map[string]strategy{"status": s} }
