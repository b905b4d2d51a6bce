package lessons

import (
	"context"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A Lister reads a cluster from afar.
type Lister interface {
	// List returns the objects of a resource, in a namespace unless it is empty.
	List(ctx context.Context, resource schema.GroupVersionResource, namespace string) ([]unstructured.Unstructured, error)
}

// Afar reports whether the check can be judged from the cluster alone: what
// learners type, and the trace, is not in it.
func (c *Check) Afar() bool {
	return c.ID != AskID && !c.expr.refs["trace"]
}

// Calls reports whether a check makes HTTP calls.
func (l *Lesson) Calls() bool {
	for _, s := range l.Steps {
		for _, c := range s.Checks {
			if c.probe != nil && c.probe.url != nil {
				return true
			}
		}
	}
	return false
}

// Examine evaluates the checks of all steps once, as the cluster is now. It
// needs no progress: steps may be judged as passed in any order. Checks that
// are not Afar do not hold.
func (l *Lesson) Examine(ctx context.Context, from Lister, prober Prober) ([]StepState, error) {
	f, err := l.gather(ctx, from, prober)
	if err != nil {
		return nil, err
	}
	var out []StepState
	for _, s := range l.Steps {
		for _, c := range s.Checks {
			if c.probe != nil {
				key := s.ID + "/" + c.ID
				f.probes[key] = c.probe.resolve(f.vars(s.ID, c.ID, "")).ask(ctx, prober, l.Namespace)
			}
		}
		state := StepState{ID: s.ID, Status: Open}
		var passed bool
		if state.Checks, passed = judge(s, f, ""); passed {
			state.Status = Passed
		}
		out = append(out, state)
	}
	return out, nil
}

// gather lists all that the lesson's checks look at.
func (l *Lesson) gather(ctx context.Context, from Lister, prober Prober) (*facts, error) {
	f := &facts{ns: l.Namespace, objects: map[string][]any{}, probes: map[string]map[string]any{}, logs: readNow(ctx, prober, l.Namespace)}
	for _, k := range l.watches() {
		ns := ""
		if k.namespaced {
			ns = l.Namespace
		}
		items, err := from.List(ctx, k.gvr(), ns)
		if err != nil {
			return nil, err
		}
		list := make([]any, len(items))
		for i := range items {
			list[i] = items[i].Object
		}
		f.objects[k.resource] = list
	}
	return f, nil
}

// readNow reads logs as they are asked for.
func readNow(ctx context.Context, prober Prober, ns string) logsOf {
	return func(pod, container string) string {
		if prober == nil {
			return ""
		}
		r, err := prober.Logs(ctx, ns, pod, container, false)
		if err != nil {
			return ""
		}
		defer r.Close()
		data, _ := io.ReadAll(io.LimitReader(r, maxOutput))
		return string(data)
	}
}
