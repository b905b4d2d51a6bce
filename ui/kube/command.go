package kube

import (
	"fmt"
	"strings"
	"unicode"
)

// Command is a line for a shell that runs kubectl with args, each of which
// reaches kubectl as it is.
func Command(args ...string) string {
	words := []string{"kubectl"}
	for _, a := range args {
		words = append(words, Quote(a))
	}
	return strings.Join(words, " ")
}

// Quote makes a word of a POSIX shell of s. What does not print, and what
// changes the direction of the text around it, is written as an escape, so that
// the line shows what it does when it is pasted.
func Quote(s string) string {
	switch {
	case s != "" && s[0] != '=' && strings.IndexFunc(s, special) < 0: // zsh looks up =word
		return s
	case strings.IndexFunc(s, hidden) < 0:
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '\'' || c == '\\' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}

// special tells whether a shell may read more into r than the letter.
func special(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@%+=:,./-", r))
}

func hidden(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// Object names an object for kubectl: "deployment/web", with its group where
// the bare name could mean another's.
func (k Kind) Object(name string) string { return k.Word() + "/" + name }

// Word names the kind for kubectl.
func (k Kind) Word() string {
	switch k.Group {
	case "", "apps", "batch":
		return k.Singular
	}
	return k.Resource + "." + k.Group
}

// In is the flag for a namespace, if there is one.
func In(namespace string) []string {
	if namespace == "" {
		return nil
	}
	return []string{"-n", namespace}
}
