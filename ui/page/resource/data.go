package resource

import (
	"encoding/base64"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A datum is a key of a ConfigMap or a Secret.
type datum struct {
	Name, Text string
	Hidden     bool
	Size       int // in bytes
}

// longestDatum is how much of a value is shown.
const longestDatum = 4000

// data are the keys of a ConfigMap with their values, or of a Secret with their
// sizes, as kubectl describe shows them.
func (v *seen) data() (all []datum) {
	secret := isSecret(v.Target)
	if !secret && (v.Group != "" || v.Resource != "configmaps") {
		return nil
	}
	plain, _, _ := unstructured.NestedStringMap(v.Object.Object, "data")
	for _, key := range slices.Sorted(maps.Keys(plain)) {
		d := datum{Name: key, Text: plain[key], Hidden: secret}
		if secret {
			raw, _ := base64.StdEncoding.DecodeString(d.Text) // the API server has checked it
			d.Text, d.Size = "", len(raw)
		} else if len(d.Text) > longestDatum {
			d.Text = d.Text[:longestDatum] + "…"
		}
		all = append(all, d)
	}
	binary, _, _ := unstructured.NestedStringMap(v.Object.Object, "binaryData")
	for _, key := range slices.Sorted(maps.Keys(binary)) {
		raw, _ := base64.StdEncoding.DecodeString(binary[key])
		all = append(all, datum{Name: key, Hidden: true, Size: len(raw)})
	}
	return all
}
