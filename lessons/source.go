package lessons

import (
	"bytes"
	"strings"
)

// A part is a section as it is written.
type part struct {
	id     string
	level  int
	title  string
	source string
}

// partsOf cuts src as its sections are, whose lines count from 1.
func partsOf(sections []*section, src []byte) []part {
	lines := bytes.SplitAfter(src, []byte("\n"))
	out := make([]part, len(sections))
	for i, s := range sections {
		end := len(lines)
		if i+1 < len(sections) {
			end = sections[i+1].line - 1
		}
		out[i] = part{s.id, s.level, s.title, string(bytes.TrimSpace(bytes.Join(lines[min(s.line, end):end], nil)))}
	}
	return out
}

// Markdown returns the lesson as it is written, with headings that have no ids.
// Hints and solutions come with it only if they are asked for.
func (t *Text) Markdown(hints, solutions bool) string {
	var b strings.Builder
	b.WriteString("# " + t.Title + "\n\n" + t.Goal + "\n")
	for i, p := range t.parts {
		hint := strings.HasSuffix(p.id, "-hints")
		if p.level > 0 && (hints || !hint) {
			b.WriteString("\n" + strings.Repeat("#", p.level) + " " + p.title + "\n")
		}
		if p.source != "" && (hints || !hint) {
			b.WriteString("\n" + p.source + "\n")
		}
		// A step ends where the next one begins.
		if s := t.stepAt(i); solutions && s != nil {
			b.WriteString("\n### " + solutionTitles()[t.Lang] + "\n\n```\n" + s.Solution + "\n```\n")
		}
	}
	return b.String()
}

// solutionTitles are the headings over solutions, by language.
func solutionTitles() map[string]string {
	return map[string]string{"en": "Solution", "zh-CN": "解答"}
}

// stepAt returns the step whose last part is that of index i, or nil.
func (t *Text) stepAt(i int) *StepText {
	if i+1 < len(t.parts) && t.parts[i+1].level > 2 {
		return nil
	}
	for ; i >= 0; i-- {
		if t.parts[i].level == 2 {
			return t.Step(t.parts[i].id)
		}
	}
	return nil
}
