package lessons

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/google/cel-go/common/types/ref"
)

// maxValue is how many characters of one value a message holds.
const maxValue = 200

// A phrase is text with {{CEL}} in it.
type phrase struct {
	pieces []piece
}

// A piece is literal text, or a program.
type piece struct {
	text string
	prog *program
}

// phrase compiles s.
func (c *compiler) phrase(s string) (*phrase, error) {
	t := &phrase{}
	for s != "" {
		before, rest, found := strings.Cut(s, "{{")
		t.pieces = append(t.pieces, piece{text: before})
		if !found {
			break
		}
		expr, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return nil, errors.New("{{ without }}")
		}
		prog, err := c.compile(strings.TrimSpace(expr), nil)
		if err != nil {
			return nil, err
		}
		t.pieces = append(t.pieces, piece{prog: prog})
		s = after
	}
	return t, nil
}

// refs are the variables that the phrase looks at.
func (t *phrase) refs() (out []string) {
	for _, p := range t.pieces {
		if p.prog == nil {
			continue
		}
		for r := range p.prog.refs {
			out = append(out, r)
		}
	}
	return out
}

// render fills the phrase in. A value that is not there is "<none>", as kubectl
// shows it.
func (t *phrase) render(vars map[string]any) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.prog == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := p.prog.eval(vars)
		if err != nil {
			b.WriteString("<none>")
			continue
		}
		b.WriteString(tame(show(v)))
	}
	return b.String()
}

// show writes a value as a person would.
func show(v ref.Val) string {
	if s, ok := v.Value().(string); ok {
		return s
	}
	native, err := v.ConvertToNative(reflect.TypeFor[any]())
	if err != nil {
		native = v.Value()
	}
	data, err := json.Marshal(native)
	if err != nil {
		return fmt.Sprint(v.Value())
	}
	return string(data)
}

// tame keeps a value of the cluster from breaking out of a message: it stays on
// one line, inside its backquotes, and short.
func tame(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '`':
			return '\''
		case r < ' ' || r == 0x7f:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > maxValue {
		return string(r[:maxValue]) + "…"
	}
	return s
}
