package overview

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/trace"
	"kubergarten/ui/component"
)

// newsLength is how many lines of news the page has.
const newsLength = 40

// An item is one line of news.
type item struct {
	Time   time.Time
	Who    string
	Step   trace.Step // of a trace record, which the page words itself
	Object string     // "pod default/web"
	Href   string     // the object's page, or none
	Reason string     // of an event
	Words  string     // the event's message, or the record's words
	Status string     // component.OK, ...
}

// told are the steps of the trace that the page tells of: those between the
// events. That a pod was scheduled, its image pulled and its container started,
// an event says; leases and lists would drown the rest.
func told() []trace.Step {
	return []trace.Step{
		trace.Queued, trace.Scored, trace.Observed, trace.Attached, trace.Exited, trace.Removed, trace.Sliced, trace.Programmed,
	}
}

func isNews(r trace.Record) bool { return slices.Contains(told(), r.Step) }

// news are the newest records and events, newest first.
func (s *seen) news() []item {
	all := make([]item, 0, len(s.events)+len(s.records))
	for _, e := range s.events {
		all = append(all, s.ofEvent(e))
	}
	for _, r := range s.records {
		if isNews(r) {
			all = append(all, s.ofRecord(r))
		}
	}
	slices.SortStableFunc(all, func(a, b item) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Words, b.Words))
	})
	return all[:min(len(all), newsLength)]
}

func (s *seen) ofEvent(e *corev1.Event) item {
	status := component.OK
	if e.Type == corev1.EventTypeWarning {
		status = component.Warn
	}
	return item{
		Time: lastSeen(e), Who: cmp.Or(e.ReportingController, e.Source.Component),
		Object: object(e.InvolvedObject.Kind, e.InvolvedObject.Namespace, e.InvolvedObject.Name),
		Href:   s.ofKind(e.InvolvedObject.Kind, e.InvolvedObject.Namespace, e.InvolvedObject.Name),
		Reason: e.Reason, Words: e.Message, Status: status,
	}
}

// lastSeen is when an event last happened, as kubectl reads it.
func lastSeen(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	}
	return e.EventTime.Time
}

func (s *seen) ofRecord(r trace.Record) item {
	return item{
		Time: r.Time, Who: r.Who, Step: r.Step, Words: r.Words, Status: component.Off,
		Object: object(r.Object.Resource, r.Object.Namespace, r.Object.Name),
		Href:   s.ofResource(r.Object.Resource, r.Object.Namespace, r.Object.Name),
	}
}

// object names an object as a sentence does: "pod default/web".
func object(kind, namespace, name string) string {
	kind = strings.TrimSuffix(strings.ToLower(kind), "s")
	if namespace != "" {
		name = namespace + "/" + name
	}
	return kind + " " + name
}

// stepKey is the sentence of a step in the catalogues.
func stepKey(s trace.Step) string { return "overview.step-" + string(s) }
