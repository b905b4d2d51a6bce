package apiserver

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable returns the printable runes of s, as many as fit in max bytes.
func printable(s string, max int) string {
	var b strings.Builder
	for _, r := range s {
		if !unicode.IsPrint(r) {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > max {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
