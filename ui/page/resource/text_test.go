package resource

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestStrip(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext":                          "plain\ttext",
		"\x1b[31mred\x1b[0m":                   "red",
		"\x1b]0;title\x07after":                "after",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;":   "link",
		"\x1b(Bx\x1bcy":                        "xy",
		"\u009b31mred":                         "red",
		"\u009d0;title\u009cafter":             "after",
		"a\u202eb\u2066c\u200d\ufeff":          "abc\u200d",
		"bell\x07 back\b nul\x00 del\x7f cr\r": "bell back nul del cr",
		"\x1b":                                 "",
		"\x1b[":                                "",
		"\x1b[1":                               "",
		"\x1b\u4e2d文":                          "中文",
		"\xff\xfe":                             "\ufffd\ufffd",
	} {
		if got := strip(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

// FuzzStrip: whatever a container writes, a line of its log is text.
func FuzzStrip(f *testing.F) {
	for _, s := range []string{"\x1b[31mred", "\x1b]0;t\x07", "\u009b1m", "\u202e", "\x1b\x1b[\x1b]", strings.Repeat("长", longestLine)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := strip(in)
		if !utf8.ValidString(got) || len(got) > longestLine+len("…") {
			t.Errorf("%q becomes %q", in, got)
		}
		for _, r := range got {
			if r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q keeps %U", in, r)
			}
		}
		if again := strip(got); again != got && !strings.HasSuffix(got, "…") {
			t.Errorf("%q becomes %q and then %q", in, got, again)
		}
	})
}

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: a
  resourceVersion: "7"
spec:
  containers:
  - name: one
    image: x
  - name: two
    ports:
    - containerPort: 80
`

func TestLineOf(t *testing.T) {
	for path, want := range map[string]int{
		"kind": 2, "metadata.name": 4, "metadata.labels": 3, "spec.containers[0].image": 9, "spec.containers[1].ports[0].containerPort": 12,
		"spec.containers[1].image": 10, "spec.containers[5]": 7, "nothing": 1, "spec.containers.ports.containerPort": 12, "": 1,
	} {
		if got := lineOf(pod, path); got != want {
			t.Errorf("%s is in line %d, not %d", path, got, want)
		}
	}
	if got := lineOf("a: [", "a"); got != 0 {
		t.Errorf("what is no YAML has a line %d", got)
	}
}

func TestProblems(t *testing.T) {
	invalid := apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "a", field.ErrorList{
		field.Required(field.NewPath("spec", "containers").Index(1).Child("image"), ""),
		field.Invalid(field.NewPath("metadata", "name"), "A", "no"),
	})
	for name, tt := range map[string]struct {
		err  error
		want []problem
	}{
		"none":          {nil, nil},
		"causes":        {invalid, []problem{{110, "spec.containers[1].image: Required value"}, {104, `metadata.name: Invalid value: "A": no`}}},
		"unknown field": {errors.New(`Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].imagge", unknown field "metadata.x"`), []problem{{108, `unknown field "spec.containers[0].imagge"`}, {103, `unknown field "metadata.x"`}}},
		"YAML":          {errors.New("error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context (6b696e643a20)"), []problem{{103, "mapping values are not allowed in this context"}}},
		"type":          {errors.New("json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32"), []problem{{112, "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32"}}},
		"anything":      {errors.New("out of order"), []problem{{0, "out of order"}}},
	} {
		if d := cmp.Diff(tt.want, problems(pod, 100, tt.err)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestWithVersion(t *testing.T) {
	if got := withVersion(pod, "8"); got != strings.Replace(pod, `"7"`, `"8"`, 1) {
		t.Error(got)
	}
	for _, as := range []string{"a: [", "kind: Pod", "metadata: {name: x}", ""} {
		if got := withVersion(as, "8"); got != as {
			t.Errorf("%q becomes %q", as, got)
		}
	}
}

func TestDocuments(t *testing.T) {
	got := documents("# first\n---\na: 1\n--- # second\n\n---\nb: 2\n---\n")
	if d := cmp.Diff([]document{{"a: 1", 2}, {"b: 2\n", 6}}, got, cmp.Transformer("", func(d document) document { d.Text = strings.TrimSpace(d.Text); return d })); d != "" {
		t.Error(d)
	}
}

// FuzzYAML: no text that somebody types breaks the editor.
func FuzzYAML(f *testing.F) {
	f.Add(pod, "spec.containers[0].image")
	f.Add("a: &a [*a]", "a[0][0]")
	f.Add("---\n---\n- x: {y: [1", "[[]].")
	f.Add("metadata: {resourceVersion: \"1\",\n name: x}", "metadata")
	f.Fuzz(func(t *testing.T, text, path string) {
		if n := lineOf(text, path); n < 0 || n > strings.Count(text, "\n")+2 {
			t.Errorf("line %d of %q", n, text)
		}
		withVersion(text, "8")
		documents(text)
		problems(text, 0, fmt.Errorf("yaml: line 1: %s, unknown field %q, Go struct field X.%s of type", text, path, path))
		diff(text, path)
	})
}

func TestDiff(t *testing.T) {
	var all []string
	for n := range 20 {
		all = append(all, fmt.Sprint(n))
	}
	a := strings.Join(all, "\n")
	all[1], all[18] = "one", "more"
	var got strings.Builder
	for _, l := range diff(a, strings.Join(slices.Delete(all, 10, 11), "\n")+"\n") {
		fmt.Fprintf(&got, "%c%s ", l.Sign, l.Text)
	}
	if want := " 0 -1 +one  2  3  4 @…  7  8  9 -10  11  12  13 @…  15  16  17 -18 +more  19 "; got.String() != want {
		t.Errorf("%q is not\n%q", got.String(), want)
	}
	if same := diff(a, a+"\n"); len(same) > 0 {
		t.Error(same)
	}
}

func TestNearest(t *testing.T) {
	have := []string{"busybox", "nginx:1.27", "nginx:1.28", "registry.k8s.io/pause:3.10"}
	for asked, want := range map[string]string{
		"ngimx:1.27": "nginx:1.27", "docker.io/library/ngnix": "nginx:1.27", "bussybox": "busybox", "postgres": "", "x": "", "nginx:1.99": "nginx:1.27", "nginx:1.27": "nginx:1.28",
	} {
		if got := nearest(asked, have); got != want {
			t.Errorf("%s is nearly %q, not %q", asked, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"web", "wbe", 2}, {"标签", "标题", 1}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q are %d apart, not %d", tt.a, tt.b, got, tt.want)
		}
	}
}
