package lessons

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
)

// version is that of the form in which progress is written.
const version = 1

// maxImport is how large progress may be that somebody brings.
const maxImport = 1 << 20

// A book is all that is kept of one learner, by lesson.
type book map[string]*page

// A page is a learner's progress in one lesson.
type page struct {
	Started bool             `json:"started,omitempty"`
	Preset  bool             `json:"preset,omitempty"` // the lesson's flags hold
	Steps   map[string]*mark `json:"steps,omitempty"`
}

// A mark is a learner's progress in one step.
type mark struct {
	Passed   bool   `json:"passed,omitempty"`
	Choice   string `json:"choice,omitempty"`
	Outcome  string `json:"outcome,omitempty"` // the right choice, when graded
	Answer   string `json:"answer,omitempty"`
	Hints    int    `json:"hints,omitempty"`
	Solution bool   `json:"solution,omitempty"`
	Ready    bool   `json:"ready,omitempty"` // its manifests are applied and its files lie on the desk
}

// written is a book as it is stored and exported.
type written struct {
	Version int    `json:"version"`
	Learner string `json:"learner,omitempty"`
	Lessons book   `json:"lessons"`
}

// page returns the learner's progress in a lesson, beginning it if need be.
func (b book) page(lesson string) *page {
	p := b[lesson]
	if p == nil {
		p = &page{}
		b[lesson] = p
	}
	if p.Steps == nil {
		p.Steps = map[string]*mark{}
	}
	return p
}

func (p *page) mark(step string) *mark {
	m := p.Steps[step]
	if m == nil {
		m = &mark{}
		p.Steps[step] = m
	}
	return m
}

// copy returns a page that does not change any more.
func (p *page) copy() *page {
	out := &page{p.Started, p.Preset, maps.Clone(p.Steps)}
	for id, m := range out.Steps {
		c := *m
		out.Steps[id] = &c
	}
	return out
}

// status tells whether a step is passed, open, or locked by one before it.
func (p *page) status(l *Lesson, step string) string {
	for _, s := range l.Steps {
		passed := p.mark(s.ID).Passed
		switch {
		case s.ID == step && passed:
			return Passed
		case s.ID == step:
			return Open
		case !passed:
			if p.mark(step).Passed {
				return Passed
			}
			return Locked
		}
	}
	return Locked
}

// shut tells why a step takes neither prediction nor answer, nil if it does.
func (p *page) shut(l *Lesson, step string) error {
	switch {
	case p.status(l, step) == Passed:
		return nil
	case !p.Started:
		return ErrNotStarted
	case p.status(l, step) == Locked:
		return ErrLocked
	}
	return nil
}

func encode(learner string, b book) ([]byte, error) {
	return json.MarshalIndent(written{version, learner, b}, "", "  ")
}

// ErrNotProgress is what Import says of data that Export has not given.
var ErrNotProgress = errors.New("progress cannot be read")

// parseBook reads a book strictly: what it does not know it does not take.
func parseBook(data []byte) (book, error) {
	if len(data) > maxImport {
		return nil, fmt.Errorf("%w: %d bytes are too many", ErrNotProgress, len(data))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var w written
	if err := d.Decode(&w); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProgress, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: there is more after its end", ErrNotProgress)
	}
	if w.Version != version {
		return nil, fmt.Errorf("%w: its version is %d, want %d", ErrNotProgress, w.Version, version)
	}
	return w.Lessons.tidy(), nil
}

// tidy takes out what no code of ours writes.
func (b book) tidy() book {
	out := book{}
	for lesson, p := range b {
		if p == nil {
			continue
		}
		maps.DeleteFunc(p.Steps, func(_ string, m *mark) bool { return m == nil })
		for _, m := range p.Steps {
			m.Hints = min(max(m.Hints, 0), 3)
		}
		out[lesson] = p
	}
	return out
}
