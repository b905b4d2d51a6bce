package proxy

import (
	"fmt"
	"strings"

	"kubergarten/engine/trace"
)

func ref(key string) trace.Ref {
	ns, name, _ := strings.Cut(key, "/")
	return trace.Ref{Resource: "services", Namespace: ns, Name: name}
}

// words says what rules the Service of that key has now.
func (p *proxier) words(key string) string {
	e, ok := p.written[key]
	if !ok {
		return "removed its rules"
	}
	backends := map[string]bool{}
	for _, r := range e.rules {
		for _, b := range r.backends {
			backends[b.String()] = true
		}
	}
	if len(backends) == 0 {
		return "connections are refused: has no endpoints"
	}
	return fmt.Sprintf("%d rules lead to %d endpoints", len(e.rules), len(backends))
}
