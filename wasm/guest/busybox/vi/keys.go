package vi

import (
	"strings"
	"unicode/utf8"
)

// A key is a character, an invalid byte (256 less than none: -256 to -1), or
// one of those below.
type key int32

const (
	keyUp key = 0x110000 + iota
	keyDown
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyInsert
	keyDelete
	keyPageUp
	keyPageDown
	keyUnknown
)

const (
	ctrlB     = 'B' - '@'
	ctrlC     = 'C' - '@'
	ctrlD     = 'D' - '@'
	ctrlE     = 'E' - '@'
	ctrlF     = 'F' - '@'
	ctrlG     = 'G' - '@'
	ctrlH     = 'H' - '@'
	ctrlL     = 'L' - '@'
	ctrlN     = 'N' - '@'
	ctrlP     = 'P' - '@'
	ctrlR     = 'R' - '@'
	ctrlU     = 'U' - '@'
	ctrlV     = 'V' - '@'
	ctrlW     = 'W' - '@'
	ctrlY     = 'Y' - '@'
	escape    = 0x1b
	backspace = 0x7f
)

// bytes are what a key inserts.
func (k key) bytes() []byte {
	if k < 0 {
		return []byte{byte(k + 256)}
	}
	return utf8.AppendRune(nil, rune(k))
}

// printable tells whether a key is a character to insert.
func (k key) printable() bool { return k < 0 || k >= ' ' && k != backspace && k < keyUp }

// A decoder makes keys of a terminal's bytes.
type decoder struct{ rest []byte }

func (d *decoder) decode(b []byte) (keys []key) {
	d.rest = append(d.rest, b...)
	for len(d.rest) > 0 {
		k, n := first(d.rest)
		if n == 0 {
			break
		}
		keys, d.rest = append(keys, k), d.rest[n:]
	}
	return keys
}

// settle decodes what was not complete.
func (d *decoder) settle() (keys []key) {
	for _, c := range d.rest {
		if c >= utf8.RuneSelf {
			keys = append(keys, key(c)-256)
		} else {
			keys = append(keys, key(c))
		}
	}
	d.rest = nil
	return keys
}

// first decodes the first key; n is 0 if more has to come.
func first(b []byte) (k key, n int) {
	if b[0] == escape {
		return sequence(b)
	}
	if !utf8.FullRune(b) {
		return 0, 0
	}
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n == 1 {
		return key(b[0]) - 256, 1
	}
	return key(r), n
}

// maxSequence is the longest sequence that is waited for.
const maxSequence = 16

// sequence decodes ESC [ parameters letter, and ESC O letter.
func sequence(b []byte) (k key, n int) {
	if len(b) == 1 {
		return 0, 0
	}
	if b[1] != '[' && b[1] != 'O' {
		return escape, 1
	}
	for i := 2; i < len(b) && i < maxSequence; i++ {
		if b[i] >= '@' && b[i] <= '~' {
			return named(string(b[2:i]), b[i]), i + 1
		}
		if b[i] < ' ' || b[i] > '?' {
			return escape, 1
		}
	}
	if len(b) >= maxSequence {
		return escape, 1
	}
	return 0, 0
}

// named is the key of a sequence, with or without Shift and the like.
func named(parameters string, last byte) key {
	if last == '~' {
		number, _, _ := strings.Cut(parameters, ";")
		switch number {
		case "1", "7":
			return keyHome
		case "2":
			return keyInsert
		case "3":
			return keyDelete
		case "4", "8":
			return keyEnd
		case "5":
			return keyPageUp
		case "6":
			return keyPageDown
		}
		return keyUnknown
	}
	if i := strings.IndexByte("ABCDHF", last); i >= 0 {
		return []key{keyUp, keyDown, keyRight, keyLeft, keyHome, keyEnd}[i]
	}
	return keyUnknown
}
