package applet

import (
	"errors"
	"regexp"
	"strings"
)

var errBackref = errors.New("back-references in patterns are not supported")

// compile compiles a POSIX pattern, basic or extended.
func compile(pat string, extended, fold bool) (*regexp.Regexp, error) {
	if hasBackref(pat) {
		return nil, errBackref
	}
	flags := ""
	if fold {
		flags = "(?i)"
	}
	re, err := regexp.Compile(flags + posixRegexp(pat, extended))
	if err == nil {
		re.Longest()
	}
	return re, err
}

func hasBackref(pat string) bool {
	for i := 0; i+1 < len(pat); i++ {
		if pat[i] == '\\' {
			if i++; pat[i] >= '1' && pat[i] <= '9' {
				return true
			}
		}
	}
	return false
}

// posixRegexp writes a POSIX pattern in Go's syntax. In a basic one the
// backslash makes + ? | ( ) { } special, in an extended one it takes that away.
func posixRegexp(pat string, extended bool) string {
	var b strings.Builder
	start := true // where * is a plain character and ^ an anchor
	for i := 0; i < len(pat); i++ {
		c := pat[i]
		switch {
		case c == '[':
			n := bracketEnd(pat[i:])
			b.WriteString(bracket(pat[i : i+n]))
			i += n - 1
			start = false
		case c == '\\' && i+1 < len(pat):
			i++
			start = escaped(&b, pat[i], extended)
		case strings.IndexByte("+?|(){}", c) >= 0:
			if !extended || c == '{' && !isBound(pat[i:]) || c == '}' && !strings.Contains(pat[:i], "{") {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
			start = extended && (c == '(' || c == '|')
		case c == '*' && start:
			if !extended {
				b.WriteString(`\*`)
			}
			start = false
		case c == '^' && !extended && !start:
			b.WriteString(`\^`)
		case c == '$' && !extended && i+1 < len(pat) && !strings.HasPrefix(pat[i+1:], `\)`) && !strings.HasPrefix(pat[i+1:], `\|`):
			b.WriteString(`\$`)
			start = false
		default:
			b.WriteByte(c)
			start = start && c == '^'
		}
	}
	return b.String()
}

func isBound(s string) bool {
	return len(s) > 1 && (s[1] >= '0' && s[1] <= '9' || s[1] == ',')
}

// escaped writes \c; it tells whether what follows starts an expression.
func escaped(b *strings.Builder, c byte, extended bool) bool {
	switch c {
	case '+', '?', '|', '(', ')', '{', '}':
		if extended {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		return !extended && (c == '(' || c == '|')
	case '<', '>', 'b':
		b.WriteString(`\b`)
	case 'w', 'W', 's', 'S', 'B', 'd', 'D', 'n', 't', 'r', 'f', 'v':
		b.WriteByte('\\')
		b.WriteByte(c)
	case '`':
		b.WriteString(`\A`)
	case '\'':
		b.WriteString(`\z`)
	default:
		b.WriteString(regexp.QuoteMeta(string(rune(c))))
	}
	return false
}

// bracketEnd is the length of the bracket expression s starts with.
func bracketEnd(s string) int {
	i := 1
	if i < len(s) && s[i] == '^' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for i < len(s) && s[i] != ']' {
		if strings.HasPrefix(s[i:], "[:") {
			if end := strings.Index(s[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
		i++
	}
	return min(i+1, len(s))
}

// bracket writes a bracket expression: in POSIX a backslash in it is plain,
// and a ] may come first.
func bracket(s string) string {
	body := strings.TrimSuffix(s[1:], "]")
	out := "["
	if strings.HasPrefix(body, "^") {
		out, body = "[^", body[1:]
	}
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '[' && strings.HasPrefix(body[i:], "[:"):
			if end := strings.Index(body[i:], ":]"); end > 0 {
				out += body[i : i+end+2]
				i += end + 1
				continue
			}
			out += `\[`
		case c == '\\' && i+1 < len(body) && strings.IndexByte("ntrfv", body[i+1]) >= 0:
			out += body[i : i+2]
			i++
		case c == '[' || c == ']' || c == '\\' || c == '&' || c == '~':
			out += `\` + string(rune(c))
		default:
			out += string([]byte{c})
		}
	}
	return out + "]"
}
