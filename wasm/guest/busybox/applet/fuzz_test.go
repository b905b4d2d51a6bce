package applet

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// FuzzSed: every script is refused or parsed, never a panic.
func FuzzSed(f *testing.F) {
	for _, s := range []string{`s/a\(b\)/[\1]/2gp`, "1,/x/{\np;d\n}", `$!N;y/ab/cd/`, "a\\\ntext", "0~3s|[/]|&|;bx;:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) { _, _ = parseSed(script, strings.Contains(script, "+")) })
}

// FuzzRegexp: every POSIX pattern is refused or compiled.
func FuzzRegexp(f *testing.F) {
	for _, s := range []string{`^a*\(b\|c\)[]x[:digit:]-]\{2,3\}$`, `(a|b)+?{2}`, `[^]]`, `\<w\>`, `[`} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, pat string, extended bool) { _, _ = compile(pat, extended, false) })
}

// FuzzPrintf: every format ends.
func FuzzPrintf(f *testing.F) {
	f.Add(`%5.2f|%-*d|%b\n`, `1`, `\0101`)
	f.Add(`%`, ``, ``)
	f.Fuzz(func(t *testing.T, format, a, b string) {
		if strings.ContainsAny(format, "0123456789*") {
			return // widths without bound are memory without bound
		}
		p := &Proc{Name: "printf", Args: []string{format, a, b}, Out: bufio.NewWriter(io.Discard), Err: &bytes.Buffer{}}
		printf(p)
	})
}
