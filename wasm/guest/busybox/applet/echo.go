package applet

import (
	"strconv"
	"strings"
)

func echo(p *Proc) int {
	newline, escapes := true, false
	args := p.Args
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, c := range args[0][1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		var stop bool
		if text, stop = unescape(text, true); stop {
			newline = false
		}
	}
	p.print(text)
	if newline {
		p.print("\n")
	}
	return 0
}

// unescape expands backslashes; \c says to stop all output. zero is echo's
// rule for octal numbers, \0NNN; the other is printf's, \NNN.
func unescape(text string, zero bool) (out string, stop bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case 'c':
			return b.String(), true
		case 'x':
			n := digits(text[i+1:], 2, "0123456789abcdefABCDEF")
			if n == 0 {
				b.WriteString(`\x`)
				continue
			}
			v, _ := strconv.ParseUint(text[i+1:i+1+n], 16, 8)
			b.WriteByte(byte(v))
			i += n
		case '0', '1', '2', '3', '4', '5', '6', '7':
			if zero && c == '0' {
				i++
			}
			n := digits(text[i:], 3, "01234567")
			v, _ := strconv.ParseUint("0"+text[i:i+n], 8, 16)
			b.WriteByte(byte(v))
			i += n - 1
		default:
			if j := strings.IndexByte(`abefnrtv\`, c); j >= 0 {
				b.WriteByte("\a\b\x1b\f\n\r\t\v\\"[j])
			} else {
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		}
	}
	return b.String(), false
}

// digits counts how many of the first bytes, at most n, are in set.
func digits(s string, n int, set string) int {
	i := 0
	for i < len(s) && i < n && strings.IndexByte(set, s[i]) >= 0 {
		i++
	}
	return i
}
