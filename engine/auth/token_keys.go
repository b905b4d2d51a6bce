package auth

// Upstream: pkg/serviceaccount/jwt.go

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

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
