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
		for _, c := range s.Checks {
			word, what := j.verdict(s.ID, c)
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

func (j judgement) verdict(step string, c lessons.CheckState) (word, what string) {
	s, _ := j.lesson.Step(step)
	for _, check := range s.Checks {
		if check.ID == c.ID && !check.Afar() {
			return wordUnjudged, "not judged: the page knows it, not the API"
		}
	}
	if c.Passed {
		return wordHolds, ""
	}
	return wordFails, c.Message.In(j.lang)
}
