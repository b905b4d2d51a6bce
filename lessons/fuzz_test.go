package lessons

import (
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"
)

// FuzzExpression compiles expressions of authors, and evaluates those that
// compile: neither may panic, and what holds must be a bool.
func FuzzExpression(f *testing.F) {
	for _, expr := range []string{
		"pods.exists(p, p.metadata.name == 'p1')", "size(trace) > 0 && answer.trim() == ''", "logs('web', 'main').contains('x')",
		"probe.status == 200 && probe.body.matches('^a+$')", "pods.map(p, pods.map(q, p.metadata.name + q.metadata.name)) == [[]]",
		"quantity('1Gi').isGreaterThan(quantity('1Mi'))", "pods[0].metadata.name.format([1])", "logs(1, 2)", "{1: [true]}[1][0]", "1/0 == 1",
	} {
		f.Add(expr)
	}
	c, err := newCompiler()
	if err != nil {
		f.Fatal(err)
	}
	vars := (&facts{ns: "here", objects: map[string][]any{"pods": pods(3)}, logs: func(string, string) string { return "a log" }}).vars("s", "c", "an answer")
	f.Fuzz(func(t *testing.T, expr string) {
		if got := c.fresh(expr); got.err == nil {
			if ok, err := got.prog.holds(vars); ok && err != nil {
				t.Errorf("%s: holds, with %v", expr, err)
			}
		}
		if p, err := c.phrase(expr); err == nil {
			p.render(vars)
		}
	})
}

// FuzzSolution reads solutions: what is shown of one must not hold the words
// that only tests understand.
func FuzzSolution(f *testing.F) {
	f.Add([]byte("-- 01-make.sh --\npredict kubelet\nkubectl run web\nanswer x\n"))
	f.Add([]byte("-- 01-make.sh --\n-- 01-make.sh --\n"))
	f.Add([]byte("-- make.sh --\npredict"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &loader{}
		lesson := &Lesson{
			ID: "01-web", Steps: []*Step{{ID: "make"}}, files: fstest.MapFS{"solution.txtar": {Data: data}},
			texts: map[string]*Text{"en": {Steps: []*StepText{{ID: "make"}}}},
		}
		l.solution(lesson)
		if l.err() != nil {
			return
		}
		for _, file := range txtar.Parse(data).Files {
			if id, ok := stepOf(file.Name); !ok || id != "make" {
				t.Errorf("%s is taken for a step", file.Name)
			}
		}
	})
}

// FuzzWrong reads wrong answers: what one expects, the lesson can say.
func FuzzWrong(f *testing.F) {
	f.Add([]byte("expect: make/web-there web-image\n-- 01-make.sh --\nkubectl run web\n"))
	f.Add([]byte("expect: / \nexpect: make"))
	f.Add([]byte("expect:make/web-there"))
	lesson := &Lesson{Steps: []*Step{{ID: "make", Checks: []*Check{{ID: "web-there", otherwise: []otherwise{{say: "web-image"}}}}}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseWrong(lesson, data)
		if want := (Expectation{"make", "web-there", "web-image"}); err == nil && e != want {
			t.Errorf("expects %+v, which is never said", e)
		}
	})
}

// FuzzProgress reads progress that somebody brings: what is taken can be kept
// and read again, and asked for any step.
func FuzzProgress(f *testing.F) {
	f.Add([]byte(`{"version":1,"lessons":{"01-web":{"started":true,"steps":{"make":{"passed":true,"hints":9}}}}}`))
	f.Add([]byte(`{"version":1,"lessons":{"01-web":null,"x":{"steps":{"make":null}}}}`))
	f.Add([]byte(`{"version":1}`))
	lesson := &Lesson{Steps: []*Step{{ID: "make"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := parseBook(data)
		if err != nil {
			return
		}
		for id := range b {
			b.page(id).status(lesson, "make")
		}
		again, err := encode("me", b)
		if err == nil {
			_, err = parseBook(again)
		}
		if err != nil && len(again) <= maxImport {
			t.Errorf("what was taken cannot be kept: %v", err)
		}
	})
}

// FuzzManifest reads manifests: what is applied stays in the lesson's namespace,
// where a reset takes it away.
func FuzzManifest(f *testing.F) {
	f.Add([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n---\n---\n{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"}}"))
	f.Add([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\n"))
	f.Add([]byte("apiVersion: v1\nkind: Pod\nmetadata: web\n"))
	f.Add([]byte("apiVersion: v1\nkind: PodList\nitems: [{}]\n"))
	f.Add([]byte("- 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &Lesson{files: fstest.MapFS{"x.yaml": {Data: data}}}
		objects, err := l.objects("x.yaml", "lesson-web")
		if err != nil {
			return
		}
		for _, obj := range objects {
			k, ok := kindOf(obj.GroupVersionKind())
			if !ok || !k.namespaced || obj.GetNamespace() != "lesson-web" || obj.GetName() == "" {
				t.Errorf("%v would be applied", obj)
			}
		}
	})
}
