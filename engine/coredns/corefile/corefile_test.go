package corefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// words shows blocks as one line each.
func words(bs []Block, names []string) string {
	var b strings.Builder
	for _, bl := range bs {
		fmt.Fprintf(&b, "%s:", strings.Join(bl.Keys, ","))
		for _, n := range names {
			for _, t := range bl.Tokens[n] {
				fmt.Fprintf(&b, " %s", t.Text)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func env(name string) string { return map[string]string{"ZONE": "example.org", "N": "5"}[name] }

var names = []string{"errors", "cache", "forward", "log"}

func TestParse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"one block", ".:53 {\n errors\n cache 30 {\n  success 10\n }\n}", ".:53: errors cache 30 { success 10 }\n"},
		{"no braces", "example.org\nerrors\nlog", "example.org: errors log\n"},
		{"two keys, two blocks", "a.org, b.org {\nlog\n}\nc.org d.org {\n}", "a.org,b.org: log\nc.org,d.org:\n"},
		{"comments and quotes", ". { # all\n log \"a \\\"b\\\" c\" # x\n}", ".: log a \"b\" c\n"},
		{"twice the same directive", ". {\nforward a 1.1.1.1\nforward b 2.2.2.2\n}", ".: forward a 1.1.1.1 forward b 2.2.2.2\n"},
		{"environment", "{$ZONE} {\ncache {%N%}\n}", "example.org: cache 5\n"},
		{"snippet", "(base) {\n errors\n log\n}\n. {\n import base\n cache\n}", ".: errors cache log\n"},
		{"empty", "", ""},
		{"byte order mark", "\ufeff.:53 {\nlog\n}", ".:53: log\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse("Corefile", []byte(tt.in), names, env)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, words(got, names)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{".:53 {\n errors\n foo bar\n}", "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'foo'"},
		{". {\n errors\n", "/etc/coredns/Corefile:2 - Syntax error: Unexpected token 'errors', expecting '}'"},
		{". {\n cache {\n success\n", "/etc/coredns/Corefile:3 - Error during parsing: Unexpected EOF"},
		{"a.org,", "/etc/coredns/Corefile:1 - Error during parsing: Unexpected EOF"},
		{"a.org, {", "/etc/coredns/Corefile:1 - Error during parsing: Expected another address but had '{' - check for extra comma"},
		{". {\n import other\n}", "/etc/coredns/Corefile:2 - Error during parsing: File to import not found: other"},
		{". {\n import\n}", "/etc/coredns/Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'import'"},
		{"(s) {\n import s\n}\n. {\n import s\n}", "/etc/coredns/Corefile:2 - Error during parsing: maximum snippet import depth (1000) exceeded"},
		{". {\n log }\n}", "/etc/coredns/Corefile:2 - Error during parsing: Unexpected '}' because no matching opening brace"},
	}
	for _, tt := range tests {
		_, err := Parse("/etc/coredns/Corefile", []byte(tt.in), names, env)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q:\n got %v\nwant %s", tt.in, err, tt.want)
		}
	}
}

func TestDispenser(t *testing.T) {
	bs, err := Parse("f", []byte(". {\ncache 30 a {\n success 1 2\n denial\n}\ncache\n}"), names, env)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDispenser("f", bs[0].Tokens["cache"])
	var got []string
	for d.Next() {
		got = append(got, d.Val()+fmt.Sprint(d.RemainingArgs()))
		for d.NextBlock() {
			got = append(got, "-"+d.Val()+fmt.Sprint(d.RemainingArgs()))
		}
	}
	if diff := cmp.Diff([]string{"cache[30 a]", "-success[1 2]", "-denial[]", "cache[]"}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		".:53 {\n errors\n cache 30 {\n disable success cluster.local\n }\n}", "(a) {\nlog\n}\n. {\nimport a\n}",
		"\"", "{", "}", "import", "import x", "a,", "{$ZONE}", "{$", "(x)", "(x) {", ". {\n\"\n\" log\n}", "()", "(", "import import",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		bs, err := Parse("f", []byte(s), names, env)
		if err != nil {
			return
		}
		for _, b := range bs {
			if len(b.Keys) == 0 {
				t.Errorf("%q: a block without keys", s)
			}
			for name, toks := range b.Tokens {
				d := NewDispenser("f", toks)
				for d.Next() {
					d.RemainingArgs()
					for d.NextBlock() {
						d.RemainingArgs()
					}
				}
				if len(toks) == 0 || toks[0].Text != name {
					t.Errorf("%q: tokens of %s begin with %v", s, name, toks)
				}
			}
		}
	})
}
