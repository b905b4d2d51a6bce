package lessons

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// frontFile is the front matter of a lesson's text.
type frontFile struct {
	Title    word            `yaml:"title"`
	Goal     word            `yaml:"goal"`
	Messages map[string]word `yaml:"messages"`
}

// A textLoader turns a Markdown file into a Text, and notes what is wrong in it.
type textLoader struct {
	*faults
	*markdown
	file string
	src  []byte // without the front matter
	skip int    // lines of the front matter
	text *Text
}

// loadText reads one language of a lesson.
func loadText(f *faults, m *markdown, file, lang string, data []byte) *Text {
	t := &textLoader{faults: f, markdown: m, file: file, text: &Text{Lang: lang, said: map[string]bool{}}}
	front, body, ok := splitFront(data)
	if !ok {
		t.add(file, 1, "want front matter between two lines ---")
		return t.text
	}
	t.src, t.skip = body, bytes.Count(front, []byte("\n"))+2
	t.front(front)
	t.body()
	return t.text
}

// splitFront cuts the front matter off a file.
func splitFront(data []byte) (front, body []byte, ok bool) {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, []byte("---\n"))
	if !ok {
		return nil, nil, false
	}
	front, body, ok = bytes.Cut(rest, []byte("\n---\n"))
	return append(front[:len(front):len(front)], '\n'), body, ok
}

func (t *textLoader) front(data []byte) {
	var f frontFile
	if !decode(t.faults, t.file, data, 1, &f) {
		return
	}
	if f.Title.text == "" || f.Goal.text == "" {
		t.add(t.file, 1, "the front matter needs title and goal")
	}
	for id, msg := range f.Messages {
		msg.line++ // the line of the first ---
		f.Messages[id] = msg
		if strings.TrimSpace(msg.text) == "" {
			t.add(t.file, msg.line, "message %q is empty", id)
		}
	}
	t.text.Title, t.text.Goal, t.text.messages = f.Title.text, f.Goal.text, f.Messages
}

// A section is what stands under one heading with an id.
type section struct {
	id    string
	level int
	title string
	line  int
	nodes []ast.Node
}

// body splits the text at its headings: ## for a step, ### for its parts.
func (t *textLoader) body() {
	sections := t.sections(t.src)
	t.text.parts = partsOf(sections, t.src)
	for i, s := range sections {
		s.line += t.skip
		switch {
		case i == 0:
			t.text.Intro = t.html(t.src, s.nodes)
		case s.id == "":
			t.add(t.file, s.line, "heading %q has no {#id}", s.title)
		case s.level == 2:
			t.step(s)
		case s.level == 3 && len(t.text.Steps) > 0:
			t.part(t.text.Steps[len(t.text.Steps)-1], s)
		default:
			t.add(t.file, s.line, "heading %q: want ## for a step or ### for its parts", s.title)
		}
	}
}

func (t *textLoader) step(s *section) {
	if t.text.Step(s.id) != nil {
		t.add(t.file, s.line, "there are two sections {#%s}", s.id)
		return
	}
	t.text.Steps = append(t.text.Steps, &StepText{ID: s.id, Title: s.title, HTML: t.html(t.src, s.nodes), line: s.line})
}

func (t *textLoader) part(step *StepText, s *section) {
	switch s.id {
	case step.ID + "-predict":
		step.Predict = t.predictText(s)
	case step.ID + "-hints":
		t.hints(step, s)
	default:
		t.add(t.file, s.line, "section {#%s} of step %q: want {#%[2]s-predict} or {#%[2]s-hints}", s.id, step.ID)
	}
}

// predictText takes the first list of a section as the choices, in order.
func (t *textLoader) predictText(s *section) *PredictText {
	p := &PredictText{line: s.line}
	var question []ast.Node
	for _, n := range s.nodes {
		if n.Kind() == ast.KindList && p.choices == nil {
			p.choices = t.items(t.src, n)
		} else {
			question = append(question, n)
		}
	}
	if p.Question = t.html(t.src, question); p.Question == "" || len(p.choices) < 2 {
		t.add(t.file, s.line, "section {#%s}: want a question and a list of choices", s.id)
	}
	return p
}

func (t *textLoader) hints(step *StepText, s *section) {
	var hints []template.HTML
	if len(s.nodes) == 1 && s.nodes[0].Kind() == ast.KindList {
		hints = t.items(t.src, s.nodes[0])
	}
	if len(hints) != len(step.Hints) {
		t.add(t.file, s.line, "section {#%s}: want a list of exactly %d hints", s.id, len(step.Hints))
		return
	}
	copy(step.Hints[:], hints)
}
