package api

// Upstream: pkg/registry/core/pod/strategy.go and its siblings, ToSelectableFields

import (
	"fmt"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// attrsFunc returns what selectors of one kind look at.
type attrsFunc func(runtime.Object) (labels.Set, fields.Set, error)

// metaAttrs serves the kinds that have no fields of their own to select by.
func metaAttrs(namespaced bool) attrsFunc {
	return func(o runtime.Object) (labels.Set, fields.Set, error) {
		m, err := meta.Accessor(o)
		if err != nil {
			return nil, nil, err
		}
		return m.GetLabels(), withMeta(fields.Set{}, m, namespaced), nil
	}
}

// withMeta adds metadata.name, and metadata.namespace where there is one.
func withMeta(set fields.Set, m metav1.Object, namespaced bool) fields.Set {
	set["metadata.name"] = m.GetName()
	if namespaced {
		set["metadata.namespace"] = m.GetNamespace()
	}
	return set
}

// attrsOf makes an attrsFunc of a function that knows the type.
func attrsOf[T any, P interface {
	*T
	metav1.Object
	runtime.Object
}](namespaced bool, own func(P) fields.Set) attrsFunc {
	return func(o runtime.Object) (labels.Set, fields.Set, error) {
		p, ok := o.(P)
		if !ok {
			return nil, nil, fmt.Errorf("not a %T: %T", p, o)
		}
		return p.GetLabels(), withMeta(own(p), p, namespaced), nil
	}
}

func podAttrs() attrsFunc {
	return attrsOf(true, func(p *corev1.Pod) fields.Set {
		ip := ""
		if len(p.Status.PodIPs) > 0 {
			ip = p.Status.PodIPs[0].IP
		}
		return fields.Set{
			"spec.nodeName":            p.Spec.NodeName,
			"spec.restartPolicy":       string(p.Spec.RestartPolicy),
			"spec.schedulerName":       p.Spec.SchedulerName,
			"spec.serviceAccountName":  p.Spec.ServiceAccountName,
			"spec.hostNetwork":         strconv.FormatBool(p.Spec.HostNetwork),
			"status.phase":             string(p.Status.Phase),
			"status.podIP":             ip,
			"status.nominatedNodeName": p.Status.NominatedNodeName,
		}
	})
}

func eventAttrs() attrsFunc {
	return attrsOf(true, func(e *corev1.Event) fields.Set {
		source := e.Source.Component
		if source == "" {
			source = e.ReportingController
		}
		return fields.Set{
			"involvedObject.kind":            e.InvolvedObject.Kind,
			"involvedObject.namespace":       e.InvolvedObject.Namespace,
			"involvedObject.name":            e.InvolvedObject.Name,
			"involvedObject.uid":             string(e.InvolvedObject.UID),
			"involvedObject.apiVersion":      e.InvolvedObject.APIVersion,
			"involvedObject.resourceVersion": e.InvolvedObject.ResourceVersion,
			"involvedObject.fieldPath":       e.InvolvedObject.FieldPath,
			"reason":                         e.Reason,
			"reportingComponent":             e.ReportingController,
			"source":                         source,
			"type":                           e.Type,
		}
	})
}

func nodeAttrs() attrsFunc {
	return attrsOf(false, func(n *corev1.Node) fields.Set {
		return fields.Set{"spec.unschedulable": strconv.FormatBool(n.Spec.Unschedulable)}
	})
}

func namespaceAttrs() attrsFunc {
	return attrsOf(false, func(n *corev1.Namespace) fields.Set {
		return fields.Set{"status.phase": string(n.Status.Phase), "name": n.Name}
	})
}

func secretAttrs() attrsFunc {
	return attrsOf(true, func(s *corev1.Secret) fields.Set { return fields.Set{"type": string(s.Type)} })
}

func serviceAttrs() attrsFunc {
	return attrsOf(true, func(s *corev1.Service) fields.Set {
		return fields.Set{"spec.clusterIP": s.Spec.ClusterIP, "spec.type": string(s.Spec.Type)}
	})
}

func controllerAttrs() attrsFunc {
	return attrsOf(true, func(c *corev1.ReplicationController) fields.Set {
		return fields.Set{"status.replicas": strconv.Itoa(int(c.Status.Replicas))}
	})
}

func replicaSetAttrs() attrsFunc {
	return attrsOf(true, func(s *appsv1.ReplicaSet) fields.Set {
		return fields.Set{"status.replicas": strconv.Itoa(int(s.Status.Replicas))}
	})
}

// FieldSelector parses text as a field selector of r, in the words of r's
// version; a field that r cannot be selected by is an error in upstream's words.
func (r Resource) FieldSelector(text string) (fields.Selector, error) {
	sel, err := fields.ParseSelector(text)
	if err != nil {
		return nil, err
	}
	return sel.Transform(func(field, value string) (string, string, error) {
		return Scheme().ConvertFieldLabel(r.GVK(), field, value)
	})
}
