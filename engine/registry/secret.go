package registry

// Upstream: pkg/registry/core/secret/strategy.go

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/api"
)

func secretStrategy() strategy {
	return strategy{
		rules: api.SecretRules(),
		prepareUpdate: onUpdate(func(s, old *corev1.Secret) {
			if s.Type == "" { // validation forbids a change; this is none
				s.Type = old.Type
			}
		}),
	}
}
