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
	say := func(key string) string { return frame.T(ctx, "terminal."+key) }
	all := map[string]any{
		"most": Most, "limit": frame.T(ctx, "terminal.limit", "count", Most),
		"tab": frame.T(ctx, "terminal.tab", "N", "{n}"), "input": say("input"),
		"opening": say("opening"), "lost": say("lost"), "login": say("login"), "moved": say("moved"),
		"ended": say("ended"), "broken": say("broken"), "full": say("full"), "failed": say("broken"),
		"back": say("back"), "fresh": say("fresh"),
		"open": say("open"), "take": say("take"), "retry": say("retry"), "again": say("again"),
		"select": say("select"), "copied": say("copied"), "copyKeys": say("copy-keys"), "pasteKeys": say("paste-keys"),
	}
	data, err := json.Marshal(all)
	return string(data), err
}
