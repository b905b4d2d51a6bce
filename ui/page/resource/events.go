package resource

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/ui/kube"
)

// mostEvents is how many events a page shows.
const mostEvents = 50

// eventFields selects the object's own events, unless it owns others: then the
// namespace is the selection.
func (s subject) eventFields() string {
	if len(ownable(s.GroupVersionResource)) > 0 {
		return ""
	}
	return fields.AndSelectors(
		fields.OneTermEqualSelector("involvedObject.kind", s.Kind.Kind),
		fields.OneTermEqualSelector("involvedObject.name", s.Name),
	).String()
}

// happened reads the events of the object and of what it owns, newest first.
func (v *seen) happened(ctx context.Context) {
	at := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("events"), Namespace: v.Namespace}
	var list corev1.EventList
	if err := v.client.Read(ctx, at, kube.Options{FieldSelector: v.eventFields()}, &list); err != nil {
		v.refuse(err)
		return
	}
	family := v.family()
	v.Events = slices.DeleteFunc(list.Items, func(e corev1.Event) bool { return !v.concerns(e, family) })
	slices.SortStableFunc(v.Events, func(a, b corev1.Event) int {
		return cmp.Or(lastSeen(b).Compare(lastSeen(a)), cmp.Compare(a.Name, b.Name))
	})
	v.Events = v.Events[:min(len(v.Events), mostEvents)]
}

// family are the object and what it owns. The kubelet's events of a node carry
// the node's name as UID.
func (v *seen) family() map[types.UID]bool {
	all := v.Tree.uids()
	all[v.Object.GetUID()], all[types.UID(v.Name)] = true, true
	return all
}

// concerns tells whether an event is about the object or its family.
func (s subject) concerns(e corev1.Event, family map[types.UID]bool) bool {
	o := e.InvolvedObject
	return family[o.UID] || o.UID == "" && o.Kind == s.Kind.Kind && o.Name == s.Name
}

// lastSeen is when an event last happened, as kubectl describe reads it.
//
// Upstream: k8s.io/kubectl/pkg/describe/describe.go, DescribeEvents
func lastSeen(e corev1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case e.Count > 1:
		return e.LastTimestamp.Time
	}
	return firstSeen(e)
}

func firstSeen(e corev1.Event) time.Time {
	if e.EventTime.IsZero() {
		return e.FirstTimestamp.Time
	}
	return e.EventTime.Time
}

// times is how often it happened, if more than once.
func times(e corev1.Event) int32 {
	switch {
	case e.Series != nil:
		return e.Series.Count
	case e.Count > 1:
		return e.Count
	}
	return 0
}

// message is the event's, led by the field it is about.
func message(e corev1.Event) string {
	m := strings.TrimSpace(e.Message)
	if e.InvolvedObject.FieldPath != "" {
		m = e.InvolvedObject.FieldPath + ": " + m
	}
	return m
}
