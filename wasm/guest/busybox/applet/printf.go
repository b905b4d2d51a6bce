package applet

import (
	"strconv"
	"strings"
)

func printf(p *Proc) int {
	args := p.Args
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return p.help(1)
	}
	f := &formatter{p: p, format: args[0], args: args[1:]}
	for {
		before := len(f.args)
		if f.pass() || len(f.args) == 0 || len(f.args) == before {
			return f.status
		}
	}
}

// A formatter runs a printf format over its arguments.
type formatter struct {
	p      *Proc
	format string
	args   []string
	status int
}

func (f *formatter) next() string {
	if len(f.args) == 0 {
		return ""
	}
	a := f.args[0]
	f.args = f.args[1:]
	return a
}

// pass prints the format once; it says whether \c ended all.
func (f *formatter) pass() (stop bool) {
	text := f.format
	for text != "" {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			i = len(text)
		}
		plain, stop := unescape(text[:i], false)
		f.p.print(plain)
		if stop {
			return true
		}
		if text = text[i:]; text == "" {
			return false
		}
		if text, stop = f.directive(text[1:]); stop {
			return true
		}
	}
	return false
}

// directive prints one %..., given without the %, and returns what follows.
func (f *formatter) directive(text string) (rest string, stop bool) {
	if strings.HasPrefix(text, "%") {
		f.p.print("%")
		return text[1:], false
	}
	n := digits(text, len(text), "-+ #0123456789.*")
	spec := "%"
	for _, c := range text[:n] {
		if c == '*' {
			spec += strconv.Itoa(int(f.integer(f.next())))
		} else {
			spec += string(c)
		}
	}
	for n < len(text) && strings.IndexByte("hlLqjzt", text[n]) >= 0 {
		n++
	}
	if n == len(text) {
		f.status = f.p.fail("%s: invalid format", f.format)
		return "", true
	}
	switch c := text[n]; c {
	case 'd', 'i':
		f.p.printf(spec+"d", f.integer(f.next()))
	case 'u':
		f.p.printf(spec+"d", uint64(f.integer(f.next())))
	case 'o', 'x', 'X':
		f.p.printf(spec+string(c), uint64(f.integer(f.next())))
	case 'c':
		a := f.next()
		f.p.printf(spec+"s", a[:min(1, len(a))])
	case 's':
		f.p.printf(spec+"s", f.next())
	case 'b':
		out, stop := unescape(f.next(), true)
		f.p.printf(spec+"s", out)
		if stop {
			return "", true
		}
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f.p.printf(spec+string(c), f.float(f.next()))
	default:
		f.status = f.p.fail("%%%s: invalid format", string(c))
		return "", true
	}
	return text[n+1:], false
}

func (f *formatter) integer(word string) int64 {
	if word == "" {
		return 0
	}
	if c := word[0]; (c == '\'' || c == '"') && len(word) > 1 {
		return int64(word[1])
	}
	n, err := strconv.ParseInt(strings.TrimSpace(word), 0, 64)
	if err != nil {
		if u, uerr := strconv.ParseUint(word, 0, 64); uerr == nil {
			return int64(u)
		}
		f.status = f.p.fail("invalid number '%s'", word)
	}
	return n
}

func (f *formatter) float(word string) float64 {
	if word == "" {
		return 0
	}
	v, err := strconv.ParseFloat(word, 64)
	if err != nil {
		f.status = f.p.fail("invalid number '%s'", word)
	}
	return v
}
