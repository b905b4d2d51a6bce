package ash

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
)

// read reads a line, byte by byte so that nothing is taken that belongs to the
// next command, and splits it into variables.
func read(s *Shell, args []string) int {
	var opt struct {
		raw     bool
		count   int
		prompt  string
		timeout time.Duration
		fd      int
	}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flag, value := args[0][1:2], args[0][2:]
		args = args[1:]
		if flag == "r" || flag == "s" {
			opt.raw = opt.raw || flag == "r" || strings.Contains(value, "r")
			continue
		}
		if value == "" && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		n, _ := strconv.ParseFloat(value, 64)
		switch flag {
		case "p":
			opt.prompt = value
		case "n":
			opt.count = int(n)
		case "t":
			opt.timeout = time.Duration(n * float64(time.Second))
		case "u":
			opt.fd = int(n)
		default:
			return s.die(2, "read: illegal option -%s", flag)
		}
	}
	if opt.prompt != "" {
		io.WriteString(s.errs(), opt.prompt)
	}
	f := s.files[opt.fd]
	if f == nil {
		return 1
	}
	if opt.timeout > 0 {
		f.SetReadDeadline(time.Now().Add(opt.timeout))
		defer f.SetReadDeadline(time.Time{})
	}
	line, whole := readLine(f, opt.raw, opt.count)
	if err := s.assignRead(args, line, opt.raw); err != nil {
		return s.fail(2, "read: %v", err)
	}
	return oneIf(!whole)
}

// readLine reads up to a newline, or count characters; whole is false at the
// end of the file. A backslash before the newline joins lines.
func readLine(f *os.File, raw bool, count int) (line string, whole bool) {
	var b []byte
	one := make([]byte, 1)
	for {
		n, err := f.Read(one)
		if n == 0 || err != nil {
			return string(b), false
		}
		if one[0] == '\n' {
			if !raw && endsOdd(b) {
				b = b[:len(b)-1]
				continue
			}
			return string(b), true
		}
		b = append(b, one[0])
		if count > 0 && len(b) >= count {
			return string(b), true
		}
	}
}

// endsOdd tells whether an odd number of backslashes is at the end.
func endsOdd(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func (s *Shell) assignRead(names []string, line string, raw bool) error {
	if len(names) == 0 {
		return s.set("REPLY", line)
	}
	words := expand.ReadFields(s.config(), line, len(names), raw)
	for i, name := range names {
		value := ""
		if i < len(words) {
			value = words[i]
		}
		if err := s.set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// getopts is POSIX': one option per call.
func getopts(s *Shell, args []string) int {
	if len(args) < 2 {
		return s.die(2, "getopts: usage: getopts optstring var [arg...]")
	}
	spec, name, words := args[0], args[1], s.params
	if len(args) > 2 {
		words = args[2:]
	}
	g := &optState{s: s, name: name, at: max(s.optind, 1)}
	g.index, _ = strconv.Atoi(s.get("OPTIND"))
	g.index = max(g.index, 1)
	if g.index > len(words) || len(words[g.index-1]) < 2 || words[g.index-1][0] != '-' {
		g.at = 1
		return g.finish("?", 1)
	}
	if words[g.index-1] == "--" {
		g.index, g.at = g.index+1, 1
		return g.finish("?", 1)
	}
	return g.letter(spec, words)
}

// An optState is where getopts is: at which word, and which letter of it.
type optState struct {
	s         *Shell
	name      string
	index, at int
}

func (g *optState) finish(opt string, status int) int {
	g.s.set(g.name, opt)
	g.s.set("OPTIND", strconv.Itoa(g.index))
	g.s.optind = g.at
	return status
}

// letter takes the next option.
func (g *optState) letter(spec string, words []string) int {
	word := words[g.index-1]
	g.at = min(g.at, len(word)-1)
	letter, rest := word[g.at], word[g.at+1:]
	g.at++
	if rest == "" {
		g.index, g.at = g.index+1, 1
	}
	spec, silent := strings.CutPrefix(spec, ":")
	i := strings.IndexByte(spec, letter)
	if i < 0 || letter == ':' {
		return g.wrong(silent, letter, "?", "illegal option -%c")
	}
	if i+1 == len(spec) || spec[i+1] != ':' {
		g.s.unset("OPTARG")
		return g.finish(string(letter), 0)
	}
	if rest != "" {
		g.index, g.at = g.index+1, 1
	} else {
		if g.index > len(words) {
			bad := "?"
			if silent {
				bad = ":"
			}
			return g.wrong(silent, letter, bad, "no arg for -%c option")
		}
		rest = words[g.index-1]
		g.index++
	}
	g.s.set("OPTARG", rest)
	return g.finish(string(letter), 0)
}

func (g *optState) wrong(silent bool, letter byte, opt, format string) int {
	if silent {
		g.s.set("OPTARG", string(letter))
	} else {
		g.s.fail(0, format, letter)
		g.s.unset("OPTARG")
	}
	return g.finish(opt, 0)
}
