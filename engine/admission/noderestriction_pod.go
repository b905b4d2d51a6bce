package admission

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/admission"

	"kubergarten/engine/api"
)

// pod lets a kubelet make mirror pods, write the status of its pods, evict and
// delete them.
func (p nodeRestriction) pod(ctx context.Context, node string, a admission.Attributes) error {
	switch op := a.GetOperation(); {
	case a.GetSubresource() == "" && op == admission.Create:
		return p.mirror(ctx, node, a)
	case a.GetSubresource() == "" && op == admission.Delete:
		return p.owned(ctx, a, a.GetName(), node, fmt.Errorf("node %q can only delete pods with spec.nodeName set to itself", node))
	case a.GetSubresource() == "":
		return admission.NewForbidden(a, fmt.Errorf("unexpected operation %q, node %q can only create and delete mirror pods", op, node))
	case a.GetSubresource() == "status" && op == admission.Update:
		return podStatus(node, a)
	case a.GetSubresource() == "eviction" && op == admission.Create:
		return p.eviction(ctx, node, a)
	case a.GetSubresource() == "status" || a.GetSubresource() == "eviction":
		return admission.NewForbidden(a, fmt.Errorf("unexpected operation %q", op))
	}
	return admission.NewForbidden(a, fmt.Errorf("unexpected pod subresource %q, only 'status' and 'eviction' are allowed", a.GetSubresource()))
}

// owned fails with otherwise unless the pod is bound to node.
func (p nodeRestriction) owned(ctx context.Context, a admission.Attributes, name, node string, otherwise error) error {
	pod, err := p.pods.Get(ctx, a.GetNamespace(), name)
	switch {
	case apierrors.IsNotFound(err):
		return err
	case err != nil:
		return admission.NewForbidden(a, err)
	case pod.Spec.NodeName != node:
		return admission.NewForbidden(a, otherwise)
	}
	return nil
}

func (p nodeRestriction) eviction(ctx context.Context, node string, a admission.Attributes) error {
	name := a.GetName()
	if e, ok := a.GetObject().(*policyv1.Eviction); !ok {
		return unexpected(a, a.GetObject())
	} else if name == "" {
		name = e.Name
	}
	if name == "" {
		return admission.NewForbidden(a, errors.New("could not determine pod from request data"))
	}
	return p.owned(ctx, a, name, node, fmt.Errorf("node %s can only evict pods with spec.nodeName set to itself", node))
}

func podStatus(node string, a admission.Attributes) error {
	old, ok := a.GetOldObject().(*corev1.Pod)
	if !ok {
		return unexpected(a, a.GetOldObject())
	}
	pod, ok := a.GetObject().(*corev1.Pod)
	switch {
	case old.Spec.NodeName != node:
		return admission.NewForbidden(a, fmt.Errorf("node %q can only update pod status for pods with spec.nodeName set to itself", node))
	case !ok:
		return unexpected(a, a.GetObject())
	case !labels.Equals(old.Labels, pod.Labels):
		return admission.NewForbidden(a, fmt.Errorf("node %q cannot update labels through pod status", node))
	case !apiequality.Semantic.DeepEqual(old.Status.ResourceClaimStatuses, pod.Status.ResourceClaimStatuses):
		return admission.NewForbidden(a, fmt.Errorf("node %q cannot update resource claim statues", node))
	case !apiequality.Semantic.DeepEqual(old.Status.ExtendedResourceClaimStatus, pod.Status.ExtendedResourceClaimStatus):
		return admission.NewForbidden(a, fmt.Errorf("node %q cannot update extended resource claim status", node))
	}
	return nil
}

// mirror lets a kubelet show a static pod in the API.
func (p nodeRestriction) mirror(ctx context.Context, node string, a admission.Attributes) error {
	pod, ok := a.GetObject().(*corev1.Pod)
	if !ok {
		return unexpected(a, a.GetObject())
	}
	if !isMirror(pod) {
		return admission.NewForbidden(a, fmt.Errorf("pod does not have %q annotation, node %q can only create mirror pods", corev1.MirrorPodAnnotationKey, node))
	}
	if pod.Spec.NodeName != node {
		return admission.NewForbidden(a, fmt.Errorf("node %q can only create pods with spec.nodeName set to itself", node))
	}
	if err := p.ownedByNode(ctx, node, a, pod); err != nil {
		return err
	}
	if what := refersTo(pod); what != "" {
		return admission.NewForbidden(a, fmt.Errorf("node %q can not create pods that reference %s", node, what))
	}
	return nil
}

// ownedByNode fails unless the one owner of pod is its node.
func (p nodeRestriction) ownedByNode(ctx context.Context, name string, a admission.Attributes, pod *corev1.Pod) error {
	if len(pod.OwnerReferences) > 1 {
		return admission.NewForbidden(a, fmt.Errorf("node %q can only create pods with a single owner reference set to itself", name))
	}
	if len(pod.OwnerReferences) == 0 {
		return admission.NewForbidden(a, fmt.Errorf("node %q can only create pods with an owner reference set to itself", name))
	}
	owner := pod.OwnerReferences[0]
	switch {
	case owner.APIVersion != "v1" || owner.Kind != "Node" || owner.Name != name:
		return admission.NewForbidden(a, fmt.Errorf("node %q can only create pods with an owner reference set to itself", name))
	case owner.Controller == nil || !*owner.Controller:
		return admission.NewForbidden(a, fmt.Errorf("node %q can only create pods with a controller owner reference set to itself", name))
	case owner.BlockOwnerDeletion != nil && *owner.BlockOwnerDeletion:
		return admission.NewForbidden(a, fmt.Errorf("node %q must not set blockOwnerDeletion on an owner reference", name))
	}
	node, err := p.nodes.Get(ctx, "", name)
	switch {
	case apierrors.IsNotFound(err):
		return err
	case err != nil:
		return admission.NewForbidden(a, fmt.Errorf("error looking up node %s to verify uid: %w", name, err))
	case owner.UID != node.UID:
		return admission.NewForbidden(a, fmt.Errorf("node %s UID mismatch: expected %s got %s", name, owner.UID, node.UID))
	}
	return nil
}

// refersTo names a resource that pod needs the API for; empty if there is none.
func refersTo(pod *corev1.Pod) string {
	if refs := api.PodReferences(pod); len(refs) > 0 {
		return refs[0].Resource
	}
	if len(pod.Spec.ResourceClaims) > 0 {
		return "resourceclaims"
	}
	for _, v := range pod.Spec.Volumes {
		switch {
		case v.CSI != nil:
			return "csidrivers (via CSI volumes)"
		case v.Glusterfs != nil:
			return "endpoints (via glusterFS volumes)"
		case v.Ephemeral != nil:
			return "persistentvolumeclaims (via ephemeral volumes)"
		case v.Projected != nil:
			if what := projects(v.Projected); what != "" {
				return what
			}
		}
	}
	return ""
}

func projects(p *corev1.ProjectedVolumeSource) string {
	for _, s := range p.Sources {
		switch {
		case s.ServiceAccountToken != nil:
			return "serviceaccounts (via projected volumes)"
		case s.ClusterTrustBundle != nil:
			return "clustertrustbundles"
		case s.PodCertificate != nil:
			return "podcertificates"
		}
	}
	return ""
}
