package lessons

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

// An Expectation is what the engine is to say to a wrong answer.
type Expectation struct {
	Step, Check, Message string
}

// ParseWrong reads what a wrong answer of the lesson expects: the line
// "expect: step/check message" in the comment of the archive.
func ParseWrong(l *Lesson, data []byte) (Expectation, error) {
	for line := range strings.Lines(string(txtar.Parse(data).Comment)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "expect:")
		if !ok {
			continue
		}
		var e Expectation
		where, message, _ := strings.Cut(strings.TrimSpace(rest), " ")
		e.Step, e.Check, _ = strings.Cut(where, "/")
		e.Message = strings.TrimSpace(message)
		return e, e.known(l)
	}
	return Expectation{}, errors.New("want a line expect: step/check message")
}

// known reports whether the lesson could say so.
func (e Expectation) known(l *Lesson) error {
	s, ok := l.Step(e.Step)
	if !ok {
		return fmt.Errorf("expect: there is no step %q", e.Step)
	}
	for _, c := range s.Checks {
		for _, o := range c.otherwise {
			if c.ID == e.Check && o.say == e.Message {
				return nil
			}
		}
	}
	return fmt.Errorf("expect: check %q of step %q does not say %q", e.Check, e.Step, e.Message)
}
