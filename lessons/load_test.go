package lessons_test

import (
	"testing"

	"kubergarten/lessons"
)

func TestTheLessonsLoad(t *testing.T) {
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Lessons()); got != 5 {
		t.Errorf("%d lessons, want 5", got)
	}
}
