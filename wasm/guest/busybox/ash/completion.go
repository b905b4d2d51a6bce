package ash

import (
	"slices"
	"strconv"
	"strings"

	"kubergarten/wasm/guest/busybox/cells"
)

// Upstream: github.com/spf13/cobra, completions.go and bash_completionsV2.go:
// what a program answers to "__complete", and what a shell makes of it.

// The bits of a directive.
const (
	completeError  = 1
	completeNoSpc  = 2
	completeNoFile = 4
	completeExts   = 8
	completeDirs   = 16
)

// maxChoices is how many choices are taken from a program.
const maxChoices = 10_000

// A completion is what a program offers for a word.
type completion struct {
	choices   []string
	directive int
}

// parseCompletion reads a program's answer: a choice a line, a tab, its
// description; at the end a colon and the directive. Without that there is none.
func parseCompletion(text string) completion {
	text = strings.TrimRight(text, "\n")
	last := strings.LastIndexByte(text, '\n') + 1
	number, found := strings.CutPrefix(text[last:], ":")
	directive, err := strconv.Atoi(number)
	if !found || err != nil || directive < 0 || directive&completeError != 0 {
		return completion{directive: completeError}
	}
	c := completion{directive: directive}
	for line := range strings.Lines(text[:last]) {
		choice, _, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		if choice != "" && len(c.choices) < maxChoices && !strings.HasPrefix(choice, "_activeHelp_ ") {
			c.choices = append(c.choices, choice)
		}
	}
	return c
}

// matching lists the choices that word may become. What a shell would read as
// more than a word is left out: it comes from a cluster that may be hostile.
func (c completion) matching(word string) (found []string) {
	prefix := flagOf(word) // the choices are for what follows
	for _, choice := range c.choices {
		full := choice
		if !strings.HasPrefix(choice, word) {
			full = prefix + choice
		}
		if strings.HasPrefix(full, word) && isPlain(full) {
			found = append(found, full)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// flagOf is the "--flag=" that a word begins with, if it does.
func flagOf(word string) string {
	if flag, _, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "-") {
		return flag + "="
	}
	return ""
}

// isPlain tells whether a word means itself to the shell.
func isPlain(word string) bool {
	return strings.IndexFunc(word, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("-_./:=@%+,", r)
	}) < 0
}

// A typed command is what is left of the cursor: whole words, and the one that
// is to be completed.
type typed struct {
	words []string
	word  string
	plain bool // word is no file of a redirection, and not quoted
}

// readTyped finds the command that the end of a line belongs to.
func readTyped(line string) typed {
	r := typedReader{}
	for _, c := range line {
		r.take(c)
	}
	plain := !r.quoted && !r.redirect && strings.HasSuffix(line, r.word.String())
	return typed{words: withoutPrefix(r.words), word: r.word.String(), plain: plain}
}

// typedReader takes a line apart.
type typedReader struct {
	words    []string
	word     strings.Builder
	begun    bool // of a word
	quote    rune // that is open
	quoted   bool // the word is, in part
	escaped  bool // the next character is
	redirect bool // the word is a file
}

func (r *typedReader) take(c rune) {
	switch {
	case r.escaped:
		r.word.WriteRune(c)
		r.escaped = false
	case r.quote == c:
		r.quote = 0
	case r.quote != 0:
		r.word.WriteRune(c)
	case c == '\\':
		r.escaped, r.quoted, r.begun = true, true, true
	case c == '\'' || c == '"':
		r.quote, r.quoted, r.begun = c, true, true
	case c == ' ' || c == '\t':
		r.endWord()
	case strings.ContainsRune("|&;()`\n", c):
		*r = typedReader{}
	case c == '<' || c == '>':
		r.word.Reset()
		r.begun, r.quoted, r.redirect = false, false, true
	default:
		r.word.WriteRune(c)
		r.begun = true
	}
}

func (r *typedReader) endWord() {
	if !r.begun {
		return
	}
	if !r.redirect {
		r.words = append(r.words, r.word.String())
	}
	r.word.Reset()
	r.begun, r.quoted, r.redirect = false, false, false
}

// withoutPrefix takes away what may stand before a command's name.
func withoutPrefix(words []string) []string {
	for len(words) > 0 {
		name, _, assigns := strings.Cut(words[0], "=")
		if !slices.Contains([]string{"!", "{", "do", "then", "else", "elif", "if", "while", "until", "time", "exec"}, name) && !assigns {
			break
		}
		words = words[1:]
	}
	return words
}

// inColumns arranges names as ls does, for a terminal of that width.
func inColumns(names []string, width int) string {
	widest := 0
	for _, n := range names {
		widest = max(widest, cells.Of(n)+2)
	}
	cols := max(1, width/max(widest, 1))
	rows := (len(names) + cols - 1) / cols
	var b strings.Builder
	for row := range rows {
		line := ""
		for i := row; i < len(names); i += rows {
			line += names[i] + strings.Repeat(" ", widest-cells.Of(names[i]))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
