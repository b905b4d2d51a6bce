package admission

// Upstream: plugin/pkg/admission/noderestriction/admission.go

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	kubeletapis "k8s.io/kubelet/pkg/apis"

	"kubergarten/engine/client"
)

// nodeRestriction lets a kubelet write only its own node, its own lease, and the
// pods that are bound to it.
type nodeRestriction struct {
	*admission.Handler
	pods  client.Of[*corev1.Pod]
	nodes client.Of[*corev1.Node]
}

var _ admission.MutationInterface = nodeRestriction{}

func newNodeRestriction(cfg Config) admission.Interface {
	return nodeRestriction{
		admission.NewHandler(admission.Create, admission.Update, admission.Delete),
		client.For[*corev1.Pod](cfg.API), client.For[*corev1.Node](cfg.API),
	}
}

// Admit implements admission.MutationInterface.
func (p nodeRestriction) Admit(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	who := a.GetUserInfo()
	node, ok := strings.CutPrefix(who.GetName(), "system:node:")
	if !ok || !slices.Contains(who.GetGroups(), user.NodesGroup) {
		return nil
	}
	if node == "" {
		return admission.NewForbidden(a, fmt.Errorf("could not determine node from user %q", who.GetName()))
	}
	switch a.GetResource().Group + "/" + a.GetResource().Resource {
	case "/pods":
		return p.pod(ctx, node, a)
	case "/nodes":
		return p.node(node, a)
	case "/serviceaccounts":
		return p.token(ctx, node, a)
	case "coordination.k8s.io/leases":
		return lease(node, a)
	}
	return nil
}

// node lets a kubelet register and label its node, but neither taint it nor give
// it labels that would draw pods to it.
func (nodeRestriction) node(name string, a admission.Attributes) error {
	if a.GetName() != name {
		return admission.NewForbidden(a, fmt.Errorf("node %q is not allowed to modify node %q", name, a.GetName()))
	}
	if a.GetOperation() == admission.Delete {
		return nil
	}
	node, ok := a.GetObject().(*corev1.Node)
	if !ok {
		return unexpected(a, a.GetObject())
	}
	if a.GetOperation() == admission.Create {
		if bad := forbiddenLabels(node.Labels, nil); len(bad) > 0 {
			return admission.NewForbidden(a, fmt.Errorf("node %q is not allowed to set the following labels: %s", name, strings.Join(bad, ", ")))
		}
		return nil
	}
	old, ok := a.GetOldObject().(*corev1.Node)
	switch {
	case !ok:
		return unexpected(a, a.GetOldObject())
	case !apiequality.Semantic.DeepEqual(node.Spec.Taints, old.Spec.Taints):
		return admission.NewForbidden(a, fmt.Errorf("node %q is not allowed to modify taints", name))
	case !apiequality.Semantic.DeepEqual(node.OwnerReferences, old.OwnerReferences):
		return admission.NewForbidden(a, fmt.Errorf("node %q is not allowed to modify ownerReferences", name))
	}
	if bad := forbiddenLabels(node.Labels, old.Labels); len(bad) > 0 {
		return admission.NewForbidden(a, fmt.Errorf("is not allowed to modify labels: %s", strings.Join(bad, ", ")))
	}
	return nil
}

// forbiddenLabels returns the keys that differ between a and b, but may not.
func forbiddenLabels(a, b map[string]string) []string {
	bad := sets.New[string]()
	for _, m := range []map[string]string{a, b} {
		for key := range m {
			x, inA := a[key]
			y, inB := b[key]
			if (inA != inB || x != y) && forbiddenLabel(key) {
				bad.Insert(key)
			}
		}
	}
	return sets.List(bad)
}

func forbiddenLabel(key string) bool {
	domain, _, ok := strings.Cut(key, "/")
	if !ok {
		return false
	}
	within := func(parent string) bool { return domain == parent || strings.HasSuffix(domain, "."+parent) }
	return within(corev1.LabelNamespaceNodeRestriction) || (within("kubernetes.io") || within("k8s.io")) && !kubeletapis.IsKubeletLabel(key)
}

// lease lets a kubelet renew its own lease.
func lease(node string, a admission.Attributes) error {
	if a.GetNamespace() != corev1.NamespaceNodeLease {
		return admission.NewForbidden(a, fmt.Errorf("can only access leases in the %q system namespace", corev1.NamespaceNodeLease))
	}
	name := a.GetName()
	if a.GetOperation() == admission.Create {
		l, ok := a.GetObject().(*coordinationv1.Lease)
		if !ok {
			return unexpected(a, a.GetObject())
		}
		name = l.Name
	}
	if name != node {
		return admission.NewForbidden(a, errors.New("can only access node lease with the same name as the requesting node"))
	}
	return nil
}

// token lets a kubelet ask for the tokens that its pods mount.
func (p nodeRestriction) token(ctx context.Context, node string, a admission.Attributes) error {
	if a.GetOperation() != admission.Create || a.GetSubresource() != "token" {
		return nil
	}
	req, ok := a.GetObject().(*authenticationv1.TokenRequest)
	if !ok {
		return unexpected(a, a.GetObject())
	}
	ref := req.Spec.BoundObjectRef
	switch {
	case ref == nil || ref.APIVersion != "v1" || ref.Kind != "Pod" || ref.Name == "":
		return admission.NewForbidden(a, errors.New("node requested token not bound to a pod"))
	case ref.UID == "":
		return admission.NewForbidden(a, errors.New("node requested token with a pod binding without a uid"))
	}
	pod, err := p.pods.Get(ctx, a.GetNamespace(), ref.Name)
	switch {
	case apierrors.IsNotFound(err):
		return err
	case err != nil:
		return admission.NewForbidden(a, err)
	case ref.UID != pod.UID:
		return admission.NewForbidden(a, fmt.Errorf("the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID))
	case pod.Spec.NodeName != node:
		return admission.NewForbidden(a, errors.New("node requested token bound to a pod scheduled on a different node"))
	}
	if err := audienceOf(pod, a.GetUserInfo().GetName(), req.Spec.Audiences); err != nil {
		return admission.NewForbidden(a, err)
	}
	return nil
}

// audienceOf fails unless a volume of pod asks for a token for audiences.
func audienceOf(pod *corev1.Pod, who string, audiences []string) error {
	want := ""
	switch len(audiences) {
	case 0:
	case 1:
		want = audiences[0]
	default:
		return errors.New("node may only request 0 or 1 audiences")
	}
	for _, v := range pod.Spec.Volumes {
		if v.Projected != nil && slices.ContainsFunc(v.Projected.Sources, func(s corev1.VolumeProjection) bool {
			return s.ServiceAccountToken != nil && s.ServiceAccountToken.Audience == want
		}) {
			return nil
		}
	}
	return fmt.Errorf("audience %q not found in pod spec volume, %s is not authorized to request tokens for this audience", want, who)
}
