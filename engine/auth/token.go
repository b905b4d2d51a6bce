package auth

// Upstream: pkg/serviceaccount/{claims.go,jwt.go}

import (
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"

	"kubergarten/engine/clock"
)

// Tokens issues the tokens of service accounts, and judges those that are shown.
type Tokens struct {
	issuers   []string
	audiences authenticator.Audiences
	signer    jose.Signer
	keys      jose.JSONWebKeySet // public
	objects   lookup
	clock     clock.Clock
}

var _ authenticator.Token = (*Tokens)(nil)

// claims is what a token says beside the standard.
type claims struct {
	Kubernetes binding `json:"kubernetes.io"`
}

// binding is whom the token is for, and whose end is its end.
type binding struct {
	Namespace string           `json:"namespace,omitempty"`
	Svcacct   ref              `json:"serviceaccount,omitempty"`
	Pod       *ref             `json:"pod,omitempty"`
	Secret    *ref             `json:"secret,omitempty"`
	Node      *ref             `json:"node,omitempty"`
	WarnAfter *jwt.NumericDate `json:"warnafter,omitempty"`
}

type ref struct {
	Name string `json:"name,omitempty"`
	UID  string `json:"uid,omitempty"`
}

func refTo(o metav1.Object) *ref { return &ref{o.GetName(), string(o.GetUID())} }

// Issue makes the token that req asks for, for sa. The token ends with pod or
// secret or, if there is neither, with node; each may be nil. It fills in
// req.Status, and req.Spec.Audiences if there are none.
func (t *Tokens) Issue(sa *corev1.ServiceAccount, req *authenticationv1.TokenRequest, pod *corev1.Pod, node *corev1.Node, secret *corev1.Secret) error {
	if len(req.Spec.Audiences) == 0 {
		req.Spec.Audiences = slices.Clone(t.audiences)
	}
	seconds := int64(60 * 60)
	if req.Spec.ExpirationSeconds != nil {
		seconds = *req.Spec.ExpirationSeconds
	}
	now := t.clock.Now()
	expiry := now.Add(time.Duration(seconds) * time.Second)
	private := claims{binding{Namespace: sa.Namespace, Svcacct: *refTo(sa)}}
	if err := private.Kubernetes.bind(pod, node, secret); err != nil {
		return err
	}
	token, err := jwt.Signed(t.signer).Claims(jwt.Claims{
		Issuer: t.issuers[0], Subject: serviceaccount.MakeUsername(sa.Namespace, sa.Name), Audience: req.Spec.Audiences, ID: string(uuid.NewUUID()),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(expiry),
	}).Claims(private).Serialize()
	if err != nil {
		return err
	}
	req.Status = authenticationv1.TokenRequestStatus{Token: token, ExpirationTimestamp: metav1.NewTime(expiry)}
	return nil
}

// bind names the objects whose end ends the token.
func (b *binding) bind(pod *corev1.Pod, node *corev1.Node, secret *corev1.Secret) error {
	if secret != nil && (node != nil || pod != nil) {
		return errors.New("internal error, token can only be bound to one object type")
	}
	if pod != nil {
		b.Pod = refTo(pod)
	}
	if node != nil {
		b.Node = refTo(node)
	}
	if secret != nil {
		b.Secret = refTo(secret)
	}
	return nil
}

// info is the user whose token it is.
func (b binding) info(id string) *serviceaccount.ServiceAccountInfo {
	info := &serviceaccount.ServiceAccountInfo{Namespace: b.Namespace, Name: b.Svcacct.Name, UID: b.Svcacct.UID}
	if b.Pod != nil {
		info.PodName, info.PodUID = b.Pod.Name, b.Pod.UID
	}
	if b.Node != nil {
		info.NodeName, info.NodeUID = b.Node.Name, b.Node.UID
	}
	if id != "" {
		info.CredentialID = "JTI=" + id
	}
	return info
}
