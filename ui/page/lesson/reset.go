package lesson

import (
	"context"

	"kubergarten/ui/frame"
)

// resetID is the id of the dialog that asks before step, or without one the
// lesson, begins anew.
func resetID(step string) string {
	if step == "" {
		return "lesson-reset"
	}
	return "reset-" + step
}

func resetTitle(ctx context.Context, step string) string {
	if step == "" {
		return frame.T(ctx, "lesson.reset")
	}
	return frame.T(ctx, "lesson.reset-step")
}

func resetWhy(ctx context.Context, v lessonView, step string) string {
	if step == "" {
		return frame.T(ctx, "lesson.reset-why", "namespace", v.Namespace)
	}
	return frame.T(ctx, "lesson.reset-step-why", "namespace", v.Namespace)
}
