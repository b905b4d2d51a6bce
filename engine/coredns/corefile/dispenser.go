package corefile

import (
	"fmt"
	"strings"
)

// A Dispenser hands out tokens one by one. It starts before the first.
type Dispenser struct {
	file    string
	tokens  []Token
	cursor  int
	nesting int
}

// NewDispenser returns a dispenser of tokens from file.
func NewDispenser(file string, tokens []Token) *Dispenser {
	return &Dispenser{file: file, tokens: tokens, cursor: -1}
}

// Next goes to the next token, if there is one.
func (d *Dispenser) Next() bool {
	if d.cursor >= len(d.tokens)-1 {
		return false
	}
	d.cursor++
	return true
}

// NextArg goes to the next token if it is on the same line.
func (d *Dispenser) NextArg() bool {
	if d.cursor < 0 {
		d.cursor++
		return d.cursor < len(d.tokens)
	}
	if d.cursor >= len(d.tokens)-1 || d.endLine() != d.tokens[d.cursor+1].Line {
		return false
	}
	d.cursor++
	return true
}

// endLine is the line on which the current token ends.
func (d *Dispenser) endLine() int {
	t := d.tokens[d.cursor]
	return t.Line + strings.Count(t.Text, "\n")
}

// NextBlock goes to the next line of the block that opens on this line:
//
//	for d.NextBlock() { switch d.Val() { ... } }
func (d *Dispenser) NextBlock() bool {
	if d.nesting > 0 {
		if !d.Next() || d.Val() == "}" {
			d.nesting--
			return false
		}
		return true
	}
	if !d.NextArg() {
		return false
	}
	if d.Val() != "{" {
		d.cursor--
		return false
	}
	if !d.Next() || d.Val() == "}" {
		return false
	}
	d.nesting++
	return true
}

// RemainingArgs returns the further tokens of the line, up to an opening brace.
func (d *Dispenser) RemainingArgs() []string {
	var args []string
	for d.NextArg() {
		if d.Val() == "{" {
			d.cursor--
			break
		}
		args = append(args, d.Val())
	}
	return args
}

// Val is the current token.
func (d *Dispenser) Val() string {
	if d.cursor < 0 || d.cursor >= len(d.tokens) {
		return ""
	}
	return d.tokens[d.cursor].Text
}

// Line is the line of the current token.
func (d *Dispenser) Line() int {
	if d.cursor < 0 || d.cursor >= len(d.tokens) {
		return 0
	}
	return d.tokens[d.cursor].Line
}

// newLine reports whether the current token is the first of its line.
func (d *Dispenser) newLine() bool {
	if d.cursor < 1 {
		return true
	}
	prev := d.tokens[d.cursor-1]
	return prev.Line+strings.Count(prev.Text, "\n") < d.tokens[d.cursor].Line
}

// Errf is an error at the current token.
func (d *Dispenser) Errf(format string, args ...any) error {
	return fmt.Errorf("%s:%d - Error during parsing: %s", d.file, d.Line(), fmt.Sprintf(format, args...))
}

// ArgErr says that a directive has too many or too few arguments.
func (d *Dispenser) ArgErr() error {
	if d.Val() == "{" {
		return d.Errf("Unexpected token '{', expecting argument")
	}
	return d.Errf("Wrong argument count or unexpected line ending after '%s'", d.Val())
}

func (d *Dispenser) syntaxErr(expected string) error {
	return fmt.Errorf("%s:%d - Syntax error: Unexpected token '%s', expecting '%s'", d.file, d.Line(), d.Val(), expected)
}

func (d *Dispenser) eofErr() error { return d.Errf("Unexpected EOF") }
