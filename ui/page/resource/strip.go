package resource

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestLine is how much of a line of a log is shown.
const longestLine = 4096

// strip is a line of a log as plain text: without escape sequences for
// terminals, control characters and marks that turn the direction of text.
func strip(line string) string {
	var b strings.Builder
	for len(line) > 0 {
		if n := sequence(line); n > 0 {
			line = line[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(line)
		line = line[n:]
		if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d') {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > longestLine {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sequence is the length of the escape sequence that s begins with, or 0. One
// that does not end takes the rest of the line.
//
// See ECMA-48: ESC [ begins a control sequence; ESC ] and some others a string
// that BEL or ESC \ ends; the same as single characters of C1.
func sequence(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	var kind rune
	switch {
	case r == 0x1b && len(s) > 1:
		kind, n = rune(s[1]), 2
	case r == 0x1b:
		return 1
	case r >= 0x80 && r <= 0x9f:
		kind = r - 0x40
	default:
		return 0
	}
	switch kind {
	case '[':
		return n + control(s[n:])
	case ']', 'P', 'X', '^', '_':
		return n + controlString(s[n:])
	case '(', ')', '*', '+', '#', '%', ' ':
		return min(n+1, len(s))
	}
	if kind > '~' { // not a sequence: the escape alone goes
		return 1
	}
	return n
}

// control is the length of a control sequence after its introducer: parameters
// and intermediates, then one final byte.
func control(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= '@' && s[i] <= '~' {
			return i + 1
		}
		if s[i] < ' ' || s[i] > '~' {
			return i
		}
	}
	return len(s)
}

// controlString is the length of a control string with its end.
func controlString(s string) int {
	for i, r := range s {
		switch {
		case r == 0x07:
			return i + 1
		case r == 0x9c:
			return i + utf8.RuneLen(r)
		case r == 0x1b && strings.HasPrefix(s[i:], "\x1b\\"):
			return i + 2
		}
	}
	return len(s)
}
