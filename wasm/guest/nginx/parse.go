package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A directive is one statement of the configuration.
type directive struct {
	name  string
	args  []string
	block []*directive
	open  bool // it has a block
	file  string
	line  int
}

// A lexer cuts a file into words.
type lexer struct {
	text string
	file string
	line int
}

// A word is a token; a plain one may be ; { or }.
type word struct {
	text   string
	quoted bool
	line   int
}

// emerg is an error in nginx's form, with its place.
func emerg(file string, line int, format string, a ...any) error {
	return fmt.Errorf("%s in %s:%d", fmt.Sprintf(format, a...), file, line)
}

func (l *lexer) next() (word, bool, error) {
	for l.text != "" {
		switch c := l.text[0]; {
		case c == '\n':
			l.line++
			l.text = l.text[1:]
		case c == ' ' || c == '\t' || c == '\r':
			l.text = l.text[1:]
		case c == '#':
			_, rest, _ := strings.Cut(l.text, "\n")
			l.line++
			l.text = rest
		case c == ';' || c == '{' || c == '}':
			l.text = l.text[1:]
			return word{text: string(rune(c)), line: l.line}, true, nil
		case c == '"' || c == '\'':
			return l.quoted(c)
		default:
			return l.plain(), true, nil
		}
	}
	return word{}, false, nil
}

func (l *lexer) quoted(end byte) (word, bool, error) {
	w := word{quoted: true, line: l.line}
	var b strings.Builder
	for i := 1; i < len(l.text); i++ {
		c := l.text[i]
		switch {
		case c == '\\' && i+1 < len(l.text):
			i++
			switch e := l.text[i]; e {
			case '"', '\'', '\\':
				b.WriteByte(e)
			case 't':
				b.WriteByte('\t')
			case 'r':
				b.WriteByte('\r')
			case 'n':
				b.WriteByte('\n')
			default:
				b.WriteByte('\\')
				b.WriteByte(e)
			}
		case c == end:
			l.text = l.text[i+1:]
			w.text = b.String()
			return w, true, nil
		default:
			if c == '\n' {
				l.line++
			}
			b.WriteByte(c)
		}
	}
	return w, false, emerg(l.file, l.line, "unexpected end of file, expecting %q", string(rune(end)))
}

func (l *lexer) plain() word {
	w := word{line: l.line}
	i := 0
	for ; i < len(l.text); i++ {
		c := l.text[i]
		if c == '\\' && i+1 < len(l.text) {
			i++
			continue
		}
		if c == '$' && strings.HasPrefix(l.text[i:], "${") {
			if end := strings.IndexByte(l.text[i:], '}'); end > 0 {
				i += end
				continue
			}
		}
		if strings.IndexByte(" \t\r\n;{", c) >= 0 {
			break
		}
	}
	w.text, l.text = l.text[:i], l.text[i:]
	return w
}

// parseFile reads a file and those it includes.
func parseFile(name string) ([]*directive, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, openError(name, err)
	}
	l := &lexer{text: string(text), file: name, line: 1}
	return l.block(false)
}

// openError is open()'s failure as nginx logs it.
func openError(name string, err error) error {
	n, text := errnoOf(err)
	return fmt.Errorf("open() %q failed (%d: %s)", name, n, text)
}

// block reads directives up to } or, at the top, the end of the file.
func (l *lexer) block(inner bool) ([]*directive, error) {
	var list []*directive
	for {
		w, ok, err := l.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			if inner {
				return nil, emerg(l.file, l.line, `unexpected end of file, expecting "}"`)
			}
			return list, nil
		}
		if !w.quoted {
			switch w.text {
			case "}":
				if inner {
					return list, nil
				}
				return nil, emerg(l.file, w.line, `unexpected "}"`)
			case ";", "{":
				return nil, emerg(l.file, w.line, "unexpected %q", w.text)
			}
		}
		d := &directive{name: w.text, file: l.file, line: w.line}
		if err := l.statement(d); err != nil {
			return nil, err
		}
		if d.name == "include" && !d.open {
			more, err := include(d)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
			continue
		}
		list = append(list, d)
	}
}

// statement reads a directive's words, and its block.
func (l *lexer) statement(d *directive) error {
	for {
		w, ok, err := l.next()
		if err != nil {
			return err
		}
		if !ok {
			return emerg(l.file, l.line, `unexpected end of file, expecting ";" or "}"`)
		}
		if w.quoted {
			d.args = append(d.args, w.text)
			continue
		}
		switch w.text {
		case ";":
			return nil
		case "{":
			d.open = true
			d.block, err = l.block(true)
			return err
		case "}":
			return emerg(l.file, w.line, `unexpected "}"`)
		}
		d.args = append(d.args, w.text)
	}
}

// include reads what a directive names; a pattern may match nothing.
func include(d *directive) ([]*directive, error) {
	if len(d.args) != 1 {
		return nil, emerg(d.file, d.line, `invalid number of arguments in "include" directive`)
	}
	name := d.args[0]
	if !filepath.IsAbs(name) {
		name = filepath.Join("/etc/nginx", name)
	}
	files := []string{name}
	if strings.ContainsAny(name, "*?[") {
		files, _ = filepath.Glob(name)
	}
	var list []*directive
	for _, f := range files {
		more, err := parseFile(f)
		if err != nil {
			if strings.HasPrefix(err.Error(), "open()") {
				err = emerg(d.file, d.line, "%v", err)
			}
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}
