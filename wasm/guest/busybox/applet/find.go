package applet

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
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

// plain are the words without a value.
func (f *finder) plain(word string) predicate {
	switch word {
	case "-print":
		f.acts = true
		return func(x found) bool { f.p.println(x.path); return true }
	case "-print0":
		f.acts = true
		return func(x found) bool { f.p.print(x.path + "\x00"); return true }
	case "-delete":
		f.acts, f.deep = true, true
		return func(x found) bool {
			if x.path == "." {
				return true
			}
			if err := os.Remove(x.path); err != nil {
				f.status = f.p.failed(err, "%s", x.path)
				return false
			}
			return true
		}
	case "-prune":
		return func(found) bool { f.prune = true; return true }
	case "-quit":
		f.acts = true
		return func(found) bool { f.quit = true; return true }
	case "-empty":
		return func(x found) bool {
			if x.fi.IsDir() {
				list, err := os.ReadDir(x.path)
				return err == nil && len(list) == 0
			}
			return x.fi.Mode().IsRegular() && x.fi.Size() == 0
		}
	case "-executable":
		return func(x found) bool { return x.fi.Mode()&0o111 != 0 }
	case "-true", "-xdev", "-mount", "-noleaf":
		return func(found) bool { return true }
	case "-false":
		return func(found) bool { return false }
	case "-depth":
		f.deep = true
		return func(found) bool { return true }
	}
	return nil
}

// valued are the words with one value.
func (f *finder) valued(word, value string) predicate {
	yes := func(found) bool { return true }
	switch word {
	case "-name", "-iname":
		fold := word == "-iname"
		return func(x found) bool { return glob(value, filepath.Base(x.path), fold) }
	case "-path", "-ipath", "-wholename":
		fold := word == "-ipath"
		return func(x found) bool { return globPath(value, x.path, fold) }
	case "-regex":
		re, err := regexp.Compile("^(?:" + posixRegexp(value, false) + ")$")
		if err != nil {
			return f.fail("bad regex '%s'", value)
		}
		return func(x found) bool { return re.MatchString(x.path) }
	case "-type":
		return func(x found) bool { return strings.Contains(value, typeLetter(x.fi.Mode())) }
	case "-maxdepth":
		f.max = f.number(value)
		return yes
	case "-mindepth":
		f.min = f.number(value)
		return yes
	case "-newer":
		fi, err := os.Stat(value)
		if err != nil {
			return f.fail("%s: %s", value, reason(err))
		}
		return func(x found) bool { return x.fi.ModTime().After(fi.ModTime()) }
	case "-user":
		id := idOf("/etc/passwd", value)
		return func(x found) bool { return inspect(x.fi).uid == id }
	case "-group":
		id := idOf("/etc/group", value)
		return func(x found) bool { return inspect(x.fi).gid == id }
	case "-perm":
		return f.perm(value)
	case "-mtime", "-mmin":
		unit := 24 * time.Hour
		if word == "-mmin" {
			unit = time.Minute
		}
		now := time.Now()
		return f.compared(value, func(x found) int64 { return int64(now.Sub(x.fi.ModTime()) / unit) })
	case "-size":
		return f.size(value)
	case "-links":
		return f.compared(value, func(x found) int64 { return int64(inspect(x.fi).nlink) })
	case "-inum":
		return f.compared(value, func(x found) int64 { return int64(inspect(x.fi).ino) })
	}
	return f.fail("unrecognized: %s", word)
}

func (f *finder) number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		f.fail("invalid number '%s'", word)
	}
	return n
}

// compared is a number with + for more and - for less.
func (f *finder) compared(value string, of func(found) int64) predicate {
	n := int64(f.number(strings.TrimLeft(value, "+-")))
	switch value[:min(1, len(value))] {
	case "+":
		return func(x found) bool { return of(x) > n }
	case "-":
		return func(x found) bool { return of(x) < n }
	}
	return func(x found) bool { return of(x) == n }
}

func (f *finder) size(value string) predicate {
	unit := int64(512)
	if n := len(value); n > 0 {
		if u, ok := map[byte]int64{'c': 1, 'b': 512, 'k': 1024, 'M': 1 << 20, 'G': 1 << 30, 'w': 2}[value[n-1]]; ok {
			unit, value = u, value[:n-1]
		}
	}
	return f.compared(value, func(x found) int64 { return (x.fi.Size() + unit - 1) / unit })
}

func (f *finder) perm(value string) predicate {
	mode, err := changeMode(0, strings.TrimLeft(value, "-/+"))
	if err != nil {
		return f.fail("invalid mode '%s'", value)
	}
	want := octal(mode)
	switch value[:min(1, len(value))] {
	case "-":
		return func(x found) bool { return octal(x.fi.Mode())&want == want }
	case "/", "+":
		return func(x found) bool { return octal(x.fi.Mode())&want != 0 }
	}
	return func(x found) bool { return octal(x.fi.Mode()) == want }
}

func typeLetter(m fs.FileMode) string {
	switch c := modeString(m)[0]; c {
	case '-':
		return "f"
	default:
		return string(rune(c))
	}
}

func glob(pattern, name string, fold bool) bool {
	if fold {
		pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	}
	ok, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name)
	return err == nil && ok
}

// globPath is glob where * goes past slashes.
func globPath(pattern, name string, fold bool) bool {
	return glob(strings.ReplaceAll(pattern, "/", "\x01"), strings.ReplaceAll(name, "/", "\x01"), fold)
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
