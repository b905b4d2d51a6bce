package applet

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// An address is where a sed command applies.
type address struct {
	kind byte // 0 none, 'n' line, '$' last, '/' pattern, '~' step, '+' count
	n, m int
	re   *regexp.Regexp // nil: the last one used
}

// A sedCommand is one command of the script.
type sedCommand struct {
	from, to address
	not      bool
	name     byte
	text     string // a, i, c; label; file; y's sets
	to2      string
	re       *regexp.Regexp
	global   bool
	print    bool
	nth      int
	jump     int // of {, b, t, T

	active bool // inside its range
	end    int
}

// A sedParser reads a script.
type sedParser struct {
	text     string
	extended bool
	prog     []*sedCommand
}

func parseSed(text string, extended bool) ([]*sedCommand, error) {
	s := &sedParser{text: text, extended: extended}
	for {
		s.text = strings.TrimLeft(s.text, " \t\n;")
		if s.text == "" {
			break
		}
		if err := s.command(); err != nil {
			return nil, err
		}
	}
	return s.prog, s.link()
}

func (s *sedParser) command() error {
	c := &sedCommand{nth: 1}
	var err error
	if c.from, err = s.address(); err != nil {
		return err
	}
	s.text = strings.TrimLeft(s.text, " \t")
	if c.from.kind != 0 && strings.HasPrefix(s.text, ",") {
		s.text = strings.TrimLeft(s.text[1:], " \t")
		if c.to, err = s.address(); err != nil {
			return err
		}
		if c.to.kind == 0 {
			return fmt.Errorf("no address after comma")
		}
	}
	s.text = strings.TrimLeft(s.text, " \t")
	for strings.HasPrefix(s.text, "!") {
		c.not = true
		s.text = strings.TrimLeft(s.text[1:], " \t!")
	}
	if s.text == "" {
		return fmt.Errorf("missing command")
	}
	c.name, s.text = s.text[0], s.text[1:]
	s.prog = append(s.prog, c)
	return s.arguments(c)
}

func (s *sedParser) address() (address, error) {
	t := s.text
	switch {
	case t == "":
		return address{}, nil
	case t[0] == '$':
		s.text = t[1:]
		return address{kind: '$'}, nil
	case t[0] >= '0' && t[0] <= '9' || t[0] == '+' && len(t) > 1 && t[1] >= '0' && t[1] <= '9':
		a := address{kind: 'n'}
		if t[0] == '+' {
			a.kind, t = '+', t[1:]
		}
		n := digits(t, len(t), "0123456789")
		a.n, _ = strconv.Atoi(t[:n])
		t = t[n:]
		if strings.HasPrefix(t, "~") {
			n = digits(t[1:], len(t), "0123456789")
			a.kind = '~'
			a.m, _ = strconv.Atoi(t[1 : 1+n])
			t = t[1+n:]
		}
		s.text = t
		return a, nil
	case t[0] == '/' || t[0] == '\\' && len(t) > 1:
		delim := t[0]
		s.text = t[1:]
		if delim == '\\' {
			delim, s.text = t[1], t[2:]
		}
		pat, err := s.delimited(delim, true)
		if err != nil {
			return address{}, err
		}
		fold := strings.HasPrefix(s.text, "I")
		if fold {
			s.text = s.text[1:]
		}
		re, err := s.regexp(pat, fold)
		return address{kind: '/', re: re}, err
	}
	return address{}, nil
}

// regexp compiles a pattern; the empty one is nil, "the last one".
func (s *sedParser) regexp(pat string, fold bool) (*regexp.Regexp, error) {
	if pat == "" {
		return nil, nil
	}
	re, err := compile(pat, s.extended, fold)
	if err != nil {
		return nil, fmt.Errorf("bad regex '%s': %s", pat, regexpError(err))
	}
	return re, nil
}

// delimited reads up to delim. In a pattern, \delim is delim and brackets are
// read over.
func (s *sedParser) delimited(delim byte, pattern bool) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c == delim:
			s.text = s.text[i+1:]
			return b.String(), nil
		case c == '\\' && i+1 < len(s.text):
			i++
			switch {
			case s.text[i] == delim:
				b.WriteByte(delim)
			case s.text[i] == '\n' && !pattern:
				b.WriteByte('\n')
			default:
				b.WriteByte('\\')
				b.WriteByte(s.text[i])
			}
		case c == '[' && pattern:
			n := bracketEnd(s.text[i:])
			if s.text[i+n-1] != ']' {
				b.WriteByte(c)
				continue
			}
			b.WriteString(s.text[i : i+n])
			i += n - 1
		default:
			b.WriteByte(c)
		}
	}
	return "", fmt.Errorf("unterminated s command or address")
}

func (s *sedParser) arguments(c *sedCommand) error {
	switch c.name {
	case '{', '=', 'd', 'D', 'g', 'G', 'h', 'H', 'x', 'n', 'N', 'p', 'P', 'l':
		return nil
	case '}':
		return nil
	case '#':
		_, s.text, _ = strings.Cut(s.text, "\n")
	case ':':
		c.text = s.word(";\n")
	case 'b', 't', 'T':
		c.text = s.word(";}\n")
	case 'r', 'w':
		c.text = s.word("\n")
	case 'q', 'Q':
		c.nth, _ = strconv.Atoi(s.word(";}\n"))
	case 'a', 'i', 'c':
		c.text = s.block()
	case 's':
		return s.sArguments(c)
	case 'y':
		return s.yArguments(c)
	default:
		return fmt.Errorf("unsupported command %c", c.name)
	}
	return nil
}

// word reads up to one of the bytes in end, and trims.
func (s *sedParser) word(end string) string {
	i := strings.IndexAny(s.text, end)
	if i < 0 {
		i = len(s.text)
	}
	w := strings.TrimSpace(s.text[:i])
	s.text = s.text[i:]
	return w
}

// block reads the text of a, i, c: one line, or more by backslashes.
func (s *sedParser) block() string {
	t := strings.TrimLeft(s.text, " \t")
	if strings.HasPrefix(t, "\\") {
		t = t[1:] // blanks behind it are text, unless they are all of the line
		if line := strings.TrimLeft(t, " \t"); strings.HasPrefix(line, "\n") {
			t = line[1:]
		}
	}
	var b strings.Builder
	i := 0
	for ; i < len(t) && t[i] != '\n'; i++ {
		if t[i] == '\\' && i+1 < len(t) {
			i++
			if t[i] == 't' {
				b.WriteByte('\t')
				continue
			}
		}
		b.WriteByte(t[i])
	}
	s.text = t[i:]
	return b.String()
}

func (s *sedParser) sArguments(c *sedCommand) error {
	if s.text == "" {
		return fmt.Errorf("bad format in substitution expression")
	}
	delim := s.text[0]
	s.text = s.text[1:]
	pat, err := s.delimited(delim, true)
	if err != nil {
		return err
	}
	if c.text, err = s.delimited(delim, false); err != nil {
		return err
	}
	fold := false
	for s.text != "" {
		f := s.text[0]
		switch {
		case f == 'g':
			c.global = true
		case f == 'p':
			c.print = true
		case f == 'i' || f == 'I':
			fold = true
		case f >= '1' && f <= '9':
			n := digits(s.text, len(s.text), "0123456789")
			c.nth, _ = strconv.Atoi(s.text[:n])
			s.text = s.text[n-1:]
		case f == 'w':
			s.text = s.text[1:]
			c.to2 = s.word("\n")
			continue
		case strings.IndexByte("; \t\n}#", f) >= 0:
			c.re, err = s.regexp(pat, fold)
			return err
		default:
			return fmt.Errorf("unknown option to s command")
		}
		s.text = s.text[1:]
	}
	c.re, err = s.regexp(pat, fold)
	return err
}

func (s *sedParser) yArguments(c *sedCommand) error {
	if s.text == "" {
		return fmt.Errorf("bad format in translation")
	}
	delim := s.text[0]
	s.text = s.text[1:]
	var err error
	if c.text, err = s.delimited(delim, false); err != nil {
		return err
	}
	if c.to2, err = s.delimited(delim, false); err != nil {
		return err
	}
	c.text, _ = unescape(c.text, false)
	c.to2, _ = unescape(c.to2, false)
	if len([]rune(c.text)) != len([]rune(c.to2)) {
		return fmt.Errorf("strings for 'y' command are different lengths")
	}
	return nil
}

// link finds where braces and jumps lead.
func (s *sedParser) link() error {
	var open []int
	labels := map[string]int{}
	for i, c := range s.prog {
		switch c.name {
		case '{':
			open = append(open, i)
		case '}':
			if len(open) == 0 {
				return fmt.Errorf("unmatched '}'")
			}
			s.prog[open[len(open)-1]].jump = i
			open = open[:len(open)-1]
		case ':':
			labels[c.text] = i
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("unmatched '{'")
	}
	for _, c := range s.prog {
		if c.name == 'b' || c.name == 't' || c.name == 'T' {
			c.jump = len(s.prog)
			if at, ok := labels[c.text]; ok {
				c.jump = at
			} else if c.text != "" {
				return fmt.Errorf("can't find label for jump to '%s'", c.text)
			}
		}
	}
	return nil
}

// A sedInput is the lines of all files, one read ahead so that $ is known.
type sedInput struct {
	p      *Proc
	files  []string
	r      *bufio.Reader
	c      io.Closer
	ahead  string
	has    bool
	status int
	stdin  bool
}

func (in *sedInput) read() (line string, newline, ok bool) {
	if !in.has && !in.fill() {
		return "", false, false
	}
	line, in.has = in.ahead, false
	text, newline := strings.CutSuffix(line, "\n")
	return text, newline, true
}

// last tells whether no line follows.
func (in *sedInput) last() bool { return !in.has && !in.fill() }

func (in *sedInput) fill() bool {
	for {
		if in.r == nil && !in.open() {
			return false
		}
		line, err := in.r.ReadString('\n')
		if err != nil {
			in.c.Close()
			in.r = nil
		}
		if line != "" {
			in.ahead, in.has = line, true
			return true
		}
	}
}

func (in *sedInput) open() bool {
	for len(in.files) > 0 {
		name := in.files[0]
		in.files = in.files[1:]
		f, err := in.p.open(name)
		if err != nil {
			in.status = in.p.failed(err, "%s", name)
			continue
		}
		in.stdin = name == "-"
		in.r, in.c = bufio.NewReaderSize(f, 4096), f
		return true
	}
	return false
}
