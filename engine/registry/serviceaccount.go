package registry

// Upstream: pkg/registry/core/serviceaccount/strategy.go

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/api"
)

func serviceAccountStrategy() strategy {
	return strategy{
		rules:         api.ServiceAccountRules(),
		prepareCreate: onCreate(func(a *corev1.ServiceAccount) { cleanSecrets(a) }),
		prepareUpdate: onUpdate(func(a, _ *corev1.ServiceAccount) { cleanSecrets(a) }),
	}
}

// cleanSecrets keeps only the names of the secrets.
func cleanSecrets(a *corev1.ServiceAccount) {
	for i, s := range a.Secrets {
		a.Secrets[i] = corev1.ObjectReference{Name: s.Name}
	}
}
