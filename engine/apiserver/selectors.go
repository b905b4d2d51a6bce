package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/filters/authorization.go

import (
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// withSelectors adds to a what part of a collection is asked for: a kubelet may
// list the pods of its own node, but not all.
func withSelectors(a authorizer.AttributesRecord, label, field string) authorizer.AttributesRecord {
	if field != "" {
		sel, err := fields.ParseSelector(field)
		if err != nil {
			a.FieldSelectorParsingErr = err
		} else if reqs := sel.Requirements(); len(reqs) > 0 {
			a.FieldSelectorRequirements = reqs
		}
	}
	if label != "" {
		sel, err := labels.Parse(label)
		if err != nil {
			a.LabelSelectorParsingErr = err
		} else if reqs, _ := sel.Requirements(); len(reqs) > 0 {
			a.LabelSelectorRequirements = reqs
		}
	}
	return a
}

// nameIn is the name that a field selector demands, or empty.
func nameIn(field string) string {
	sel, err := fields.ParseSelector(field)
	if err != nil {
		return ""
	}
	name, ok := sel.RequiresExactMatch("metadata.name")
	if !ok || len(content.IsPathSegmentName(name)) > 0 {
		return ""
	}
	return name
}
