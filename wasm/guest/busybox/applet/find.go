package applet

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// A found is a file under test.
type found struct {
	path  string
	fi    fs.FileInfo
	depth int
}

// A predicate is one test or action.
type predicate func(f found) bool

// A finder is one run of find.
type finder struct {
	p        *Proc
	args     []string
	min, max int
	deep     bool
	follow   bool
	prune    bool // set by -prune for the file just tested
	quit     bool
	acts     bool // some action prints or does
	batches  []*batch
	status   int
	err      string
}

// A batch is an -exec ... +.
type batch struct {
	words, files []string
}

func find(p *Proc) int {
	f := &finder{p: p, max: 1 << 30, args: p.Args}
	var roots []string
	for len(f.args) > 0 {
		a := f.args[0]
		if a == "-H" || a == "-L" || a == "-P" {
			f.follow = a == "-L"
		} else if strings.HasPrefix(a, "-") || a == "(" || a == "!" || a == ")" {
			break
		} else {
			roots = append(roots, a)
		}
		f.args = f.args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	test := func(found) bool { return true }
	if len(f.args) > 0 {
		test = f.or()
	}
	if f.err == "" && len(f.args) > 0 {
		f.err = "unrecognized: " + f.args[0]
	}
	if f.err != "" {
		return p.fail("%s", f.err)
	}
	for _, root := range roots {
		f.walk(root, 0, test)
	}
	for _, b := range f.batches {
		if len(b.files) > 0 {
			f.exec(append(append([]string{}, b.words...), b.files...))
		}
	}
	return f.status
}

func (f *finder) walk(path string, depth int, test predicate) {
	if f.quit {
		return
	}
	fi, err := os.Lstat(path)
	if err == nil && f.follow {
		if target, terr := os.Stat(path); terr == nil {
			fi = target
		}
	}
	if err != nil {
		f.status = f.p.failed(err, "%s", path)
		return
	}
	f.prune = false
	if !f.deep && depth >= f.min {
		f.try(found{path, fi, depth}, test)
	}
	if fi.IsDir() && !f.prune && depth < f.max && !f.quit {
		entries, err := os.ReadDir(path)
		if err != nil {
			f.status = f.p.failed(err, "%s", path)
		}
		for _, e := range entries {
			f.walk(joinShown(path, e.Name()), depth+1, test)
		}
	}
	if f.deep && depth >= f.min && !f.quit {
		f.try(found{path, fi, depth}, test)
	}
}

func (f *finder) try(x found, test predicate) {
	if test(x) && !f.acts {
		f.p.println(x.path)
	}
}

func (f *finder) peek() string {
	if len(f.args) == 0 {
		return ""
	}
	return f.args[0]
}

func (f *finder) or() predicate {
	left := f.and()
	for f.peek() == "-o" || f.peek() == "-or" {
		f.args = f.args[1:]
		a, b := left, f.and()
		left = func(x found) bool { return a(x) || b(x) }
	}
	return left
}

func (f *finder) and() predicate {
	left := f.not()
	for {
		switch f.peek() {
		case "", "-o", "-or", ")":
			return left
		case "-a", "-and":
			f.args = f.args[1:]
		}
		a, b := left, f.not()
		left = func(x found) bool { return a(x) && b(x) }
	}
}

func (f *finder) not() predicate {
	if f.peek() == "!" || f.peek() == "-not" {
		f.args = f.args[1:]
		test := f.not()
		return func(x found) bool { return !test(x) }
	}
	return f.primary()
}

func (f *finder) fail(format string, a ...any) predicate {
	if f.err == "" {
		f.err = fmt.Sprintf(format, a...)
	}
	f.args = nil
	return func(found) bool { return false }
}

func (f *finder) primary() predicate {
	word := f.peek()
	if word == "" {
		return f.fail("missing argument")
	}
	f.args = f.args[1:]
	if word == "(" {
		test := f.or()
		if f.peek() != ")" {
			return f.fail("unmatched '('")
		}
		f.args = f.args[1:]
		return test
	}
	if test := f.plain(word); test != nil {
		return test
	}
	if word == "-exec" || word == "-ok" {
		return f.execute()
	}
	if len(f.args) == 0 {
		if f.takesValue(word) {
			return f.fail("%s requires an argument", word)
		}
		return f.fail("unrecognized: %s", word)
	}
	value := f.args[0]
	f.args = f.args[1:]
	return f.valued(word, value)
}

func (f *finder) takesValue(word string) bool {
	switch word {
	case "-name", "-iname", "-path", "-ipath", "-wholename", "-type", "-size", "-mtime", "-mmin", "-newer", "-maxdepth", "-mindepth", "-perm", "-user", "-group", "-regex", "-links", "-inum":
		return true
	}
	return false
}

func (f *finder) number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		f.fail("invalid number '%s'", word)
	}
	return n
}

// execute is -exec CMD ;  or  -exec CMD {} +.
func (f *finder) execute() predicate {
	f.acts = true
	var words []string
	for len(f.args) > 0 {
		word := f.args[0]
		f.args = f.args[1:]
		if word == ";" {
			return func(x found) bool {
				line := make([]string, len(words))
				for i, w := range words {
					line[i] = strings.ReplaceAll(w, "{}", x.path)
				}
				return f.exec(line) == 0
			}
		}
		if word == "+" && len(words) > 1 && words[len(words)-1] == "{}" {
			b := &batch{words: words[:len(words)-1]}
			f.batches = append(f.batches, b)
			return func(x found) bool { b.files = append(b.files, x.path); return true }
		}
		words = append(words, word)
	}
	return f.fail("-exec requires an argument")
}

func (f *finder) exec(words []string) int {
	status, err := f.p.child(words, nil)
	if err != nil {
		f.p.fail("%s: %s", words[0], reason(err))
		return 127
	}
	return status
}
