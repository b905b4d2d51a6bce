package main

import (
	"fmt"
	"io"
	"strings"

	"kubergarten/lessons"
)

// A judgement prints what was found of a lesson, or of one of its steps.
type judgement struct {
	lesson *lessons.Lesson
	lang   string
	only   string // empty: all steps
}

// print writes a line for each check. Its error says how many failed.
func (j judgement) print(out io.Writer, steps []lessons.StepState) error {
	found := map[string]int{}
	for _, s := range steps {
		if j.only != "" && s.ID != j.only {
			continue
		}
		fmt.Fprintf(out, "%s  %s\n", s.ID, j.lesson.In(j.lang).Step(s.ID).Title)
		undone := j.undone(s.ID, steps)
		for _, c := range s.Checks {
			word, what := j.verdict(s.ID, c, undone)
			found[word]++
			line := fmt.Sprintf("  %-5s  %-*s  %s", word, width(s.Checks), c.ID, what)
			fmt.Fprintln(out, strings.TrimRight(line, " "))
		}
	}
	if failed := found[wordFails]; failed > 0 {
		return fmt.Errorf("lesson %s: %d of %d checks fail", j.lesson.ID, failed, failed+found[wordHolds])
	}
	return nil
}

// width is that of the longest id.
func width(checks []lessons.CheckState) (n int) {
	for _, c := range checks {
		n = max(n, len(c.ID))
	}
	return n
}

// What is said of a check.
const (
	wordHolds    = "holds"
	wordFails    = "FAILS"
	wordUnjudged = "-"
)

// undone is the later step that has undone a step, as it must; empty while
// something of that one fails.
func (j judgement) undone(step string, steps []lessons.StepState) string {
	s, _ := j.lesson.Step(step)
	for _, later := range steps {
		if later.ID != s.Undone {
			continue
		}
		for _, c := range later.Checks {
			if word, _ := j.verdict(later.ID, c, ""); word == wordFails {
				return ""
			}
		}
		return later.ID
	}
	return ""
}

// verdict judges a check of a step, which undone has undone if it is not empty.
func (j judgement) verdict(step string, c lessons.CheckState, undone string) (word, what string) {
	s, _ := j.lesson.Step(step)
	for _, check := range s.Checks {
		if check.ID == c.ID && !check.Afar() {
			return wordUnjudged, "not judged: the page knows it, not the API"
		}
	}
	if c.Passed {
		return wordHolds, ""
	}
	if undone != "" {
		return wordUnjudged, "not judged: step " + undone + " has undone it"
	}
	return wordFails, c.Message.In(j.lang)
}
