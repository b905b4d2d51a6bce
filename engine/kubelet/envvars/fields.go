package envvars

// Upstream: pkg/fieldpath/fieldpath.go, pkg/api/v1/resource/helpers.go

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Field returns what the path of a pod's metadata holds.
func Field(pod *corev1.Pod, path string) (string, error) {
	if name, key, ok := subscript(path); ok {
		return keyed(pod, name, key)
	}
	switch path {
	case "metadata.annotations":
		return formatMap(pod.Annotations), nil
	case "metadata.labels":
		return formatMap(pod.Labels), nil
	case "metadata.name":
		return pod.Name, nil
	case "metadata.namespace":
		return pod.Namespace, nil
	case "metadata.uid":
		return string(pod.UID), nil
	}
	return "", fmt.Errorf("unsupported fieldPath: %v", path)
}

func keyed(pod *corev1.Pod, name, key string) (string, error) {
	switch name {
	case "metadata.annotations":
		if errs := validation.IsQualifiedName(strings.ToLower(key)); len(errs) != 0 {
			return "", fmt.Errorf("invalid key subscript in %s: %s", name, strings.Join(errs, ";"))
		}
		return pod.Annotations[key], nil
	case "metadata.labels":
		if errs := validation.IsQualifiedName(key); len(errs) != 0 {
			return "", fmt.Errorf("invalid key subscript in %s: %s", name, strings.Join(errs, ";"))
		}
		return pod.Labels[key], nil
	}
	return "", fmt.Errorf("fieldPath %q does not support subscript", name+"['"+key+"']")
}

// subscript splits "metadata.labels['key']".
func subscript(path string) (name, key string, ok bool) {
	rest, ok := strings.CutSuffix(path, "']")
	if !ok {
		return path, "", false
	}
	name, key, ok = strings.Cut(rest, "['")
	if !ok || name == "" {
		return path, "", false
	}
	return name, key, true
}

// formatMap writes a map as the downward API does: key="value", sorted, a line each.
func formatMap(m map[string]string) string {
	var b strings.Builder
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%v=%q", k, m[k])
	}
	return b.String()
}

// Resource returns what the selector asks of the container's resources; limits
// that are not set are those of allocatable.
func Resource(sel *corev1.ResourceFieldSelector, c *corev1.Container, allocatable corev1.ResourceList) (string, error) {
	divisor := sel.Divisor
	if divisor.Cmp(resource.MustParse("0")) == 0 {
		divisor = resource.MustParse("1")
	}
	kind, name, _ := strings.Cut(sel.Resource, ".")
	rn := corev1.ResourceName(name)
	switch rn {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
	default:
		if !strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) {
			//lint:ignore ST1005 upstream's words
			return "", fmt.Errorf("Unsupported container resource : %v", sel.Resource)
		}
	}
	var q resource.Quantity
	switch kind {
	case "limits":
		var ok bool
		if q, ok = c.Resources.Limits[rn]; !ok {
			q = allocatable[rn]
		}
	case "requests":
		q = c.Resources.Requests[rn]
	default:
		//lint:ignore ST1005 upstream's words
		return "", fmt.Errorf("Unsupported container resource : %v", sel.Resource)
	}
	return divide(rn, q, divisor), nil
}

// divide rounds up, as upstream does.
func divide(name corev1.ResourceName, q, divisor resource.Quantity) string {
	if name == corev1.ResourceCPU {
		return strconv.FormatInt(int64(math.Ceil(float64(q.MilliValue())/float64(divisor.MilliValue()))), 10)
	}
	return strconv.FormatInt(int64(math.Ceil(float64(q.Value())/float64(divisor.Value()))), 10)
}
