package lessons

import (
	"path"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/validation"
)

// A taskLoader turns a task file into a lesson, and notes what is wrong in it.
type taskLoader struct {
	*faults
	*compiler
	file       string // "02-pods/task.yaml"
	lesson     *Lesson
	flagChecks []FlagCheck
}

// load fills the lesson with what the task file says.
func (t *taskLoader) load(f *taskFile) {
	l := t.lesson
	if _, slug, _ := strings.Cut(l.ID, "-"); f.ID.text != slug {
		t.add(t.file, f.ID.line, "id is %q, but the folder is %q", f.ID.text, l.ID)
	}
	// Reset deletes the namespace: it must be the lesson's own.
	if !strings.HasPrefix(f.Namespace.text, "lesson-") || !label(f.Namespace.text) {
		t.add(t.file, f.Namespace.line, "namespace is %q, want lesson-...", f.Namespace.text)
	}
	if f.Minutes < 1 {
		t.add(t.file, 0, "minutes is %d, want at least 1", f.Minutes)
	}
	if len(f.Steps) == 0 {
		t.add(t.file, 0, "there are no steps")
	}
	l.Namespace, l.Minutes, l.Presets = f.Namespace.text, f.Minutes, t.presets(&f.Presets)
	l.setup = t.manifests(f.Setup)
	for i := range f.Steps {
		t.step(&f.Steps[i])
	}
	t.undone(f.Steps)
}

// undone notes which steps are undone by a later one.
func (t *taskLoader) undone(steps []stepFile) {
	for i, f := range steps {
		if f.Undone.text == "" {
			continue
		}
		if !slices.ContainsFunc(steps[i+1:], func(later stepFile) bool { return later.ID.text == f.Undone.text }) {
			t.add(t.file, f.Undone.line, "undone: %q is no later step", f.Undone.text)
		}
		t.lesson.Steps[i].Undone = f.Undone.text
	}
}

func (t *taskLoader) step(f *stepFile) {
	t.id("step", f.ID)
	if _, twice := t.lesson.Step(f.ID.text); twice {
		t.add(t.file, f.ID.line, "there are two steps %q", f.ID.text)
	}
	t.oneOf("kind", f.Kind, Example, Gaps, Alone)
	t.oneOf("goal", f.Goal, Observe, Declare, Explain, Repair)
	s := &Step{ID: f.ID.text, Kind: f.Kind.text, Goal: f.Goal.text, Ask: f.Ask != nil, setup: t.manifests(f.Setup)}
	for _, name := range f.Files {
		if t.exists(name) {
			s.files, s.Files = append(s.files, name.text), append(s.Files, path.Base(name.text))
		}
	}
	for i := range f.Checks {
		t.check(s, &f.Checks[i])
	}
	if f.Ask != nil {
		t.ask(s, f.Ask, f.ID.line)
	}
	if len(s.Checks) == 0 {
		t.add(t.file, f.ID.line, "step %q has neither checks nor a question", f.ID.text)
	}
	if f.Predict != nil {
		t.predict(s, f.Predict)
	}
	t.lesson.Steps = append(t.lesson.Steps, s)
}

func (t *taskLoader) id(what string, id word) {
	if !label(id.text) {
		t.add(t.file, id.line, "%s id %q: want lower case letters, digits and -", what, id.text)
	}
}

// label reports whether s may be a name in the cluster.
func label(s string) bool { return len(validation.IsDNS1123Label(s)) == 0 }

func (t *taskLoader) oneOf(what string, w word, allowed ...string) {
	if !slices.Contains(allowed, w.text) {
		t.add(t.file, w.line, "%s is %q, want one of %s", what, w.text, strings.Join(allowed, ", "))
	}
}

func (t *taskLoader) check(s *Step, f *checkFile) {
	t.id("check", f.ID)
	if f.ID.text == AskID || slices.ContainsFunc(s.Checks, func(c *Check) bool { return c.ID == f.ID.text }) {
		t.add(t.file, f.ID.line, "there are two checks %q", f.ID.text)
	}
	for _, w := range f.Watch {
		if _, ok := resourceNamed(w.text); !ok {
			t.add(t.file, w.line, "watch: %q is no resource that lessons know", w.text)
		}
	}
	scope := t.scope(texts(f.Watch), f.Probe != nil, false)
	c := &Check{ID: f.ID.text, Watch: texts(f.Watch), expr: t.program(f.Expr, cel.BoolType, scope)}
	if f.Probe != nil {
		c.probe = t.probe(f.ID, f.Probe, scope)
	}
	c.otherwise = t.otherwise(f.ID, f.Otherwise, scope)
	if len(c.otherwise) == 0 {
		t.add(t.file, f.ID.line, "check %q says nothing when it fails: otherwise is missing", f.ID.text)
	}
	s.Checks = append(s.Checks, c)
}

// ask makes the step's question a check of its own.
func (t *taskLoader) ask(s *Step, f *askFile, line int) {
	t.oneOf("ask.kind", f.Kind, "text")
	watch := watched(s)
	scope := t.scope(watch, false, true)
	c := &Check{ID: AskID, Watch: watch, expr: t.program(f.Accept, cel.BoolType, scope)}
	c.otherwise = t.otherwise(word{AskID, line}, f.Otherwise, scope)
	if len(c.otherwise) == 0 {
		t.add(t.file, line, "ask says nothing when an answer is wrong: otherwise is missing")
	}
	s.Checks = append(s.Checks, c)
}

// watched are the resources that a step's checks look at.
func watched(s *Step) (out []string) {
	for _, c := range s.Checks {
		out = append(out, c.Watch...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (t *taskLoader) probe(id word, f *probeFile, scope scope) *probe {
	if (f.HTTP == nil) == (f.Exec == nil) {
		t.add(t.file, id.line, "probe of check %q: want either http or exec", id.text)
		return nil
	}
	if f.HTTP != nil {
		return &probe{url: t.text(f.HTTP.URL, scope)}
	}
	p := &probe{pod: t.text(f.Exec.Pod, scope), container: t.phrase(f.Exec.Container, scope)}
	for _, arg := range f.Exec.Command {
		p.command = append(p.command, t.phrase(arg, scope))
	}
	if len(p.command) == 0 {
		t.add(t.file, id.line, "probe of check %q: exec has no command", id.text)
	}
	return p
}

func (t *taskLoader) otherwise(id word, list []otherwiseFile, scope scope) (out []otherwise) {
	for i, f := range list {
		last := i == len(list)-1
		if last != (f.When.text == "") {
			t.add(t.file, f.Say.line, "otherwise of %q: all but the last have a when, the last has none", id.text)
		}
		o := otherwise{say: f.Say.text, words: map[string]*phrase{}}
		if f.When.text != "" {
			o.when = t.program(f.When, cel.BoolType, scope)
		}
		for lang, text := range t.lesson.texts {
			if msg, ok := t.message(lang, text, f.Say); ok {
				o.words[lang] = t.template(lang, msg, scope)
			}
		}
		out = append(out, o)
	}
	return out
}

func (t *taskLoader) predict(s *Step, f *predictFile) {
	t.id("prediction", f.ID)
	p := &Predict{ID: f.ID.text, Choices: texts(f.Choices), right: f.Right.text, misconception: map[string]Words{}}
	s.Predict = p
	if len(p.Choices) < 2 || len(slices.Compact(slices.Sorted(slices.Values(p.Choices)))) != len(p.Choices) {
		t.add(t.file, f.ID.line, "prediction %q: want at least two choices, each once", p.ID)
	}
	switch {
	case (f.Right.text == "") == (f.Graded.text == ""):
		t.add(t.file, f.ID.line, "prediction %q: want either right or graded", p.ID)
	case f.Graded.text != "":
		p.graded = t.program(f.Graded, cel.StringType, t.scope(watched(s), false, false))
	case !slices.Contains(p.Choices, f.Right.text):
		t.add(t.file, f.Right.line, "right is %q, which is no choice", f.Right.text)
	}
	for choice, say := range f.Misconception {
		if !slices.Contains(p.Choices, choice) || choice == p.right {
			t.add(t.file, say.line, "misconception of %q, which is no wrong choice", choice)
		}
		p.misconception[choice] = t.words(say)
	}
	if len(p.misconception) == 0 {
		t.add(t.file, f.ID.line, "prediction %q explains no wrong choice: misconception is missing", p.ID)
	}
}
