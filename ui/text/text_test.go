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

// named is every quoted string of the source that looks like a key of a
// section, or like the beginning of one, and the file of each.
func named(t *testing.T, sections []string) map[string]string {
	t.Helper()
	quoted := regexp.MustCompile(`"((?:` + strings.Join(sections, "|") + `)\.[a-z0-9-]*)"`)
	all := map[string]string{}
	read := func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range quoted.FindAllStringSubmatch(string(source), -1) {
			switch filepath.Ext(m[1]) {
			case ".css", ".js", ".json": // a file
			default:
				all[m[1]] = path
			}
		}
		return nil
	}
	for _, dir := range []string{"..", "../../cmd"} {
		if err := filepath.WalkDir(dir, read); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// built are keys that no source names whole, or how they begin: what comes of a
// lesson's form, its kinds of steps, the engine's steps, what is counted.
var built = []string{
	"lesson.busy", "lesson.goal-", "lesson.kind-", "lesson.no-", "lesson.not-", "lesson.predict-once", "lesson.unknown-step",
	"overview.step-", "start.nodes", "start.pods", "start.workloads",
}

// TestTheSourceAndTheCataloguesAgree: no source names a key that no catalogue
// has, and no catalogue has a key that nobody says.
func TestTheSourceAndTheCataloguesAgree(t *testing.T) {
	en, _ := messages(t, English)
	var sections []string
	for _, key := range keys(en) {
		section, _, _ := strings.Cut(key, ".")
		sections = append(sections, section)
	}
	said := named(t, slices.Compact(sections))
	known := func(begin string) bool {
		return slices.ContainsFunc(keys(en), func(k string) bool { return strings.HasPrefix(k, begin) })
	}
	for key, path := range said {
		if begins := strings.HasSuffix(key, ".") || strings.HasSuffix(key, "-"); begins && !known(key) {
			t.Errorf("%s: no key begins with %q", path, key)
		} else if _, ok := en[key]; !ok && !begins {
			t.Errorf("%s: no catalogue has %q", path, key)
		}
	}
	for _, begin := range built {
		if !known(begin) {
			t.Errorf("no key begins with %q", begin)
		}
	}
	for _, key := range keys(en) {
		_, whole := said[key]
		if !whole && !slices.ContainsFunc(built, func(begin string) bool { return strings.HasPrefix(key, begin) }) {
			t.Errorf("nobody says %q", key)
		}
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
