package frame

import (
	"bytes"
	"context"
	"io"

	"github.com/a-h/templ"
)

// A Scene is what a view of a Gallery follows and paints. Implemented by the
// pages: the cluster, a list, an object, a log.
type Scene interface {
	// Follow calls changed whenever there may be something new, until ctx ends.
	Follow(ctx context.Context, changed func()) error
	// Look takes in how things are now. It and Paint are called in turn.
	Look(ctx context.Context)
	// Paint renders what was taken in, in the language of ctx.
	Paint(ctx context.Context, lang string) Painting
}

// A Painting is a scene in one language: all of it, rendered for who comes, and
// what differs from the painting before.
type Painting struct {
	All     func() []Part
	Changed []Part
}

// A Picture is rendered HTML, for all tabs.
type Picture struct {
	html []byte
	err  error
}

// Paint renders c once.
func Paint(ctx context.Context, c templ.Component) Picture {
	var html bytes.Buffer
	err := c.Render(ctx, &html)
	return Picture{html.Bytes(), err}
}

// HTML is what was rendered.
func (p Picture) HTML() string { return string(p.html) }

// Render writes the picture.
func (p Picture) Render(_ context.Context, out io.Writer) error {
	if p.err != nil {
		return p.err
	}
	_, err := out.Write(p.html)
	return err
}
