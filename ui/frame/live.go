package frame

import (
	"context"
	"net/url"

	"github.com/a-h/templ"
)

// A Part is the new self of the element with id Target: HTML renders one
// element with that id, and the browser morphs the old one into it.
type Part struct {
	Target string
	HTML   templ.Component
}

// A Source sends parts for as long as a tab looks at its page: it returns when
// ctx ends. q is the query of Page.Live. send never blocks for long.
type Source func(ctx context.Context, q url.Values, send func(...Part)) error

// Live registers a source of parts under name.
func (f *Frame) Live(name string, s Source) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sources[name] = s
}
