package main

import (
	"bytes"
	"strings"
	"testing"

	"kubergarten/lessons"
)

// TestWhatALaterStepUndoes: who has finished a lesson is not told to undo it.
func TestWhatALaterStepUndoes(t *testing.T) {
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		t.Fatal(err)
	}
	l, _ := c.Lesson("01-components")
	judge := func(only string, fails ...string) (string, error) {
		var steps []lessons.StepState
		for _, s := range l.Steps {
			state := lessons.StepState{ID: s.ID}
			for _, check := range s.Checks {
				found := lessons.CheckState{ID: check.ID, Passed: check.Afar()}
				for _, id := range fails {
					found.Passed = found.Passed && id != check.ID
				}
				state.Checks = append(state.Checks, found)
			}
			steps = append(steps, state)
		}
		var out bytes.Buffer
		err := judgement{l, "en", only}.print(&out, steps)
		return out.String(), err
	}
	const undone = "  -      waiting-pending  not judged: step place has undone it\n"
	if out, err := judge("", "waiting-pending"); err != nil || !strings.Contains(out, undone) {
		t.Errorf("at the end of the lesson: %v\n%s", err, out)
	}
	if out, err := judge("unscheduled", "waiting-pending"); err != nil || !strings.Contains(out, undone) {
		t.Errorf("the step alone: %v\n%s", err, out)
	}
	if out, err := judge("", "waiting-pending", "waiting-runs"); err == nil || strings.Count(out, wordFails) != 2 {
		t.Errorf("when neither holds: %v\n%s", err, out)
	}
	if out, err := judge("", "waiting-runs"); err == nil || !strings.Contains(out, "holds  waiting-pending") {
		t.Errorf("in the middle of the lesson: %v\n%s", err, out)
	}
}
