package vi

import "unicode/utf8"

// Keys that are no characters.
const (
	escape    = '\x1b'
	backspace = '\x7f'
	enter     = '\r'
)

const (
	keyUp rune = 0x110000 + iota // beyond Unicode
	keyDown
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyPageUp
	keyPageDown
	keyDelete
	keyNone
)

// Decode makes keys of the bytes that a terminal has sent at once, and returns
// what is left of a key that is not complete.
func Decode(b []byte) (keys []rune, rest []byte) {
	for len(b) > 0 {
		if b[0] == escape && len(b) > 2 && (b[1] == '[' || b[1] == 'O') {
			k, n := sequence(b)
			if n == 0 {
				return keys, b
			}
			if b = b[n:]; k != keyNone {
				keys = append(keys, k)
			}
			continue
		}
		if !utf8.FullRune(b) {
			return keys, b
		}
		r, n := utf8.DecodeRune(b)
		keys, b = append(keys, plain(r)), b[n:]
	}
	return keys, nil
}

// plain gives keys that terminals send in two ways one name.
func plain(r rune) rune {
	switch r {
	case '\n':
		return enter
	case '\b':
		return backspace
	}
	return r
}

// sequence decodes one escape sequence; n is 0 if its end is missing.
func sequence(b []byte) (k rune, n int) {
	for n = 2; n < len(b); n++ {
		if c := b[n]; c >= '@' && c <= '~' {
			return named(string(b[2 : n+1])), n + 1
		}
	}
	return keyNone, 0
}

func named(s string) rune {
	switch s {
	case "A":
		return keyUp
	case "B":
		return keyDown
	case "C":
		return keyRight
	case "D":
		return keyLeft
	case "H", "1~", "7~":
		return keyHome
	case "F", "4~", "8~":
		return keyEnd
	case "3~":
		return keyDelete
	case "5~":
		return keyPageUp
	case "6~":
		return keyPageDown
	}
	return keyNone
}
