package ash

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseCompletion(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		want         completion
	}{
		{"choices", "get\tDisplay one or many resources\ndelete\tDelete\n:4\n", completion{[]string{"get", "delete"}, completeNoFile}},
		{"nothing", ":0\n", completion{}},
		{"an error", "Error: no\n:1\n", completion{directive: completeError}},
		{"no directive", "get\n", completion{directive: completeError}},
		{"silence", "", completion{directive: completeError}},
		{"a colon in a choice", "a:b\n:2\n", completion{[]string{"a:b"}, completeNoSpc}},
		{"help that is no choice", "_activeHelp_ choose a pod\nweb\n:4\n", completion{[]string{"web"}, completeNoFile}},
		{"endings", "json\nyaml\n:8\n", completion{[]string{"json", "yaml"}, completeExts}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, parseCompletion(tt.answer), cmp.AllowUnexported(completion{})); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMatching(t *testing.T) {
	c := completion{choices: []string{"web-1", "web-2", "db", "web-1", "we`reboot`", "we b", "we$x", "we\x1b[2J"}}
	for word, want := range map[string]string{
		"":                "db web-1 web-2",
		"web":             "web-1 web-2",
		"web-2":           "web-2",
		"x":               "",
		"--namespace=w":   "--namespace=web-1 --namespace=web-2",
		"--namespace=db":  "--namespace=db",
		"name=w":          "",
		"--namespace=web": "--namespace=web-1 --namespace=web-2",
	} {
		if got := strings.Join(c.matching(word), " "); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestReadTyped(t *testing.T) {
	for _, tt := range []struct {
		line  string
		words string
		word  string
		plain bool
	}{
		{"kubectl ", "kubectl", "", true},
		{"kubectl get po", "kubectl get", "po", true},
		{"ls | kubectl get po", "kubectl get", "po", true},
		{"x=$(kubectl get po", "kubectl get", "po", true},
		{"a; b && ! kubectl  get\tpods ", "kubectl get pods", "", true},
		{"while kubectl get; do A=b kubectl lo", "kubectl", "lo", true},
		{"kubectl get 2>err po", "kubectl get", "po", true},
		{"kubectl get > po", "kubectl get", "po", false},
		{"kubectl get >po", "kubectl get", "po", false},
		{"kubectl get 'my pod' x", "kubectl get my pod", "x", true},
		{"kubectl get 'my p", "kubectl get", "my p", false},
		{`kubectl get my\ p`, "kubectl get", "my p", false},
		{"kube", "", "kube", true},
		{"", "", "", true},
	} {
		got := readTyped(tt.line)
		want := typed{strings.Fields(tt.words), tt.word, tt.plain}
		if strings.Join(got.words, " ") != tt.words || got.word != want.word || got.plain != want.plain {
			t.Errorf("%q: %q %q %v", tt.line, got.words, got.word, got.plain)
		}
	}
}

func TestInColumns(t *testing.T) {
	got := inColumns([]string{"a", "bb", "ccc", "d", "e"}, 16)
	if want := "a    ccc  e\nbb   d\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := inColumns([]string{strings.Repeat("x", 90), "y"}, 80); strings.Count(got, "\n") != 2 {
		t.Errorf("%q", got)
	}
}

func TestInColumnsOfWideCharacters(t *testing.T) {
	got := inColumns([]string{"a.txt", "日志.txt", "b", "日记"}, 20)
	if want := "a.txt     b\n日志.txt  日记\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCommonPrefix(t *testing.T) {
	for want, list := range map[string][]string{
		"日志":      {"日志一.txt", "日志二.txt"}, // 一 and 二 begin with the same byte
		"web-":    {"web-1", "web-2"},
		"":        {"一", "二"},
		"a":       {"a", "ab"},
		"日志一.txt": {"日志一.txt"},
	} {
		if got := commonPrefix(list); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

// TestCompletedFiles completes names in a directory.
func TestCompletedFiles(t *testing.T) {
	s := New("sh", nil)
	s.dir = t.TempDir()
	for _, name := range []string{"main.yaml", "map.txt", "日志一.txt", "日志二.txt", "日\xff"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.dir, "manifests"), 0o700); err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"ma":                  "main.yaml manifests/",
		"--filename=ma":       "--filename=main.yaml --filename=manifests/",
		"--filename=manifest": "--filename=manifests/",
		"-f=main":             "-f=main.yaml",
		"a=ma":                "",
	} {
		if got := strings.Join(s.filesOf(word, []string{"json", "yaml"}), " "); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if _, got, _ := s.completions("cat 日"); strings.Join(got, " ") != "日志一.txt 日志二.txt" {
		t.Errorf("%q", got)
	}
}

// TestOutput asks a program that answers, and one that has begun to.
func TestOutput(t *testing.T) {
	s := New("sh", nil)
	if got := s.output([]string{"echo", "get"}, time.Minute); got != "get\n" {
		t.Errorf("%q", got)
	}
	if got := s.output([]string{"sh", "-c", "echo get; exec sleep 600"}, 100*time.Millisecond); got != "get\n" && got != "" {
		t.Errorf("%q", got)
	}
	if got := s.output([]string{"no such program"}, time.Minute); got != "" {
		t.Errorf("%q", got)
	}
	if got := s.output([]string{"yes"}, time.Minute); len(got) != 1<<20 {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzCompletion(f *testing.F) {
	f.Add("get\tDisplay\nlogs\n:4\n", "kubectl ge")
	f.Add("yaml\n:8", "x | k apply -f 'a b' --namespace=d")
	f.Add(":-1", "a=$(`\\\"<")
	f.Fuzz(func(t *testing.T, answer, line string) {
		c := parseCompletion(answer)
		if c.directive < 0 || c.directive&completeError != 0 && c.choices != nil {
			t.Errorf("%q: %v", answer, c)
		}
		typed := readTyped(line)
		found := c.matching(typed.word)
		for _, w := range found {
			if !strings.HasPrefix(w, typed.word) || !isPlain(w) {
				t.Errorf("%q completes %q", w, typed.word)
			}
		}
		if !slices.IsSorted(found) {
			t.Errorf("%q is not sorted", found)
		}
		if typed.plain && !strings.HasSuffix(line, typed.word) {
			t.Errorf("%q does not end with %q", line, typed.word)
		}
		if text := inColumns(found, 40); len(found) > 0 && !strings.HasSuffix(text, "\n") {
			t.Errorf("columns are %q", text)
		}
	})
}
