package lessons

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// A scope is the set of variables that an expression may look at.
type scope map[string]bool

func (t *taskLoader) scope(watch []string, probe, answer bool) scope {
	s := scope{"ns": true, "events": true, "trace": true, logsVariable: true, "probe": probe, "answer": answer}
	for _, w := range watch {
		s[w] = true
	}
	return s
}

// hides names the first variable of refs that the scope does not show.
func (s scope) hides(refs []string) string {
	slices.Sort(refs)
	for _, r := range refs {
		_, resource := resourceNamed(r)
		known := resource || r == "probe" || r == "answer"
		if known && !s[r] {
			return r
		}
	}
	return ""
}

// program compiles an expression of the task file.
func (t *taskLoader) program(w word, want *cel.Type, s scope) *program {
	if w.text == "" {
		t.add(t.file, w.line, "an expression is missing")
		return nil
	}
	p, err := t.compile(w.text, want)
	if err != nil {
		t.add(t.file, w.line, "%w", err)
		return nil
	}
	refs := make([]string, 0, len(p.refs))
	for r := range p.refs {
		refs = append(refs, r)
	}
	if name := s.hides(refs); name != "" {
		t.add(t.file, w.line, "the expression uses %s, which is not declared here (watch, probe, ask)", name)
	}
	return p
}

// text compiles a template that must not be empty.
func (t *taskLoader) text(w word, s scope) *phrase {
	if w.text == "" {
		t.add(t.file, w.line, "probe: url or pod is missing")
	}
	return t.phrase(w, s)
}

func (t *taskLoader) phrase(w word, s scope) *phrase { return t.checked(t.file, w, s) }

// template compiles a message of the lesson's text.
func (t *taskLoader) template(lang string, w word, s scope) *phrase {
	return t.checked(t.lesson.textFile(lang), w, s)
}

func (t *taskLoader) checked(file string, w word, s scope) *phrase {
	p, err := t.compiler.phrase(w.text)
	if err != nil {
		t.add(file, w.line, "%w", err)
		return &phrase{}
	}
	if name := s.hides(p.refs()); name != "" {
		t.add(file, w.line, "the template uses %s, which its check does not declare", name)
	}
	return p
}

// message finds a message in the text of a language.
func (t *taskLoader) message(lang string, text *Text, say word) (word, bool) {
	msg, ok := text.messages[say.text]
	if !ok {
		t.add(t.file, say.line, "message %q is missing in %s", say.text, t.lesson.textFile(lang))
	}
	if text.said != nil {
		text.said[say.text] = true
	}
	return msg, ok
}

// words are a message without templates in all languages.
func (t *taskLoader) words(say word) Words {
	out := Words{}
	for lang, text := range t.lesson.texts {
		msg, _ := t.message(lang, text, say)
		out[lang] = msg.text
	}
	return out
}

func (t *taskLoader) exists(name word) bool {
	info, err := fs.Stat(t.lesson.files, name.text)
	if err != nil || !info.Mode().IsRegular() {
		t.add(t.file, name.line, "there is no file %q", name.text)
		return false
	}
	return true
}

// manifests checks the files that are applied to the cluster.
func (t *taskLoader) manifests(names []word) (out []string) {
	for _, name := range names {
		if !t.exists(name) {
			continue
		}
		if _, err := t.lesson.objects(name.text, t.lesson.Namespace); err != nil {
			t.add(t.lesson.ID+"/"+name.text, 0, "%w", err)
		}
		out = append(out, name.text)
	}
	return out
}

// objects reads a manifest of the lesson.
func (l *Lesson) objects(name, namespace string) (out []*unstructured.Unstructured, err error) {
	data, err := fs.ReadFile(l.files, name)
	if err != nil {
		return nil, err
	}
	d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		obj := &unstructured.Unstructured{}
		if err := d.Decode(&obj.Object); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "error converting YAML to JSON: "))
		}
		if len(obj.Object) == 0 {
			continue
		}
		if err := settle(obj, namespace); err != nil {
			return nil, err
		}
		out = append(out, obj)
	}
}
