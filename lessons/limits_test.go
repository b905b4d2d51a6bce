package lessons

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
)

func mustCompile(t testing.TB, expr string) *program {
	t.Helper()
	c, err := newCompiler()
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.compile(expr, cel.BoolType)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pods(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = map[string]any{"metadata": map[string]any{"name": fmt.Sprint("p", i)}}
	}
	return out
}

func TestAnExpressionHasACost(t *testing.T) {
	p := mustCompile(t, "pods.all(a, pods.all(b, pods.all(c, a.metadata.name + b.metadata.name != c.metadata.name)))")
	vars := (&facts{objects: map[string][]any{"pods": pods(4)}}).vars("s", "c", "")
	if ok, err := p.holds(vars); !ok || err != nil {
		t.Fatalf("over few pods: %v, %v", ok, err)
	}
	vars = (&facts{objects: map[string][]any{"pods": pods(500)}}).vars("s", "c", "")
	if ok, err := p.holds(vars); ok || err == nil || !strings.Contains(err.Error(), "cost limit") {
		t.Errorf("over many pods: %v, %v, want the limit", ok, err)
	}
}

func TestAPanicIsAnError(t *testing.T) {
	if ok, err := (&program{}).holds(nil); ok || err == nil {
		t.Errorf("got %v, %v", ok, err)
	}
	boom := logsOf(func(string, string) string { panic("boom") })
	vars := (&facts{logs: boom}).vars("s", "c", "")
	if ok, err := mustCompile(t, "logs('a', 'b') == ''").holds(vars); ok || err == nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestPhrases(t *testing.T) {
	c, err := newCompiler()
	if err != nil {
		t.Fatal(err)
	}
	hostile := "`<b>`\n" + strings.Repeat("x", 300)
	vars := (&facts{ns: "here", objects: map[string][]any{"pods": {map[string]any{
		"n": int64(3), "l": []any{"a", int64(1)}, "s": hostile, "b": true,
	}}}}).vars("s", "c", "")
	for in, want := range map[string]string{
		"no values":                   "no values",
		"{{ns}}/{{pods[0].n}}":        "here/3",
		"{{pods[0].l}} {{pods[0].b}}": `["a",1] true`,
		"{{pods[0].missing}}!":        "<none>!",
		"{{pods[7].n}}":               "<none>",
		"`{{pods[0].s}}`":             "`'<b>' " + strings.Repeat("x", 194) + "…`",
	} {
		p, err := c.phrase(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := p.render(vars); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	for _, bad := range []string{"{{ns", "{{}}", "{{nobody}}"} {
		if _, err := c.phrase(bad); err == nil {
			t.Errorf("%q compiles", bad)
		}
	}
}
