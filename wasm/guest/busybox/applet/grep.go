package applet

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A grepper is one run of grep.
type grepper struct {
	p             *Proc
	o             options
	match         []*regexp.Regexp
	names         bool // prefix lines with their file
	max           int
	before, after int
	matched       bool
}

func grep(p *Proc) int {
	o, words, ok := p.getopt("EFGPHhnlLoqvsrRiwxcye:f:m:A:B:C:abzUI",
		"ignore-case=i", "invert-match=v", "line-number=n", "recursive=r", "count=c", "quiet=q", "silent=q", "extended-regexp=E",
		"fixed-strings=F", "only-matching=o", "files-with-matches=l", "files-without-match=L", "word-regexp=w", "line-regexp=x",
		"no-messages=s", "with-filename=H", "no-filename=h", "max-count=m", "after-context=A", "before-context=B", "context=C",
		"regexp=e", "file=f", "color=y", "colour=y", "text=a")
	if !ok {
		return 2
	}
	patterns := o.values['e']
	for _, name := range o.values['f'] {
		text, err := os.ReadFile(name)
		if err != nil {
			p.cannotOpen(name, err)
			return 2
		}
		patterns = append(patterns, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	if !o.has('e') && !o.has('f') {
		if len(words) == 0 {
			p.help(1)
			return 2
		}
		patterns, words = []string{words[0]}, words[1:]
	}
	g := &grepper{p: p, o: o, max: -1}
	if !g.compile(patterns) || !g.numbers() {
		return 2
	}
	return g.run(words)
}

func (g *grepper) compile(patterns []string) bool {
	fixed := g.o.has('F') || g.p.Name == "fgrep"
	extended := g.o.has('E') || g.o.has('P') || g.p.Name == "egrep"
	for _, text := range patterns {
		for _, pat := range strings.Split(text, "\n") {
			expr := posixRegexp(pat, extended)
			if fixed {
				expr = regexp.QuoteMeta(pat)
			} else if hasBackref(pat) {
				g.p.fail("%s: %v", pat, errBackref)
				return false
			}
			if g.o.has('w') {
				expr = `\b(?:` + expr + `)\b`
			}
			if g.o.has('x') {
				expr = `^(?:` + expr + `)$`
			}
			if g.o.has('i') {
				expr = "(?i)" + expr
			}
			re, err := regexp.Compile(expr)
			if err != nil {
				g.p.fail("bad regex '%s': %s", pat, regexpError(err))
				return false
			}
			re.Longest()
			g.match = append(g.match, re)
		}
	}
	return true
}

// regexpError words a bad pattern as regerror does.
func regexpError(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "missing closing ]"):
		return "Unmatched [, [^, [:, [., or [="
	case strings.Contains(text, "missing closing )"):
		return "Unmatched ( or \\("
	case strings.Contains(text, "unexpected )"):
		return "Unmatched ) or \\)"
	case strings.Contains(text, "repetition"):
		return "Invalid preceding regular expression"
	}
	return text
}

func (g *grepper) numbers() bool {
	for _, n := range []struct {
		letter byte
		to     *int
	}{{'C', &g.before}, {'C', &g.after}, {'A', &g.after}, {'B', &g.before}, {'m', &g.max}} {
		if !g.o.has(n.letter) {
			continue
		}
		v, err := strconv.Atoi(g.o.value(n.letter))
		if err != nil || v < 0 {
			g.p.fail("invalid number '%s'", g.o.value(n.letter))
			return false
		}
		*n.to = v
	}
	return true
}

func (g *grepper) run(words []string) int {
	recursive := g.o.has('r') || g.o.has('R')
	if len(words) == 0 {
		words = []string{"-"}
		if recursive {
			words = []string{"."}
		}
	}
	g.names = (len(words) > 1 || recursive || g.o.has('H')) && !g.o.has('h')
	bad := false
	for _, name := range words {
		if recursive {
			bad = g.tree(name) || bad
		} else {
			bad = g.file(name) || bad
		}
		if g.p.broken() || g.matched && g.o.has('q') {
			break
		}
	}
	switch {
	case g.matched && g.o.has('q'):
		return 0
	case bad:
		return 2
	case g.matched:
		return 0
	}
	return 1
}

func (g *grepper) tree(root string) (bad bool) {
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			bad = g.complain(path, err)
			return nil
		}
		if d.Type().IsRegular() || path == root && !d.IsDir() {
			bad = g.file(path) || bad
		}
		return nil
	})
	return bad
}

func (g *grepper) complain(name string, err error) bool {
	if !g.o.has('s') {
		g.p.failed(err, "%s", name)
	}
	return true
}

// file searches one file; it tells whether that failed.
func (g *grepper) file(name string) bool {
	f, err := g.p.open(name)
	if err != nil {
		return g.complain(name, err)
	}
	defer f.Close()
	if name == "-" {
		name = "(standard input)"
	}
	n, err := g.search(name, f)
	g.matched = g.matched || n > 0 != g.o.has('L')
	switch {
	case g.o.has('q'):
	case g.o.has('l') && n > 0, g.o.has('L') && n == 0:
		g.p.println(name)
	case g.o.has('c') && !g.o.has('l') && !g.o.has('L'):
		if g.names {
			g.p.print(name, ":")
		}
		g.p.println(n)
	}
	return err != nil && g.complain(name, err)
}

// search prints the lines that match and returns their number.
func (g *grepper) search(name string, r io.Reader) (count int, err error) {
	quiet := g.o.has('q') || g.o.has('l') || g.o.has('L') || g.o.has('c')
	number, trailing, printed := 0, 0, 0
	var held []string
	err = lines(r, func(line string) bool {
		if g.max == 0 || g.max > 0 && count >= g.max && trailing == 0 {
			return false
		}
		number++
		full := g.max > 0 && count >= g.max
		if full || g.any(line) == g.o.has('v') {
			switch {
			case trailing > 0 && !quiet:
				trailing--
				g.line(name, "-", number, line)
				printed = number
			case g.before > 0:
				if held = append(held, line); len(held) > g.before {
					held = held[1:]
				}
			}
			return true
		}
		count++
		if quiet {
			return !g.o.has('q') && !g.o.has('l') && !g.o.has('L')
		}
		if first := number - len(held); (g.before > 0 || g.after > 0) && printed > 0 && first > printed+1 {
			g.p.println("--")
		}
		for i, h := range held {
			g.line(name, "-", number-len(held)+i, h)
		}
		held = nil
		g.hit(name, number, line)
		printed, trailing = number, g.after
		g.flushIfPiped(name)
		return !g.p.broken()
	})
	return count, err
}

// flushIfPiped lets `tail -f | grep` show lines as they come.
func (g *grepper) flushIfPiped(name string) {
	if name == "(standard input)" {
		g.p.flush()
	}
}

func (g *grepper) any(line string) bool {
	for _, re := range g.match {
		if re.MatchString(line) {
			return true
		}
	}
	return false
}

func (g *grepper) hit(name string, number int, line string) {
	if !g.o.has('o') {
		g.line(name, ":", number, line)
		return
	}
	if g.o.has('v') {
		return
	}
	for _, re := range g.match {
		for _, m := range re.FindAllString(line, -1) {
			if m != "" {
				g.line(name, ":", number, m)
			}
		}
	}
}

func (g *grepper) line(name, sep string, number int, line string) {
	if g.names {
		g.p.print(name, sep)
	}
	if g.o.has('n') {
		g.p.print(strconv.Itoa(number), sep)
	}
	g.p.println(line)
}
