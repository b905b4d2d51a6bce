package auth

// Upstream: pkg/serviceaccount/jwt.go, claims.go (Validate)

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"k8s.io/apiserver/pkg/authentication/authenticator"
)

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
