package applet

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

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
