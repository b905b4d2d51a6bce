package volume

// Upstream: pkg/kubelet/token/token_manager.go

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// maxTTL is the longest that a token is used, however long it is good.
const maxTTL = 24 * time.Hour

type tokenKey struct {
	pod      types.UID
	account  string
	audience string
	seconds  int64
}

type token struct {
	text  string
	renew time.Time
}

// serviceAccountToken gives the token of the pod's service account, bound to
// the pod, and asks for a new one when 80 % of its life are over.
func (m *Manager) serviceAccountToken(ctx context.Context, pod *corev1.Pod, src *corev1.ServiceAccountTokenProjection, def int32) (map[string]File, time.Time, error) {
	key := tokenKey{pod.UID, pod.Spec.ServiceAccountName, src.Audience, 3600}
	if src.ExpirationSeconds != nil {
		key.seconds = *src.ExpirationSeconds
	}
	m.mu.Lock()
	t, ok := m.tokens[key]
	m.mu.Unlock()
	if !ok || !m.Clock.Now().Before(t.renew) {
		var err error
		if t, err = m.fetch(ctx, pod, key); err != nil {
			return nil, time.Time{}, err
		}
		m.mu.Lock()
		m.tokens[key] = t
		m.mu.Unlock()
	}
	return map[string]File{src.Path: {[]byte(t.text), def}}, t.renew, nil
}

func (m *Manager) fetch(ctx context.Context, pod *corev1.Pod, key tokenKey) (token, error) {
	req := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: &key.seconds,
		BoundObjectRef:    &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
	}}
	if key.audience != "" {
		req.Spec.Audiences = []string{key.audience}
	}
	got, err := m.Token(ctx, pod.Namespace, key.account, req)
	if err != nil {
		return token{}, fmt.Errorf("failed to fetch token: %w", err)
	}
	now, exp := m.Clock.Now(), got.Status.ExpirationTimestamp.Time
	life := time.Duration(key.seconds) * time.Second
	if got.Spec.ExpirationSeconds != nil {
		life = time.Duration(*got.Spec.ExpirationSeconds) * time.Second
	}
	renew := exp.Add(-life / 5)
	if latest := now.Add(maxTTL); renew.After(latest) {
		renew = latest
	}
	return token{got.Status.Token, renew}, nil
}
