package terminal

import (
	"context"
	"encoding/json"

	"github.com/a-h/templ"

	"kubergarten/ui/frame"
)

// A PanelConfig says what a Panel is.
type PanelConfig struct {
	// ID begins the ids of its elements; "terminal" when empty.
	ID string
	// Focus puts the focus into the terminal as soon as it is there.
	Focus bool
}

// Panel is the terminal as a part of a page, which must also load Scripts and
// Styles. It is as high as what holds it, and at least 18 rem. Another part of
// the page types into it, without running it, by
//
//	document.dispatchEvent(new CustomEvent("kg-type", { detail: { text: "kubectl get pods" } }))
//
// which also takes the focus there; an empty text does that alone.
func Panel(_ context.Context, p PanelConfig) templ.Component { return panel(p) }

func (p PanelConfig) id() string {
	if p.ID == "" {
		return "terminal"
	}
	return p.ID
}

// texts are what the script says, as JSON. Some are named after a state of the
// connection.
func texts(ctx context.Context) (string, error) {
	all := map[string]any{
		"most": Most, "limit": frame.T(ctx, "terminal.limit", "count", Most), "tab": frame.T(ctx, "terminal.tab", "N", "{n}"),
	}
	for name, key := range map[string]string{
		"input": "terminal.input", "opening": "terminal.opening", "lost": "terminal.lost", "login": "terminal.login",
		"moved": "terminal.moved", "ended": "terminal.ended", "broken": "terminal.broken", "full": "terminal.full",
		"failed": "terminal.broken", "back": "terminal.back", "fresh": "terminal.fresh",
		"open": "terminal.open", "take": "terminal.take", "retry": "terminal.retry", "again": "terminal.again",
		"select": "terminal.select", "copied": "terminal.copied", "copyKeys": "terminal.copy-keys", "pasteKeys": "terminal.paste-keys",
	} {
		all[name] = frame.T(ctx, key)
	}
	data, err := json.Marshal(all)
	return string(data), err
}
