package cells

import "unicode"

// Width is how many columns a character takes: 0, 1 or 2.
func Width(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case wide(r):
		return 2
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	return 1
}

// Of is the width of a text.
func Of(text string) int {
	n := 0
	for _, r := range text {
		n += Width(r)
	}
	return n
}

// Cut is as much of the text as fits a width.
func Cut(text string, width int) string {
	for i, r := range text {
		if width -= Width(r); width < 0 {
			return text[:i]
		}
	}
	return text
}

func wide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115f, r == 0x2329, r == 0x232a,
		r >= 0x2e80 && r <= 0xa4cf && r != 0x303f,
		r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe10 && r <= 0xfe19,
		r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6,
		r >= 0x20000 && r <= 0x2fffd,
		r >= 0x30000 && r <= 0x3fffd:
		return true
	}
	return false
}
