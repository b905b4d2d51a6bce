package auth

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// Config says whom to believe.
type Config struct {
	// API is how the objects are read that decide; it must be a user of
	// system:masters, or to ask who may ask would never end.
	API   client.Interface
	Modes []string // of authorization, in order: AlwaysAllow, AlwaysDeny, Node, RBAC
	// ClientCA is who signs client certificates; nil: there are none.
	ClientCA *x509.CertPool
	// Issuers are the names that we have signed tokens under; the first is now's.
	Issuers    []string
	SigningKey crypto.Signer      // RSA, or ECDSA on P-256, P-384 or P-521
	Keys       []crypto.PublicKey // further keys whose signature counts
	Audiences  []string           // of tokens for the API server; empty: Issuers
	Clock      clock.Clock
}

// Auth is the authentication and authorization of one cluster.
type Auth struct {
	informers *client.Informers
	rbac      *RBAC
	tokens    *Tokens
	who       authenticator.Request
	may       authorizer.Authorizer
}

// New returns an Auth that does not watch anything yet.
func New(cfg Config) (*Auth, error) {
	if cfg.API == nil || cfg.Clock == nil {
		return nil, errors.New("auth: an API and a clock are needed")
	}
	a := &Auth{informers: client.NewInformers(cfg.API)}
	var err error
	if a.tokens, err = NewTokens(cfg); err != nil {
		return nil, err
	}
	if a.who, err = newAuthenticator(cfg.ClientCA, a.tokens); err != nil {
		return nil, err
	}
	if a.rbac, err = NewRBAC(a.informers); err != nil {
		return nil, err
	}
	a.may, err = a.authorizers(cfg)
	return a, err
}

// authorizers are those of cfg.Modes, behind the one that lets superusers pass.
func (a *Auth) authorizers(cfg Config) (union, error) {
	all := union{superusers{}}
	for _, mode := range cfg.Modes {
		switch mode {
		case "AlwaysAllow":
			all = append(all, always{authorizer.DecisionAllow, ""})
		case "AlwaysDeny":
			all = append(all, always{authorizer.DecisionNoOpinion, "Everything is forbidden."})
		case "RBAC":
			all = append(all, a.rbac)
		case "Node":
			node, err := NewNode(a.informers, cfg.API)
			if err != nil {
				return nil, err
			}
			all = append(all, node)
		default:
			return nil, fmt.Errorf("auth: unknown authorization mode %q specified", mode)
		}
	}
	return all, nil
}

// Run watches what authorization goes by, until ctx is done.
func (a *Auth) Run(ctx context.Context) error { return a.informers.Run(ctx) }

// Synced waits until all that authorization goes by is known. Before, only
// superusers may anything.
func (a *Auth) Synced(ctx context.Context) error { return a.informers.Synced(ctx) }

// Authenticator says who asks. One who shows nothing is nobody: whether they may
// pass as anonymous is for the API server to say.
func (a *Auth) Authenticator() authenticator.Request { return a.who }

// Authorizer says what they may.
func (a *Auth) Authorizer() authorizer.Authorizer { return a.may }

// RuleResolver lists what they may, for SelfSubjectRulesReview.
func (a *Auth) RuleResolver() authorizer.RuleResolver { return resolver{a.rbac} }

// Tokens issues and judges the tokens of service accounts.
func (a *Auth) Tokens() *Tokens { return a.tokens }

// Rights is what the check goes by that nobody gives away more than they have.
func (a *Auth) Rights() Rights { return Rights{a.may, a.rbac} }

// Paths serves the public keys and the discovery document of the issuer.
func (a *Auth) Paths() map[string]http.Handler { return a.tokens.paths() }

// Rights knows both what is allowed and by which rules of RBAC.
type Rights struct {
	may  authorizer.Authorizer
	rbac *RBAC
}

// Authorize implements authorizer.Authorizer.
func (r Rights) Authorize(ctx context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	return r.may.Authorize(ctx, a)
}

// RulesFor returns what RBAC allows who in namespace. It may return both rules
// and an error.
func (r Rights) RulesFor(ctx context.Context, who user.Info, namespace string) ([]rbacv1.PolicyRule, error) {
	return r.rbac.RulesFor(ctx, who, namespace)
}
