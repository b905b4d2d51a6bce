package lessons_test

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kubergarten/lessons"
)

// taskSheet is what the tests read of a task file by themselves.
type taskSheet struct {
	Steps []struct {
		ID, Kind, Goal string
		Predict        *struct {
			Choices       []string
			Graded        string
			Misconception map[string]string
		}
	}
}

// TestTheLessonsAreBuiltAlike holds each lesson to the way lessons teach here:
// a worked example, then gaps, then alone; something to predict in each step,
// which is graded by what happens; three misconceptions or more among the
// choices; two wrong answers or more; and the same commands in all languages.
func TestTheLessonsAreBuiltAlike(t *testing.T) {
	c, err := lessons.Load(lessons.Content())
	check(t, err)
	for _, l := range c.Lessons() {
		t.Run(l.ID, func(t *testing.T) {
			faded(t, l)
			predicted(t, readSheet(t, l))
			if _, wrong := waysOf(t, l); len(wrong) < 2 {
				t.Errorf("%d wrong answers, want at least 2", len(wrong))
			}
			first := commands(t, l, "en")
			for _, lang := range lessons.Languages() {
				if diff := cmp.Diff(first, commands(t, l, lang)); diff != "" {
					t.Errorf("the commands in %s differ (-en +%s):\n%s", lang, lang, diff)
				}
			}
		})
	}
}

// faded checks that help fades, and that something is repaired in the end.
func faded(t *testing.T, l *lessons.Lesson) {
	t.Helper()
	kinds := []string{lessons.Example, lessons.Gaps, lessons.Alone}
	var got []string
	for _, s := range l.Steps {
		got = append(got, s.Kind)
	}
	if !slices.Equal(slices.Compact(slices.Clone(got)), kinds) {
		t.Errorf("the kinds of steps are %v, want %v in this order", got, kinds)
	}
	if last := l.Steps[len(l.Steps)-1]; last.Goal != lessons.Repair {
		t.Errorf("the last step's goal is %s, want %s", last.Goal, lessons.Repair)
	}
}

func predicted(t *testing.T, s taskSheet) {
	t.Helper()
	misconceptions := map[string]bool{}
	for _, step := range s.Steps {
		p := step.Predict
		if p == nil || p.Graded == "" || len(p.Choices) < 3 {
			t.Errorf("step %s predicts nothing that is graded by what happens, with three choices", step.ID)
			continue
		}
		for _, m := range p.Misconception {
			misconceptions[m] = true
		}
		if len(p.Misconception) != len(p.Choices)-1 {
			t.Errorf("step %s explains %d of its %d wrong choices", step.ID, len(p.Misconception), len(p.Choices)-1)
		}
	}
	if len(misconceptions) < 3 {
		t.Errorf("%d misconceptions, want at least 3", len(misconceptions))
	}
}

func readSheet(t *testing.T, l *lessons.Lesson) (s taskSheet) {
	t.Helper()
	data, err := fs.ReadFile(lessons.Content(), l.ID+"/task.yaml")
	check(t, err)
	check(t, yaml.Unmarshal(data, &s))
	return s
}

// commands are the blocks of code of a lesson's text, and the commands among its
// words, by step.
func commands(t *testing.T, l *lessons.Lesson, lang string) map[string][]string {
	t.Helper()
	data, err := fs.ReadFile(lessons.Content(), l.ID+"/lesson."+lang+".md")
	check(t, err)
	heading, block := regexp.MustCompile(`(?m)^## .*\{#(.*)\}$`), regexp.MustCompile("(?s)```\n(.*?)```|`((?:kubectl|cat) [^`]*)`")
	out := map[string][]string{}
	starts := heading.FindAllStringSubmatchIndex(string(data), -1)
	for i, at := range starts {
		end := len(data)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		step := string(data[at[2]:at[3]])
		for _, b := range block.FindAllStringSubmatch(string(data[at[1]:end]), -1) {
			out[step] = append(out[step], b[1]+b[2])
		}
	}
	return out
}

// TestChineseIsSetAsChinese looks for the commas of another script after
// Chinese words; code and what is filled in are left aside.
func TestChineseIsSetAsChinese(t *testing.T) {
	files, err := fs.Glob(lessons.Content(), "*/lesson.zh-CN.md")
	check(t, err)
	code := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|{{.*?}}")
	for _, f := range files {
		data, err := fs.ReadFile(lessons.Content(), f)
		check(t, err)
		prose := code.ReplaceAllString(string(data), "`")
		for _, wrong := range regexp.MustCompile(`\p{Han}[^\n]?[,;:?!()].*`).FindAllString(prose, -1) {
			t.Errorf("%s: %s", f, wrong)
		}
	}
}
