package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// Upstream: pkg/serviceaccount/{claims.go,jwt.go}

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

// NewTokens returns the Tokens of cfg.
func NewTokens(cfg Config) (*Tokens, error) {
	if len(cfg.Issuers) == 0 || cfg.SigningKey == nil {
		return nil, errors.New("auth: an issuer and a signing key are needed")
	}
	t := &Tokens{issuers: cfg.Issuers, audiences: cfg.Audiences, objects: lookup{cfg.API}, clock: cfg.Clock}
	if len(t.audiences) == 0 {
		t.audiences = cfg.Issuers
	}
	for _, key := range append([]crypto.PublicKey{cfg.SigningKey.Public()}, cfg.Keys...) {
		jwk, err := publicKey(key)
		if err != nil {
			return nil, err
		}
		if len(t.keys.Key(jwk.KeyID)) == 0 {
			t.keys.Keys = append(t.keys.Keys, jwk)
		}
	}
	private := t.keys.Keys[0]
	private.Key = cfg.SigningKey
	var err error
	t.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(private.Algorithm), Key: private}, nil)
	if err != nil {
		return nil, fmt.Errorf("auth: signing key: %w", err)
	}
	return t, nil
}

// publicKey returns key with its algorithm, and with an id made from it.
func publicKey(key crypto.PublicKey) (jose.JSONWebKey, error) {
	alg, err := algorithm(key)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("auth: public key: %w", err)
	}
	sum := sha256.Sum256(der)
	return jose.JSONWebKey{Key: key, KeyID: base64.RawURLEncoding.EncodeToString(sum[:]), Algorithm: string(alg), Use: "sig"}, nil
}

func algorithm(key crypto.PublicKey) (jose.SignatureAlgorithm, error) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return jose.RS256, nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return jose.ES256, nil
		case elliptic.P384():
			return jose.ES384, nil
		case elliptic.P521():
			return jose.ES512, nil
		}
		return "", errors.New("unknown private key curve, must be 256, 384, or 521")
	}
	return "", fmt.Errorf("unknown private key type %T, must be *rsa.PrivateKey, *ecdsa.PrivateKey, or jose.OpaqueSigner", key)
}

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

// AuthenticateToken implements authenticator.Token. A token that is not ours is
// somebody else's to judge, and no error.
func (t *Tokens) AuthenticateToken(ctx context.Context, token string) (*authenticator.Response, bool, error) {
	if !slices.Contains(t.issuers, claimedIssuer(token)) {
		return nil, false, nil
	}
	public, private, err := t.verify(token)
	if err != nil {
		return nil, false, err
	}
	wanted, ok := authenticator.AudiencesFrom(ctx)
	if !ok {
		wanted = t.audiences
	}
	audiences := authenticator.Audiences(public.Audience).Intersect(wanted)
	if len(audiences) == 0 {
		return nil, false, fmt.Errorf("token audiences %q is invalid for the target audiences %q", authenticator.Audiences(public.Audience), wanted)
	}
	if err := t.inTime(public); err != nil {
		return nil, false, err
	}
	b := private.Kubernetes
	if err := t.objects.exist(ctx, b, t.clock.Now().Add(-jwt.DefaultLeeway)); err != nil {
		return nil, false, err
	}
	return &authenticator.Response{User: b.info(public.ID).UserInfo(), Audiences: audiences}, true, nil
}

// verify checks the signature.
func (t *Tokens) verify(token string) (public jwt.Claims, private claims, err error) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.ES384, jose.ES512})
	if err != nil {
		return public, private, err
	}
	keys := t.keys.Keys
	if id := parsed.Headers[0].KeyID; id != "" {
		keys = t.keys.Key(id)
	}
	err = errors.New("invalid signature, no keys found")
	for _, key := range keys {
		if err = parsed.Claims(key, &public, &private); err == nil {
			break
		}
	}
	if err == nil && !slices.Contains(t.issuers, public.Issuer) {
		err = fmt.Errorf("token issuer %q is invalid", public.Issuer)
	}
	return public, private, err
}

// inTime checks what the token says of time.
func (t *Tokens) inTime(c jwt.Claims) error {
	err := c.Validate(jwt.Expected{Time: t.clock.Now()})
	switch {
	case errors.Is(err, jwt.ErrExpired):
		return errors.New("service account token has expired")
	case errors.Is(err, jwt.ErrNotValidYet):
		return errors.New("service account token is not valid yet")
	case errors.Is(err, jwt.ErrIssuedInTheFuture):
		return errors.New("service account token is issued in the future")
	case err != nil:
		return fmt.Errorf("service account token claims could not be validated: %w", err)
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

// claimedIssuer reads the issuer from a token that nobody has verified yet.
func claimedIssuer(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var c struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(payload, &c) != nil {
		return ""
	}
	return c.Issuer
}
