package lesson

import (
	"context"
	"html/template"
	"net/url"

	"github.com/a-h/templ"

	"kubergarten/lessons"
	"kubergarten/ui/component"
	"kubergarten/ui/frame"
)

// href is a lesson's address.
func href(lesson string) string { return "/lessons/" + url.PathEscape(lesson) }

// beginWord is what the button to a lesson says.
func beginWord(ctx context.Context, c Card) string {
	switch {
	case c.Done():
		return frame.T(ctx, "lesson.again")
	case c.Started:
		return frame.T(ctx, "lesson.continue")
	}
	return frame.T(ctx, "lesson.begin")
}

// goalWord is the label of a step's goal.
func goalWord(ctx context.Context, goal string) string { return frame.T(ctx, "lesson.goal-"+goal) }

// kindWord is the label of a step's kind.
func kindWord(ctx context.Context, kind string) string { return frame.T(ctx, "lesson.kind-"+kind) }

// A statusMark is a status as an icon and a word.
type statusMark struct{ Icon, Word string }

// stepMark is a step's status.
func stepMark(ctx context.Context, status string) statusMark {
	switch status {
	case lessons.Passed:
		return statusMark{component.OK, frame.T(ctx, "lesson.passed")}
	case lessons.Open:
		return statusMark{component.Busy, frame.T(ctx, "lesson.open")}
	}
	return statusMark{"lock", frame.T(ctx, "lesson.locked")}
}

// checkMark is a check's status in a step.
func checkMark(ctx context.Context, s stepView, c lessons.CheckState) statusMark {
	switch {
	case c.Passed || s.Status == lessons.Passed:
		return statusMark{component.OK, frame.T(ctx, "lesson.check-passed")}
	case s.waits():
		return statusMark{component.Off, frame.T(ctx, "lesson.check-waits")}
	case len(c.Message) == 0:
		return statusMark{component.Busy, frame.T(ctx, "lesson.check-looks")}
	}
	return statusMark{component.Busy, frame.T(ctx, "lesson.check-failed")}
}

// saying is what is told to somebody who does not see the page, when it changes.
func saying(ctx context.Context, v lessonView) string {
	if v.Done {
		return frame.T(ctx, "lesson.said-done")
	}
	s := v.now()
	if s == nil {
		return ""
	}
	said := ""
	if s.Number > 1 {
		before := v.Steps[s.Number-2]
		said = frame.T(ctx, "lesson.said-passed", "number", before.Number, "title", before.Title) + " "
	}
	passed, all := s.holds()
	return said + frame.T(ctx, "lesson.said-step", "number", s.Number, "title", s.Title, "passed", passed, "all", all)
}

// lockedWhy says what opens a step.
func lockedWhy(ctx context.Context, v lessonView) string {
	if !v.Started {
		return frame.T(ctx, "lesson.locked-begin")
	}
	return frame.T(ctx, "lesson.locked-hint")
}

// markup is a piece of a lesson's text, which the Teacher has made safe.
func markup(h template.HTML) templ.Component { return templ.Raw(string(h)) }

// startWord is what the button says that makes the lesson's place.
func startWord(ctx context.Context, v lessonView) string {
	if v.passed() > 0 {
		return frame.T(ctx, "lesson.resume")
	}
	return frame.T(ctx, "lesson.start")
}

// startWhy says what that does.
func startWhy(ctx context.Context, v lessonView) string {
	if v.passed() > 0 {
		return frame.T(ctx, "lesson.resume-hint", "namespace", v.Namespace)
	}
	return frame.T(ctx, "lesson.start-hint", "namespace", v.Namespace)
}
