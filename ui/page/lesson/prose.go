package lesson

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// A piece of a step's text: HTML, or lines to run in the terminal.
type piece struct {
	HTML  string
	Lines []string
}

// block is a code block as the lessons' Markdown gives it, with or without
// chroma's marks.
var block = regexp.MustCompile(`(?s)<pre[^>]*><code[^>]*>(.*?)</code></pre>`)

// mark is an element's beginning or end within a code block.
var mark = regexp.MustCompile(`<[^>]*>`)

// split takes a text apart into what stands before its first code block and
// the rest: a prediction is asked for between the two.
func split(text string) (intro, rest []piece) {
	from := 0
	for _, at := range block.FindAllStringSubmatchIndex(text, -1) {
		rest = append(rest, prose(text[from:at[0]]))
		rest = append(rest, code(text[at[0]:at[1]], text[at[2]:at[3]]))
		from = at[1]
	}
	rest = append(rest, prose(text[from:]))
	return rest[:1], rest[1:]
}

func prose(s string) piece { return piece{HTML: s} }

// code is a code block: lines to run where each is a command, else the block as
// it is, which may be wide and so must take the focus to be scrolled.
func code(whole, inner string) piece {
	lines := strings.FieldsFunc(html.UnescapeString(mark.ReplaceAllString(inner, "")), func(r rune) bool { return r == '\n' })
	if len(lines) > 0 && !slices.ContainsFunc(lines, isNoCommand) {
		return piece{Lines: lines}
	}
	if head, _, _ := strings.Cut(whole, ">"); !strings.Contains(head, "tabindex") {
		whole = strings.Replace(whole, "<pre", `<pre tabindex="0"`, 1)
	}
	return piece{HTML: whole}
}

// isNoCommand tells whether a line is not a command of its own: the output of
// one, or a part of one that goes over several lines.
func isNoCommand(line string) bool {
	name, _, _ := strings.Cut(line, " ")
	return !slices.Contains(commands(), name) || strings.Contains(line, "<<") || strings.HasSuffix(line, `\`)
}

// commands are the programs that the lessons' lines begin with.
func commands() []string {
	return []string{"kubectl", "cat", "cd", "cp", "curl", "echo", "export", "ls", "mkdir", "nslookup", "ping", "sed", "vi", "wget"}
}

// A word of a message: plain, or code.
type word struct {
	Text string
	Code bool
}

// words takes a message with `code` in backquotes apart.
func words(message string) (all []word) {
	for i, s := range strings.Split(message, "`") {
		if s != "" {
			all = append(all, word{s, i%2 == 1})
		}
	}
	return all
}
