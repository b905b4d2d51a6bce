package applet

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// A sedRun executes a script over files.
type sedRun struct {
	p     *Proc
	prog  []*sedCommand
	quiet bool
	out   io.Writer

	in       *sedInput
	line     int
	pattern  string
	hold     string
	newline  bool // the current line had one
	after    []string
	replaced bool
	quit     bool
	status   int
	last     *regexp.Regexp
}

func (s *sedRun) run(files []string) int {
	s.in = &sedInput{p: s.p, files: files}
	if len(files) == 0 {
		s.in.files = []string{"-"}
	}
	for !s.quit && s.next() {
		s.cycle()
		s.p.flushIfStdin(s.in)
	}
	if s.in.status != 0 && s.status == 0 {
		s.status = s.in.status
	}
	return s.status
}

func (p *Proc) flushIfStdin(in *sedInput) {
	if in.stdin {
		p.flush()
	}
}

// next reads the next line into the pattern space.
func (s *sedRun) next() bool {
	line, newline, ok := s.in.read()
	if ok {
		s.pattern, s.newline = line, newline
		s.line++
	}
	return ok
}

// cycle runs the script on the pattern space.
func (s *sedRun) cycle() {
	for {
		again, deleted := s.script()
		if again {
			continue
		}
		if !deleted && !s.quiet {
			s.put(s.pattern)
		}
		s.flushAfter()
		return
	}
}

func (s *sedRun) put(text string) {
	end := "\n"
	if !s.newline && s.in.last() {
		end = ""
	}
	fmt.Fprint(s.out, text+end)
}

func (s *sedRun) flushAfter() {
	for _, text := range s.after {
		fmt.Fprint(s.out, text)
	}
	s.after = nil
}

// script runs all commands once. again: D starts over without reading.
func (s *sedRun) script() (again, deleted bool) {
	s.replaced = false
	for i := 0; i < len(s.prog); i++ {
		c := s.prog[i]
		if s.selects(c) == c.not {
			if c.name == '{' {
				i = c.jump
			}
			continue
		}
		switch c.name {
		case '{', '}', ':', '#':
		case '=':
			fmt.Fprintln(s.out, s.line)
		case 'a':
			s.after = append(s.after, c.text+"\n")
		case 'i':
			fmt.Fprintln(s.out, c.text)
		case 'c':
			if c.to.kind == 0 || !c.active || c.not {
				fmt.Fprintln(s.out, c.text)
			}
			return false, true
		case 'd':
			return false, true
		case 'D':
			if _, rest, ok := strings.Cut(s.pattern, "\n"); ok {
				s.pattern = rest
				s.flushAfter()
				return true, true
			}
			return false, true
		case 'g':
			s.pattern = s.hold
		case 'G':
			s.pattern += "\n" + s.hold
		case 'h':
			s.hold = s.pattern
		case 'H':
			s.hold += "\n" + s.pattern
		case 'x':
			s.pattern, s.hold = s.hold, s.pattern
		case 'n':
			if s.in.last() {
				if !s.quiet {
					s.put(s.pattern)
				}
				s.quit = true
				return false, true
			}
			if !s.quiet {
				s.put(s.pattern)
			}
			s.flushAfter()
			s.next()
		case 'N':
			if s.in.last() {
				s.quit = true
				return false, false
			}
			old := s.pattern
			s.flushAfter()
			s.next()
			s.pattern = old + "\n" + s.pattern
		case 'p':
			fmt.Fprintln(s.out, s.pattern)
		case 'P':
			first, _, _ := strings.Cut(s.pattern, "\n")
			fmt.Fprintln(s.out, first)
		case 'l':
			fmt.Fprintln(s.out, show(s.pattern, true, true)+"$")
		case 'q', 'Q':
			s.quit = true
			s.status = c.nth
			return false, c.name == 'Q'
		case 'r':
			if b, err := os.ReadFile(c.text); err == nil {
				s.after = append(s.after, string(b))
			}
		case 'w':
			appendFile(c.text, s.pattern+"\n")
		case 's':
			s.substitute(c)
		case 'y':
			s.pattern = transliterate(s.pattern, c.text, c.to2)
		case 'b':
			i = c.jump
		case 't':
			if s.replaced {
				s.replaced = false
				i = c.jump
			}
		case 'T':
			if !s.replaced {
				i = c.jump
			}
			s.replaced = false
		}
	}
	return false, false
}

func appendFile(name, text string) {
	switch name {
	case "/dev/stdout":
		fmt.Print(text)
		return
	}
	if f, err := create(name, true); err == nil {
		io.WriteString(f, text)
		f.Close()
	}
}

func transliterate(text, from, to string) string {
	f, t := []rune(from), []rune(to)
	return strings.Map(func(r rune) rune {
		for i, x := range f {
			if x == r {
				return t[i]
			}
		}
		return r
	}, text)
}

// selects tells whether the command's addresses mean the current line.
func (s *sedRun) selects(c *sedCommand) bool {
	switch {
	case c.from.kind == 0:
		return true
	case c.to.kind == 0:
		return s.at(c.from)
	case c.active:
		switch c.to.kind {
		case 'n', '+':
			if s.line >= c.end {
				c.active = false
			}
			return s.line <= c.end || c.to.kind == '+'
		default:
			c.active = !s.at(c.to)
			return true
		}
	case c.from.kind == 'n' && c.from.n == 0 && c.to.kind == '/':
		c.from.kind = 'x' // 0,/re/: as if active before line 1
		c.active = !s.at(c.to)
		return true
	case s.at(c.from):
		c.active = true
		switch c.to.kind {
		case 'n':
			c.end = c.to.n
			c.active = c.end > s.line
		case '+':
			c.end = s.line + c.to.n
			c.active = c.to.n > 0
		case '$':
			c.active = !s.in.last()
		}
		return true
	}
	return false
}

func (s *sedRun) at(a address) bool {
	switch a.kind {
	case 'n':
		return s.line == a.n
	case '$':
		return s.in.last()
	case '~':
		if a.m <= 0 {
			return s.line == a.n
		}
		return s.line >= a.n && (s.line-a.n)%a.m == 0
	case '/':
		return s.regexp(a.re).MatchString(s.pattern)
	}
	return false
}

// regexp is re, or the last one used if re is the empty pattern.
func (s *sedRun) regexp(re *regexp.Regexp) *regexp.Regexp {
	if re != nil {
		s.last = re
	}
	if s.last == nil {
		s.last = regexp.MustCompile("")
	}
	return s.last
}

func (s *sedRun) substitute(c *sedCommand) {
	re := s.regexp(c.re)
	var b strings.Builder
	at, n, done := 0, 0, false
	for _, m := range re.FindAllStringSubmatchIndex(s.pattern, -1) {
		n++
		if n < c.nth || done && !c.global {
			continue
		}
		b.WriteString(s.pattern[at:m[0]])
		b.WriteString(replacement(c.text, s.pattern, m))
		at, done = m[1], true
		if !c.global {
			break
		}
	}
	if !done {
		return
	}
	b.WriteString(s.pattern[at:])
	s.pattern, s.replaced = b.String(), true
	if c.print {
		fmt.Fprintln(s.out, s.pattern)
	}
	if c.to2 != "" {
		appendFile(c.to2, s.pattern+"\n")
	}
}

// replacement expands & and \1 of one match, and \U \L \u \l \E.
func replacement(text, line string, m []int) string {
	var b strings.Builder
	mode, once := byte(0), byte(0)
	write := func(v string) {
		switch mode {
		case 'U':
			v = strings.ToUpper(v)
		case 'L':
			v = strings.ToLower(v)
		}
		if once != 0 && v != "" {
			head := v[:1]
			if once == 'u' {
				head = strings.ToUpper(head)
			} else {
				head = strings.ToLower(head)
			}
			v, once = head+v[1:], 0
		}
		b.WriteString(v)
	}
	group := func(i int) string {
		if 2*i+1 < len(m) && m[2*i] >= 0 {
			return line[m[2*i]:m[2*i+1]]
		}
		return ""
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '&':
			write(group(0))
		case c == '\\' && i+1 < len(text):
			i++
			switch c = text[i]; {
			case c >= '0' && c <= '9':
				n, _ := strconv.Atoi(string(rune(c)))
				write(group(n))
			case c == 'n':
				write("\n")
			case c == 't':
				write("\t")
			case c == 'U' || c == 'L':
				mode = c
			case c == 'E':
				mode = 0
			case c == 'u' || c == 'l':
				once = c
			default:
				write(string([]byte{c}))
			}
		default:
			write(string([]byte{c}))
		}
	}
	return b.String()
}
