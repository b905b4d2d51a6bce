package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/rest.go (dedupOwnerReferences)

import (
	"context"
	"fmt"
	"strings"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/warning"
)

// dedupOwners removes owner references that are there twice, and warns.
func dedupOwners(ctx context.Context, obj runtime.Object, afterAdmission bool) {
	m, err := meta.Accessor(obj)
	if err != nil || len(m.GetOwnerReferences()) < 2 {
		return
	}
	kept, twice := dedup(m.GetOwnerReferences())
	if len(twice) == 0 {
		return
	}
	when := ""
	if afterAdmission {
		when = " after mutating admission happens"
	}
	warning.AddWarning(ctx, "", fmt.Sprintf(".metadata.ownerReferences contains duplicate entries%s; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: %v",
		when, strings.Join(twice, ", ")))
	m.SetOwnerReferences(kept)
}

func dedup(refs []metav1.OwnerReference) (kept []metav1.OwnerReference, twice []string) {
	for _, r := range refs {
		if owned(kept, r) {
			twice = append(twice, string(r.UID))
		} else {
			kept = append(kept, r)
		}
	}
	return kept, twice
}

func owned(refs []metav1.OwnerReference, r metav1.OwnerReference) bool {
	for _, have := range refs {
		if have.UID == r.UID && apiequality.Semantic.DeepEqual(have, r) {
			return true
		}
	}
	return false
}
