package cluster_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kubergarten/engine/trace"
)

// journey makes of what happened in the cluster the way of the pod web.
func journey(records []trace.Record, visitor string) (out []string) {
	for _, r := range ordered(way(records, visitor)) {
		line := fmt.Sprintf("%-24s %-13s %s/%s", r.Who, r.Step, r.Object.Resource, nameTail.ReplaceAllString(r.Object.Name, "$1*"))
		if r.Words != "" {
			line += ": " + plainWords(r.Words)
		}
		out = append(out, line)
	}
	return out
}

// way are the records of the pod's way, each station once. What happens beside
// it is left out: answers to requests that are not the pod's creation, the
// reports on the way, and the same deed on other nodes.
func way(records []trace.Record, visitor string) (out []trace.Record) {
	w := walker{visitor: visitor, count: map[trace.Step]int{}}
	for _, r := range records {
		if w.takes(r) {
			out = append(out, r)
		}
	}
	return w.newest(out)
}

type walker struct {
	visitor string // the node of the pod that connects
	count   map[trace.Step]int
}

// takes reports whether r is a station.
func (w walker) takes(r trace.Record) bool {
	o := r.Object
	switch r.Step {
	case trace.Resolved:
		return o.Name == "web"
	case trace.Connected:
		return o.Name == "visitor" && strings.Contains(r.Words, "default/web")
	case trace.Sliced:
		return o.Name == "web"
	case trace.Programmed:
		return o.Name == "web" && r.Node == w.visitor
	case trace.Reported:
		return o.Name == "web" && strings.HasSuffix(r.Words, "Running")
	case trace.Noticed:
		return o.Name == "web" && strings.HasSuffix(r.Words, "stopped")
	case trace.Committed:
		return o.Name == "web" && o.Resource == "pods" || o.Resource == "endpointslices" && strings.HasPrefix(o.Name, "web-")
	case trace.Authenticated, trace.Authorized, trace.Decoded, trace.Mutated, trace.Prepared, trace.Admitted, trace.Stored:
		if o.Resource != "pods" || o.Namespace != "default" || o.Name != "web" && o.Name != "" {
			return false
		}
		w.count[r.Step]++
		return w.count[r.Step] == 1 // of the POST; the binding and the reports follow
	}
	return o.Resource == "pods" && o.Namespace == "default" && o.Name == "web"
}

// newest leaves of the steps that are done again and again, as the pod comes
// up, only the last, and of the commits those that belong to a station.
func (w walker) newest(records []trace.Record) (out []trace.Record) {
	repeated := []trace.Step{trace.Reported, trace.Sliced, trace.Programmed}
	told := map[trace.Step]bool{}
	for _, r := range slices.Backward(records) {
		if slices.Contains(repeated, r.Step) {
			if told[r.Step] {
				continue
			}
			told[r.Step] = true
		}
		out = append(out, r)
	}
	slices.Reverse(out)
	return out
}

// ordered puts each "bound", "reported" and "sliced" right behind the commit
// that it tells of: who writes says so when the answer comes, and others may
// have seen the new revision before. Commits that nobody tells of are left out.
func ordered(records []trace.Record) (out []trace.Record) {
	echoes := map[int][]trace.Record{} // by the index of the commit
	for i, r := range records {
		if isEcho(r.Step) {
			if c := commitOf(records, i); c >= 0 {
				echoes[c] = append(echoes[c], r)
			}
		}
	}
	first := slices.IndexFunc(records, func(r trace.Record) bool { return r.Step == trace.Committed && r.Object.Resource == "pods" })
	for i, r := range records {
		switch {
		case isEcho(r.Step):
		case r.Step == trace.Committed && i != first && echoes[i] == nil:
		default:
			out = append(append(out, r), echoes[i]...)
		}
	}
	return out
}

func isEcho(s trace.Step) bool {
	return s == trace.Bound || s == trace.Reported || s == trace.Sliced
}

// commitOf is the index of the commit that records[i] tells of, or -1.
func commitOf(records []trace.Record, i int) int {
	echo := records[i]
	switch echo.Step {
	case trace.Bound: // the first after the choice
		scored := slices.IndexFunc(records, func(r trace.Record) bool { return r.Step == trace.Scored })
		for j, r := range records[:i] {
			if j > scored && r.Step == trace.Committed && r.Object.Resource == "pods" {
				return j
			}
		}
	case trace.Reported:
		return slices.IndexFunc(records, func(r trace.Record) bool {
			return r.Step == trace.Committed && r.Revision == echo.Revision
		})
	case trace.Sliced: // only one writes slices: the newest before
		for j := i; j >= 0; j-- {
			if r := records[j]; r.Step == trace.Committed && r.Object.Resource == "endpointslices" {
				return j
			}
		}
	}
	return -1
}

var (
	podIP    = regexp.MustCompile(`10\.244\.\d+\.\d+`)
	port     = regexp.MustCompile(`:(\d{5})\b`)
	points   = regexp.MustCompile(`\d+ points`)
	sandbox  = regexp.MustCompile(`[0-9a-f]{64}`)
	nameTail = regexp.MustCompile(`^(web-).+`)
)

// plainWords are words without what differs from run to run.
func plainWords(s string) string {
	s = podIP.ReplaceAllString(s, "POD-IP")
	s = sandbox.ReplaceAllString(s, "ID")
	s = port.ReplaceAllString(s, ":PORT")
	return points.ReplaceAllString(s, "N points")
}

// plain are all records, to find out why a test failed.
func plain(records []trace.Record) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%4d %-24s %-13s %-13s %s/%s/%s@%d %s\n", r.Seq, r.Who, r.Node, r.Step, r.Object.Resource, r.Object.Namespace, r.Object.Name, r.Revision, r.Words)
	}
	return b.String()
}
