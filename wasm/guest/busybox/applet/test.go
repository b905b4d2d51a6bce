package applet

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"kubergarten/wasm/guest/tty"
)

// test is test and [; 0 true, 1 false, 2 nonsense.
func test(p *Proc) int {
	args := p.Args
	if p.Name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			p.fail("missing ]")
			return 2
		}
		args = args[:len(args)-1]
	}
	t := &tester{args: args}
	yes := t.whole()
	switch {
	case t.err != "":
		p.fail("%s", t.err)
		return 2
	case yes:
		return 0
	}
	return 1
}

// A tester evaluates an expression, word by word.
type tester struct {
	args []string
	err  string
}

func (t *tester) fail(text string) bool {
	if t.err == "" {
		t.err = text
	}
	return false
}

// whole follows POSIX: what an expression means depends first on how many
// words it has.
func (t *tester) whole() bool {
	a := t.args
	switch len(a) {
	case 0:
		return false
	case 1:
		return a[0] != ""
	case 2:
		if a[0] == "!" {
			return a[1] == ""
		}
	case 3:
		if isBinary(a[1]) {
			return t.binary(a[0], a[1], a[2])
		}
		if a[0] == "(" && a[2] == ")" {
			return a[1] != ""
		}
	}
	yes := t.or()
	if len(t.args) > 0 && t.err == "" {
		return t.fail(t.args[0] + ": unknown operand")
	}
	return yes
}

func (t *tester) peek(i int) string {
	if i < len(t.args) {
		return t.args[i]
	}
	return ""
}

func (t *tester) or() bool {
	yes := t.and()
	for t.peek(0) == "-o" {
		t.args = t.args[1:]
		yes = t.and() || yes
	}
	return yes
}

func (t *tester) and() bool {
	yes := t.not()
	for t.peek(0) == "-a" {
		t.args = t.args[1:]
		yes = t.not() && yes
	}
	return yes
}

func (t *tester) not() bool {
	if t.peek(0) == "!" && !isBinary(t.peek(1)) {
		t.args = t.args[1:]
		return !t.not()
	}
	return t.primary()
}

func (t *tester) primary() bool {
	switch a := t.args; {
	case len(a) == 0:
		return t.fail("argument expected")
	case len(a) >= 3 && isBinary(a[1]):
		t.args = a[3:]
		return t.binary(a[0], a[1], a[2])
	case a[0] == "(":
		t.args = a[1:]
		yes := t.or()
		if t.peek(0) != ")" {
			return t.fail("closing paren expected")
		}
		t.args = t.args[1:]
		return yes
	case len(a) >= 2 && len(a[0]) == 2 && a[0][0] == '-' && strings.Contains("bcdefghknprstuwxzLSOG", a[0][1:]):
		t.args = a[2:]
		return unary(a[0][1], a[1])
	default:
		t.args = a[1:]
		return a[0] != ""
	}
}

func isBinary(op string) bool {
	switch op {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
}

func (t *tester) binary(x, op, y string) bool {
	switch op {
	case "=", "==":
		return x == y
	case "!=":
		return x != y
	case "<":
		return x < y
	case ">":
		return x > y
	case "-nt", "-ot", "-ef":
		return compareFiles(x, op, y)
	}
	a, b := t.number(x), t.number(y)
	if t.err != "" {
		return false
	}
	switch op {
	case "-eq":
		return a == b
	case "-ne":
		return a != b
	case "-lt":
		return a < b
	case "-le":
		return a <= b
	case "-gt":
		return a > b
	}
	return a >= b
}

func (t *tester) number(word string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(word), 10, 64)
	if err != nil {
		if word == "" {
			word = "''"
		}
		t.fail(word + ": bad number")
	}
	return n
}

func compareFiles(x, op, y string) bool {
	a, errA := os.Stat(x)
	b, errB := os.Stat(y)
	switch op {
	case "-nt":
		return errA == nil && (errB != nil || a.ModTime().After(b.ModTime()))
	case "-ot":
		return errB == nil && (errA != nil || a.ModTime().Before(b.ModTime()))
	}
	return errA == nil && errB == nil && os.SameFile(a, b)
}

func unary(op byte, word string) bool {
	switch op {
	case 'n':
		return word != ""
	case 'z':
		return word == ""
	case 't':
		fd, err := strconv.Atoi(word)
		return err == nil && tty.IsTerminal(fd)
	case 'h', 'L':
		fi, err := os.Lstat(word)
		return err == nil && fi.Mode()&os.ModeSymlink != 0
	}
	fi, err := os.Stat(word)
	if err != nil {
		return false
	}
	m := fi.Mode()
	switch op {
	case 'b':
		return m&os.ModeDevice != 0 && m&os.ModeCharDevice == 0
	case 'c':
		return m&os.ModeCharDevice != 0
	case 'd':
		return m.IsDir()
	case 'f':
		return m.IsRegular()
	case 'g':
		return m&os.ModeSetgid != 0
	case 'k':
		return m&os.ModeSticky != 0
	case 'p':
		return m&os.ModeNamedPipe != 0
	case 's':
		return fi.Size() > 0
	case 'S':
		return m&os.ModeSocket != 0
	case 'u':
		return m&os.ModeSetuid != 0
	case 'r':
		return allowed(fi, 4)
	case 'w':
		return allowed(fi, 2)
	case 'x':
		return allowed(fi, 1)
	}
	return true // e, O, G
}

// allowed asks the permission bits for a right; root may do all but execute
// what nobody may.
func allowed(fi os.FileInfo, right os.FileMode) bool {
	m := fi.Mode().Perm()
	if os.Geteuid() == 0 {
		return right != 1 || fi.IsDir() || m&0o111 != 0
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		switch {
		case int(st.Uid) == os.Geteuid():
			return m>>6&right != 0
		case int(st.Gid) == os.Getegid():
			return m>>3&right != 0
		}
	}
	return m&right != 0
}
