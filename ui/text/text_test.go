package text

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// messages are all messages of a language, and the file of each.
func messages(t *testing.T, lang string) (said, from map[string]string) {
	t.Helper()
	said, from = map[string]string{}, map[string]string{}
	names, err := fs.Glob(Files, "*"+lang+".toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(data, &tree); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		flatten("", tree, func(key, text string) {
			if old, twice := from[key]; twice {
				t.Errorf("%s is in %s and in %s", key, old, name)
			}
			said[key], from[key] = text, name
		})
	}
	return said, from
}

// flatten visits the messages of a tree; one with plurals is one message.
func flatten(prefix string, tree map[string]any, visit func(key, text string)) {
	for k, v := range tree {
		key := strings.TrimPrefix(prefix+"."+k, ".")
		switch v := v.(type) {
		case string:
			visit(key, v)
		case map[string]any:
			if other, plural := v["other"].(string); plural {
				visit(key, other)
				continue
			}
			flatten(key, v, visit)
		default:
			visit(key, fmt.Sprint(v))
		}
	}
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func TestBothLanguagesSayTheSame(t *testing.T) {
	en, enFrom := messages(t, English)
	zh, _ := messages(t, Chinese)
	if d := cmp.Diff(keys(en), keys(zh)); d != "" {
		t.Errorf("keys in English (-) and in Chinese (+) differ:\n%s", d)
	}
	value := regexp.MustCompile(`\{\{\s*\.(\w+)`)
	values := func(s string) (all []string) {
		for _, m := range value.FindAllStringSubmatch(s, -1) {
			all = append(all, strings.Replace(m[1], "PluralCount", "count", 1))
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	for key, text := range en {
		if d := cmp.Diff(values(text), values(zh[key])); d != "" && zh[key] != "" {
			t.Errorf("%s (%s) takes other values in Chinese:\n%s", key, enFrom[key], d)
		}
		if strings.TrimSpace(text) == "" || (zh[key] == "" && enFrom[key] != "") {
			t.Errorf("%s (%s) is empty in a language", key, enFrom[key])
		}
	}
}

// TestEveryKeyOfTheSourceIsSaid: a key that the source names, and no catalogue
// has, does not get past this test.
func TestEveryKeyOfTheSourceIsSaid(t *testing.T) {
	en, _ := messages(t, English)
	call := regexp.MustCompile(`\b(?:frame|text)\.T\(\s*[\w.()]+,\s*"([^"]+)"\s*([,)+])`)
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" && filepath.Ext(path) != ".templ" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			found++
			if m[2] == "+" { // the beginning of a key: some key must begin so
				if !slices.ContainsFunc(keys(en), func(k string) bool { return strings.HasPrefix(k, m[1]) }) {
					t.Errorf("%s: no key begins with %q", path, m[1])
				}
			} else if _, ok := en[m[1]]; !ok {
				t.Errorf("%s: no catalogue has %q", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Errorf("only %d keys were found in the source: the test reads the wrong place", found)
	}
}

func TestT(t *testing.T) {
	for name, tt := range map[string]struct {
		lang, key string
		args      []any
		want      string
	}{
		"plain":            {English, "layout.cluster", nil, "Cluster"},
		"Chinese":          {Chinese, "layout.cluster", nil, "集群"},
		"value":            {English, "start.begin", []any{"number", 3}, "Begin: lesson 3"},
		"one":              {English, "start.minutes", []any{"count", 1}, "about 1 minute"},
		"many":             {English, "start.minutes", []any{"count", 7}, "about 7 minutes"},
		"Chinese count":    {Chinese, "start.minutes", []any{"count", 7}, "约 7 分钟"},
		"unknown key":      {English, "no.such-key", nil, "[no.such-key]"},
		"unknown language": {"tlh", "layout.cluster", nil, "Cluster"},
		"odd arguments":    {English, "layout.cluster", []any{"x"}, "Cluster"},
		"markup is a text": {English, "start.begin", []any{"number", "<b>"}, "Begin: lesson <b>"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := T(With(t.Context(), tt.lang), tt.key, tt.args...); got != tt.want {
				t.Errorf("T = %q, want %q", got, tt.want)
			}
		})
	}
	if got := T(t.Context(), "layout.cluster"); got != "Cluster" {
		t.Errorf("without a language: %q", got)
	}
}

func BenchmarkT(b *testing.B) {
	ctx := With(b.Context(), Chinese)
	for b.Loop() {
		T(ctx, "start.progress", "passed", 1, "steps", 3)
	}
}
