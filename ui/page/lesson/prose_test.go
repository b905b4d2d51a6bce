package lesson

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for name, tt := range map[string]struct {
		text        string
		intro, rest []piece
	}{
		"nothing": {"", []piece{{}}, []piece{}},
		"no code": {"<p>a</p>", []piece{{HTML: "<p>a</p>"}}, []piece{}},
		"commands": {
			"<p>a</p><pre><code>kubectl get pods -l &quot;a&gt;b&quot;\n\nkubectl logs x\n</code></pre><p>b</p>",
			[]piece{{HTML: "<p>a</p>"}},
			[]piece{{Lines: []string{`kubectl get pods -l "a>b"`, "kubectl logs x"}}, {HTML: "<p>b</p>"}},
		},
		"chroma": {
			`<pre tabindex="0" class="chroma"><code><span class="line"><span class="cl">kubectl get <span class="s">pods</span>` + "\n</span></span></code></pre>",
			[]piece{{}},
			[]piece{{Lines: []string{"kubectl get pods"}}, {}},
		},
		"output": {
			"<pre><code>NAME   READY\nweb    1/1\n</code></pre>",
			[]piece{{}},
			[]piece{{HTML: "<pre tabindex=\"0\"><code>NAME   READY\nweb    1/1\n</code></pre>"}, {}},
		},
		"command with its output": {
			"<pre><code>kubectl get pods\nNAME\n</code></pre>",
			[]piece{{}},
			[]piece{{HTML: "<pre tabindex=\"0\"><code>kubectl get pods\nNAME\n</code></pre>"}, {}},
		},
		"a command over lines": {
			"<pre><code>kubectl apply -f - &lt;&lt;EOF\n</code></pre>",
			[]piece{{}},
			[]piece{{HTML: "<pre tabindex=\"0\"><code>kubectl apply -f - &lt;&lt;EOF\n</code></pre>"}, {}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			intro, rest := split(tt.text)
			if d := cmp.Diff(tt.intro, intro); d != "" {
				t.Errorf("before the code:\n%s", d)
			}
			if d := cmp.Diff(tt.rest, rest); d != "" {
				t.Errorf("the rest:\n%s", d)
			}
		})
	}
}

func TestWords(t *testing.T) {
	want := []word{{"The ", false}, {"spec", true}, {" of ", false}, {"x", true}}
	if d := cmp.Diff(want, words("The `spec` of `x`")); d != "" {
		t.Error(d)
	}
	if words("") != nil {
		t.Error("nothing has words")
	}
}

// FuzzSplit: no text is lost or made up.
func FuzzSplit(f *testing.F) {
	f.Add("<p>a</p><pre><code>kubectl get pods\n</code></pre><p>b</p>")
	f.Add("<pre><code>x</code></pre><pre><code>kubectl</code></pre>")
	f.Fuzz(func(t *testing.T, text string) {
		intro, rest := split(text)
		outside := ""
		for _, p := range append(intro, rest...) {
			if len(p.Lines) == 0 {
				outside += block.ReplaceAllString(p.HTML, "")
			}
		}
		if want := block.ReplaceAllString(text, ""); strings.ReplaceAll(outside, ` tabindex="0"`, "") != strings.ReplaceAll(want, ` tabindex="0"`, "") {
			t.Errorf("%q became %q", want, outside)
		}
	})
}
