package registry

// Upstream: pkg/registry/core/serviceaccount/storage/token.go

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

// tokenREST is serviceaccounts/token: it checks what a token is asked for, and
// lets the issuer make it.
type tokenREST struct {
	accounts, pods, nodes, secrets *Store
	issuer                         TokenIssuer
}

var (
	_ rest.NamedCreater                   = tokenREST{}
	_ rest.GroupVersionKindProvider       = tokenREST{}
	_ rest.SubresourceObjectMetaPreserver = tokenREST{}
)

// New returns an empty TokenRequest.
func (tokenREST) New() runtime.Object { return &authenticationv1.TokenRequest{} }

// Destroy implements rest.Storage.
func (tokenREST) Destroy() {}

// GroupVersionKind is that of the body.
func (tokenREST) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind { return tokenKind() }

func tokenKind() schema.GroupVersionKind {
	return authenticationv1.SchemeGroupVersion.WithKind("TokenRequest")
}

// PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate keeps the uid, which
// is the service account's.
func (tokenREST) PreserveRequestObjectMetaSystemFieldsOnSubresourceCreate() bool { return true }

// Create makes a token of the service account called name.
func (r tokenREST) Create(ctx context.Context, name string, obj runtime.Object, validate rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	req := obj.(*authenticationv1.TokenRequest).DeepCopy()
	ns := r.accounts.namespace(ctx)
	if err := sameAccount(req, ns, name); err != nil {
		return nil, err
	}
	found, err := r.accounts.Get(ctx, name, nil)
	if err != nil {
		return nil, err
	}
	sa := found.(*corev1.ServiceAccount)
	if err := r.complete(req, sa); err != nil {
		return nil, err
	}
	if errs := api.TokenRequestRules().Create(ctx, req); len(errs) != 0 {
		return nil, apierrors.NewInvalid(tokenKind().GroupKind(), "", errs)
	}
	if validate != nil {
		if err := validate(ctx, req.DeepCopy()); err != nil {
			return nil, err
		}
	}
	bound, err := r.bound(ctx, name, req.Spec.BoundObjectRef)
	if err != nil {
		return nil, err
	}
	if err := r.issuer.IssueToken(ctx, sa, req, bound); err != nil {
		return nil, apierrors.NewInternalError(fmt.Errorf("failed to generate token: %v", err))
	}
	return req, nil
}

// sameAccount checks that the body means the account of the URL.
func sameAccount(req *authenticationv1.TokenRequest, ns, name string) error {
	var errs field.ErrorList
	switch meta := field.NewPath("metadata"); {
	case req.Name != "" && req.Name != name:
		errs = append(errs, field.Invalid(meta.Child("name"), req.Name, "must match the service account name if specified"))
	case req.Namespace != "" && req.Namespace != ns:
		errs = append(errs, field.Invalid(meta.Child("namespace"), req.Namespace, "must match the service account namespace if specified"))
	default:
		return nil
	}
	return apierrors.NewInvalid(tokenKind().GroupKind(), name, errs)
}

// complete fills in what the account says. Audiences, if there are none, are the
// issuer's to fill in.
func (r tokenREST) complete(req *authenticationv1.TokenRequest, sa *corev1.ServiceAccount) error {
	if req.UID != "" && req.UID != sa.UID {
		gr := schema.GroupResource{Group: tokenKind().Group, Resource: tokenKind().Kind}
		return apierrors.NewConflict(gr, sa.Name, fmt.Errorf("the UID in the token request (%s) does not match the UID of the service account (%s)", req.UID, sa.UID))
	}
	req.Name, req.Namespace, req.UID = sa.Name, sa.Namespace, sa.UID
	req.CreationTimestamp = r.accounts.now()
	req.Status = authenticationv1.TokenRequestStatus{}
	return nil
}

// bound finds the object that ref names. A token of a pod also knows its node.
func (r tokenREST) bound(ctx context.Context, account string, ref *authenticationv1.BoundObjectReference) (b TokenBinding, err error) {
	if ref == nil {
		return b, nil
	}
	var uid types.UID
	gvk := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind)
	switch gvk.GroupKind() {
	case schema.GroupKind{Kind: "Pod"}:
		if b.Pod, b.Node, err = r.pod(ctx, account, ref.Name); err == nil {
			uid = b.Pod.UID
		}
	case schema.GroupKind{Kind: "Node"}:
		if b.Node, err = get[*corev1.Node](ctx, r.nodes, ref.Name); err == nil {
			uid = b.Node.UID
		}
	case schema.GroupKind{Kind: "Secret"}:
		if b.Secret, err = get[*corev1.Secret](ctx, r.secrets, ref.Name); err == nil {
			uid = b.Secret.UID
		}
	default:
		err = apierrors.NewBadRequest(fmt.Sprintf("cannot bind token to object of type %s", gvk.String()))
	}
	if err == nil && ref.UID != "" && uid != ref.UID {
		gr := schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}
		err = apierrors.NewConflict(gr, ref.Name, fmt.Errorf("the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID))
	}
	return b, err
}

func (r tokenREST) pod(ctx context.Context, account, name string) (*corev1.Pod, *corev1.Node, error) {
	p, err := get[*corev1.Pod](ctx, r.pods, name)
	if err != nil {
		return nil, nil, err
	}
	if p.Spec.ServiceAccountName != account {
		return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("cannot bind token for serviceaccount %q to pod running with different serviceaccount name.", account))
	}
	if p.Spec.NodeName == "" {
		return p, nil, nil
	}
	n, err := get[*corev1.Node](ctx, r.nodes, p.Spec.NodeName)
	if apierrors.IsNotFound(err) {
		return p, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: p.Spec.NodeName}}, nil
	}
	if err != nil {
		return nil, nil, apierrors.NewInternalError(err)
	}
	return p, n, nil
}

// get returns the T called name, from the namespace of ctx.
func get[T runtime.Object](ctx context.Context, s *Store, name string) (obj T, err error) {
	o, err := s.Get(ctx, name, nil)
	if err != nil {
		return obj, err
	}
	return o.(T), nil
}
