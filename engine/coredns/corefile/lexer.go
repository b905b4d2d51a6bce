package corefile

import (
	"bytes"
	"strings"
	"unicode"
)

// A Token is a word of the file.
type Token struct {
	Line int
	Text string
}

// tokens splits data into words. A quoted word may hold spaces and line breaks;
// inside, \" is a quote. # begins a comment that ends with the line.
func tokens(data []byte) []Token {
	l := lexer{rest: []rune(string(bytes.TrimPrefix(data, []byte("\ufeff")))), line: 1}
	var out []Token
	for {
		t, ok := l.next()
		if !ok {
			return out
		}
		out = append(out, t)
	}
}

type lexer struct {
	rest []rune
	line int
}

// next returns the next word.
func (l *lexer) next() (Token, bool) {
	l.skip()
	if len(l.rest) == 0 {
		return Token{}, false
	}
	t := Token{Line: l.line}
	if l.rest[0] == '"' {
		t.Text = l.quoted()
		return t, true
	}
	n := 0
	for n < len(l.rest) && !unicode.IsSpace(l.rest[n]) && l.rest[n] != '#' {
		n++
	}
	t.Text = string(l.rest[:n])
	l.rest = l.rest[n:]
	return t, true
}

// skip passes over spaces and comments.
func (l *lexer) skip() {
	comment := false
	for len(l.rest) > 0 {
		ch := l.rest[0]
		if ch == '\n' {
			l.line++
			comment = false
		} else if ch == '#' {
			comment = true
		} else if !comment && !unicode.IsSpace(ch) {
			return
		}
		l.rest = l.rest[1:]
	}
}

// quoted reads a quoted word; an open quote ends with the file.
func (l *lexer) quoted() string {
	var b strings.Builder
	i := 1
	for ; i < len(l.rest) && l.rest[i] != '"'; i++ {
		if l.rest[i] == '\\' && i+1 < len(l.rest) && l.rest[i+1] == '"' {
			i++
		}
		if l.rest[i] == '\n' {
			l.line++
		}
		b.WriteRune(l.rest[i])
	}
	l.rest = l.rest[min(i+1, len(l.rest)):]
	return b.String()
}
