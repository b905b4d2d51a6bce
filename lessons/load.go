package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"golang.org/x/tools/txtar"
)

// Load reads a tree of lesson folders. Its error names file and line of each
// fault found. Presets that fail one of checks are faults.
func Load(fsys fs.FS, checks ...FlagCheck) (*Catalog, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("read lessons: %w", err)
	}
	c, err := newCompiler()
	if err != nil {
		return nil, err
	}
	l := &loader{compiler: c, markdown: newMarkdown(), catalog: &Catalog{}, flagChecks: checks}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			l.folder(fsys, e.Name())
		}
	}
	l.unique()
	if err := l.err(); err != nil || len(l.catalog.lessons) > 0 {
		return l.catalog, err
	}
	return nil, errors.New("there are no lessons: want folders NN-name, as 02-pods")
}

// A loader reads lesson folders.
type loader struct {
	faults
	*compiler
	*markdown
	catalog    *Catalog
	flagChecks []FlagCheck
}

// folder reads one lesson.
func (l *loader) folder(fsys fs.FS, name string) {
	if !regexp.MustCompile(`^\d\d-[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(name) {
		l.add(name, 0, "want a folder NN-name, as 02-pods")
		return
	}
	files, err := fs.Sub(fsys, name)
	if err != nil {
		l.add(name, 0, "%w", err)
		return
	}
	lesson := &Lesson{ID: name, files: files, texts: map[string]*Text{}}
	for _, lang := range Languages() {
		if data, ok := l.read(lesson, "lesson."+lang+".md"); ok {
			lesson.texts[lang] = loadText(&l.faults, l.markdown, lesson.textFile(lang), lang, data)
		}
	}
	l.task(lesson)
	for _, text := range lesson.texts {
		l.marry(lesson, text)
	}
	l.solution(lesson)
	l.wrong(lesson)
	l.catalog.lessons = append(l.catalog.lessons, lesson)
}

// read reads a file that each lesson has.
func (l *loader) read(lesson *Lesson, name string) ([]byte, bool) {
	data, err := fs.ReadFile(lesson.files, name)
	if err != nil {
		l.add(lesson.ID+"/"+name, 0, "%w", errors.Unwrap(err))
	}
	return data, err == nil
}

func (l *loader) task(lesson *Lesson) {
	data, ok := l.read(lesson, "task.yaml")
	if !ok {
		return
	}
	t := &taskLoader{&l.faults, l.compiler, lesson.ID + "/task.yaml", lesson, l.flagChecks}
	var f taskFile
	if decode(t.faults, t.file, data, 0, &f) {
		t.load(&f)
	}
}

// marry checks that a text speaks of the lesson's steps, and gives the choices
// of its predictions their ids.
func (l *loader) marry(lesson *Lesson, text *Text) {
	file := lesson.textFile(text.Lang)
	for i, s := range lesson.Steps {
		st := text.Step(s.ID)
		switch {
		case st == nil:
			l.add(file, 0, "there is no section {#%s} for that step", s.ID)
			continue
		case i >= len(text.Steps) || text.Steps[i] != st:
			l.add(file, st.line, "section {#%s} is not in the order of the steps", s.ID)
		}
		if st.Hints[0] == "" {
			l.add(file, st.line, "step %q has no section {#%[1]s-hints}", s.ID)
		}
		l.choices(file, s, st)
	}
	for _, st := range text.Steps {
		if _, ok := lesson.Step(st.ID); !ok {
			l.add(file, st.line, "section {#%s} is of no step", st.ID)
		}
	}
	for id, msg := range text.messages {
		if !text.said[id] {
			l.add(file, msg.line, "message %q is never said", id)
		}
	}
}

func (l *loader) choices(file string, s *Step, st *StepText) {
	switch {
	case s.Predict == nil && st.Predict == nil:
	case s.Predict == nil:
		l.add(file, st.Predict.line, "step %q asks for no prediction", s.ID)
	case st.Predict == nil:
		l.add(file, st.line, "step %q has no section {#%[1]s-predict}", s.ID)
	case len(s.Predict.Choices) != len(st.Predict.choices):
		l.add(file, st.Predict.line, "the list has %d choices, the task %d", len(st.Predict.choices), len(s.Predict.Choices))
	case !strings.Contains(string(st.HTML), "<pre"):
		l.add(file, st.line, "step %q asks for a prediction, and has no block of code to stop before: its whole text is read first", s.ID)
	default:
		for i, id := range s.Predict.Choices {
			st.Predict.Choices = append(st.Predict.Choices, Choice{id, st.Predict.choices[i]})
		}
	}
}

// solution gives each step its part of solution.txtar.
func (l *loader) solution(lesson *Lesson) {
	data, ok := l.read(lesson, "solution.txtar")
	if !ok {
		return
	}
	file, found := lesson.ID+"/solution.txtar", map[string]string{}
	for _, f := range txtar.Parse(data).Files {
		id, ok := stepOf(f.Name)
		if _, known := lesson.Step(id); !ok || !known {
			l.add(file, 0, "%s is of no step: want NN-step.sh", f.Name)
		}
		found[id] = shown(string(f.Data))
	}
	for _, s := range lesson.Steps {
		if _, ok := found[s.ID]; !ok {
			l.add(file, 0, "there is no NN-%s.sh", s.ID)
		}
		for _, text := range lesson.texts {
			if st := text.Step(s.ID); st != nil {
				st.Solution = found[s.ID]
			}
		}
	}
}

// stepOf is the step of a file of a solution: "01-look.sh" is of look.
func stepOf(name string) (string, bool) {
	m := regexp.MustCompile(`^\d\d-(.+)\.sh$`).FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// shown is a solution as learners see it: without what only the lessons' tests
// need, their own words and the lines that wait; an answer is a comment.
func shown(script string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "predict ") || strings.HasPrefix(line, "until ") {
			continue
		}
		if answer, ok := strings.CutPrefix(line, "answer "); ok {
			line = "# " + answer
		}
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}

// wrong checks that there are two wrong answers, and that each expects what the
// lesson can say.
func (l *loader) wrong(lesson *Lesson) {
	names, _ := fs.Glob(lesson.files, "wrong-*.txtar")
	if len(names) < 2 {
		l.add(lesson.ID, 0, "want at least two wrong answers, wrong-1.txtar and wrong-2.txtar")
	}
	for _, name := range names {
		data, ok := l.read(lesson, name)
		if !ok {
			continue
		}
		if _, err := ParseWrong(lesson, data); err != nil {
			l.add(lesson.ID+"/"+name, 0, "%w", err)
		}
	}
}

// unique checks what no two lessons may share.
func (l *loader) unique() {
	namespaces, files := map[string]string{}, map[string]string{}
	claim := func(owners map[string]string, what string, lesson *Lesson) {
		if other, taken := owners[what]; taken && other != lesson.ID {
			l.add(lesson.ID+"/task.yaml", 0, "%s belongs to lesson %s already", what, other)
		}
		owners[what] = lesson.ID
	}
	for _, lesson := range l.catalog.lessons {
		claim(namespaces, lesson.Namespace, lesson)
		for _, s := range lesson.Steps {
			for _, f := range s.Files {
				claim(files, f, lesson)
			}
		}
	}
}
