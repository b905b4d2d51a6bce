package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kubergarten/lessons"
	"kubergarten/ui/browser"
)

// TestAnAuthorSeesWhatIsWritten changes a lesson while the page shows it.
func TestAnAuthorSeesWhatIsWritten(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a cluster and a browser")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, lessons.Content()); err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	s.command = []string{"lesson", "serve", dir}
	s.start()
	s.waitReady()
	s.says("Lessons     5 in " + dir)
	b := browser.New(t)
	b.Do(browser.Open(s.link), browser.See("#start-nodes"), browser.Open(pageOf(s.link)+"/lessons/02-pods"), browser.See("#lesson-text h1"))
	text, task := filepath.Join(dir, "02-pods", "lesson.en.md"), filepath.Join(dir, "02-pods", "task.yaml")

	rewrite(t, text, "title: What is a pod?", "title: Pods once more")
	b.Do(browser.Text("#lesson-text h1", "Pods once more"))

	rewrite(t, task, "minutes:", "minute:")
	s.says(task + ":3: field minute not found")
	b.Do(browser.Reload(), browser.Text("#lesson-text h1", "Pods once more"))

	rewrite(t, text, "title: Pods once more", "title: Pods at last")
	s.says(task + ":3: field minute not found")
	rewrite(t, task, "minute:", "minutes:")
	b.Do(browser.Text("#lesson-text h1", "Pods at last"))
	b.Innocent()
}

// TestAnAuthorIsToldWhatThePageHas: lessons as they were, if there were any.
func TestAnAuthorIsToldWhatThePageHas(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, lessons.Content()); err != nil {
		t.Fatal(err)
	}
	task := filepath.Join(dir, "02-pods", "task.yaml")
	rewrite(t, task, "minutes:", "minute:")
	var out bytes.Buffer
	a, err := newAuthor(dir, &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		ok         bool
		says       string
		old, after string
	}{
		{false, "The page has no lessons until this is mended.\n", "minute:", "minutes:"},
		{true, "Lessons     5 in " + dir + "\n", "minutes:", "minute:"},
		{false, "The page keeps the lessons as they were before, until this is mended.\n", "minute:", "minutes:"},
	} {
		out.Reset()
		if _, ok := a.load(); ok != step.ok || !strings.HasSuffix(out.String(), step.says) {
			t.Errorf("loaded %v, and said %q; want %q", ok, out.String(), step.says)
		}
		rewrite(t, task, step.old, step.after)
	}
}

// rewrite replaces text in a file, as editors do: by a new file of that name.
func rewrite(t *testing.T, file, old, now string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), old, now, 1)
	if text == string(data) {
		t.Fatalf("%s holds no %q", file, old)
	}
	if err := os.WriteFile(file+"~", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+"~", file); err != nil {
		t.Fatal(err)
	}
}

// says waits until the process prints a line that holds want.
func (s *server) says(want string) {
	s.Helper()
	late := time.After(patience)
	for {
		select {
		case line := <-s.said:
			if strings.Contains(line, want) {
				return
			}
		case <-late:
			s.Fatalf("nobody says %q", want)
		}
	}
}
