package auth

// Upstream: pkg/serviceaccount/openidmetadata.go, pkg/routes/openidmetadata.go

import (
	"encoding/json"
	"net/http"
)

// Where others find out how to judge our tokens.
const (
	jwksPath   = "/openid/v1/jwks"
	configPath = "/.well-known/openid-configuration"
)

// openIDConfig is what the provider says of itself.
type openIDConfig struct {
	Issuer        string   `json:"issuer"`
	JWKSURI       string   `json:"jwks_uri"`
	ResponseTypes []string `json:"response_types_supported"`
	SubjectTypes  []string `json:"subject_types_supported"`
	SigningAlgs   []string `json:"id_token_signing_alg_values_supported"`
}

// paths serves both documents.
func (t *Tokens) paths() map[string]http.Handler {
	cfg := openIDConfig{
		Issuer: t.issuers[0], JWKSURI: t.issuers[0] + jwksPath,
		ResponseTypes: []string{"id_token"}, SubjectTypes: []string{"public"}, SigningAlgs: t.algorithms(),
	}
	return map[string]http.Handler{
		configPath: document("application/json", cfg),
		jwksPath:   document("application/jwk-set+json", t.keys),
	}
}

func (t *Tokens) algorithms() (algs []string) {
	seen := map[string]bool{}
	for _, key := range t.keys.Keys {
		if !seen[key.Algorithm] {
			seen[key.Algorithm] = true
			algs = append(algs, key.Algorithm)
		}
	}
	return algs
}

// document serves v, which may be kept for an hour.
func document(mediaType string, v any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		data, err := json.Marshal(v)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(data) // the client is gone if that fails
	})
}
