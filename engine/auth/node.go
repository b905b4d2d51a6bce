package auth

// Upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
)

// Node allows a kubelet what it needs: everything that the role system:node says,
// but secrets, configMaps and service accounts only of pods bound to its node, and
// leases, nodes and pods only its own.
type Node struct {
	graph *graph
	rules []rbacv1.PolicyRule
}

var _ authorizer.Authorizer = (*Node)(nil)

// NewNode returns a Node that follows the pods of informers.
func NewNode(informers *client.Informers, live client.Interface) (*Node, error) {
	g, err := newGraph(informers, live)
	if err != nil {
		return nil, err
	}
	n := &Node{graph: g}
	for _, role := range api.BootstrapPolicy().ClusterRoles {
		if role.Name == "system:node" {
			n.rules = role.Rules
		}
	}
	return n, nil
}

// nodeName returns the node whose kubelet who is.
func nodeName(who user.Info) (name string, isNode bool) {
	if who == nil {
		return "", false
	}
	name, ok := strings.CutPrefix(who.GetName(), "system:node:")
	return name, ok && slices.Contains(who.GetGroups(), user.NodesGroup)
}

// Authorize implements authorizer.Authorizer.
func (n *Node) Authorize(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	node, isNode := nodeName(a.GetUser())
	if !isNode {
		return authorizer.DecisionNoOpinion, "", nil
	}
	if node == "" {
		return authorizer.DecisionNoOpinion, fmt.Sprintf("unknown node for user %q", a.GetUser().GetName()), nil
	}
	ok, reason := n.judge(ctx, node, a)
	if ok {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, reason, nil
}

// judge divides access to some resources; the others are allowed to all nodes.
func (n *Node) judge(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	if a.IsResourceRequest() {
		switch a.GetAPIGroup() + "/" + a.GetResource() {
		case "/secrets", "/configmaps":
			return n.read(ctx, node, a)
		case "/serviceaccounts":
			return n.serviceAccount(ctx, node, a)
		case "coordination.k8s.io/leases":
			return lease(node, a)
		case "/nodes":
			return ownNode(node, a)
		case "/pods":
			return n.pod(ctx, node, a)
		case "/persistentvolumeclaims", "/persistentvolumes", "storage.k8s.io/volumeattachments", "resource.k8s.io/resourceclaims":
			return n.get(ctx, node, a)
		}
	}
	return slices.ContainsFunc(n.rules, func(r rbacv1.PolicyRule) bool { return allows(&r, a) }), ""
}

// read judges who reads one object that a pod may refer to.
func (n *Node) read(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	switch {
	case !slices.Contains([]string{"get", "list", "watch"}, a.GetVerb()):
		return false, "can only read resources of this type"
	case a.GetSubresource() != "":
		return false, "cannot read subresource"
	case a.GetNamespace() == "":
		return false, "can only read namespaced object of this type"
	}
	return n.related(ctx, node, a)
}

func (n *Node) get(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	switch {
	case a.GetVerb() != "get":
		return false, "can only get individual resources of this type"
	case a.GetSubresource() != "":
		return false, "cannot get subresource"
	}
	return n.related(ctx, node, a)
}

// related asks whether a pod of the node refers to the object.
func (n *Node) related(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	if a.GetName() == "" {
		return false, "No Object name found"
	}
	if !n.graph.related(ctx, node, object{a.GetResource(), a.GetNamespace(), a.GetName()}) {
		return false, fmt.Sprintf("no relationship found between node '%s' and this object", node)
	}
	return true, ""
}

// serviceAccount judges who makes a token for a pod, or reads the account.
func (n *Node) serviceAccount(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	switch {
	case a.GetVerb() == "get" && a.GetSubresource() == "":
		return n.read(ctx, node, a)
	case a.GetVerb() != "create" || a.GetName() == "":
		return false, "can only create tokens for individual service accounts"
	case a.GetSubresource() != "token":
		return false, "can only create token subresource of serviceaccount"
	}
	return n.related(ctx, node, a)
}

// lease judges who touches the heartbeat of a node. The name in a create is for
// admission to judge.
func lease(node string, a authorizer.Attributes) (bool, string) {
	switch {
	case !slices.Contains([]string{"get", "create", "update", "patch", "delete"}, a.GetVerb()):
		return false, "can only get, create, update, patch, or delete a node lease"
	case a.GetNamespace() != corev1.NamespaceNodeLease:
		return false, fmt.Sprintf("can only access leases in the %q system namespace", corev1.NamespaceNodeLease)
	case a.GetVerb() != "create" && a.GetName() != node:
		return false, "can only access node lease with the same name as the requesting node"
	}
	return true, ""
}

// ownNode judges who reads or writes Node objects. Whose it writes is for
// admission to judge.
func ownNode(node string, a authorizer.Attributes) (bool, string) {
	verb, sub := a.GetVerb(), a.GetSubresource()
	switch {
	case sub == "" && slices.Contains([]string{"create", "update", "patch"}, verb),
		sub == "status" && slices.Contains([]string{"update", "patch"}, verb):
		return true, ""
	case sub != "" || !slices.Contains([]string{"get", "list", "watch"}, verb):
		return false, ""
	case a.GetName() == node:
		return true, ""
	case a.GetName() == "":
		return false, fmt.Sprintf("node '%s' cannot read all nodes, only its own Node object", node)
	}
	return false, fmt.Sprintf("node '%s' cannot read '%s', only its own Node object", node, a.GetName())
}

// pod judges who touches pods.
func (n *Node) pod(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	verb := a.GetVerb()
	switch sub := a.GetSubresource(); {
	case sub == "" && verb == "get":
		return n.get(ctx, node, a)
	case sub == "" && (verb == "list" || verb == "watch"):
		return n.listPods(ctx, node, a)
	case sub == "" && (verb == "create" || verb == "delete"), // of mirror pods
		sub == "status" && (verb == "update" || verb == "patch"),
		sub == "eviction" && verb == "create":
		return true, ""
	}
	return false, ""
}

func (n *Node) listPods(ctx context.Context, node string, a authorizer.Attributes) (bool, string) {
	reqs, _ := a.GetFieldSelector() // one that can not be parsed has none
	for _, r := range reqs {
		if r.Field == "spec.nodeName" && r.Operator == selection.Equals && r.Value == node {
			return true, ""
		}
	}
	if a.GetName() != "" {
		return n.related(ctx, node, a)
	}
	return false, "can only list/watch pods with spec.nodeName field selector"
}
