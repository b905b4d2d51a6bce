package terminal

import (
	"context"

	"github.com/a-h/templ"
)

// A PanelConfig says what a Panel is.
type PanelConfig struct {
	// ID begins the ids of its elements; "terminal" when empty.
	ID string
	// Focus puts the focus into the terminal as soon as it is there.
	Focus bool
}

// Panel is the terminal as a part of a page, which must also load Scripts and
// Styles.
func Panel(_ context.Context, p PanelConfig) templ.Component { return panel(p) }
