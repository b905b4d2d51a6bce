package vi

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// promptKey takes a key of a line that begins with ':', '/' or '?'.
func (e *Editor) promptKey(k rune) {
	switch {
	case k == escape || k == '\x03' || k == backspace && len(e.typed) == 1:
		e.mode = command
	case k == backspace:
		e.typed = e.typed[:len(e.typed)-1]
	case k == '\x15':
		e.typed = e.typed[:1]
	case k == enter:
		e.mode = command
		e.prompted(e.typed[0], string(e.typed[1:]))
	case k >= ' ' && k < keyUp:
		e.typed = append(e.typed, k)
	}
}

func (e *Editor) prompted(first rune, text string) {
	if first == ':' {
		e.colon(strings.TrimSpace(text))
		return
	}
	if text != "" {
		e.find = text
	}
	e.backward = first == '?'
	e.next(e.backward)
}

// colon does a command line.
func (e *Editor) colon(text string) {
	first, last, rest, ok := e.lineRange(text)
	if !ok {
		e.message = "Bad line range: " + text
		return
	}
	name := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' }); i >= 0 {
		name = rest[:i]
	}
	arg := strings.TrimPrefix(rest[len(name):], "!")
	force := arg != rest[len(name):]
	switch {
	case name == "s":
		e.substitute(first, last, arg)
	case rest == "":
		e.to(last, indent(e.lines[last]))
	case name == "d" || name == "y":
		e.row = first
		e.onLines(rune(name[0]), first, last)
	case name == "set" || name == "se":
		e.option(strings.TrimSpace(arg))
	default:
		e.leave(name, strings.TrimSpace(arg), force)
	}
}

// lineRange takes the lines from the front of a command: none, one, two, or %.
func (e *Editor) lineRange(text string) (first, last int, rest string, ok bool) {
	if rest, all := strings.CutPrefix(text, "%"); all {
		return 0, len(e.lines) - 1, rest, true
	}
	m := regexp.MustCompile(`^(\d+|\.|\$)?(?:,(\d+|\.|\$))?`).FindStringSubmatch(text)
	first, last = e.lineAt(m[1]), e.lineAt(m[2])
	if m[2] == "" {
		last = first
	}
	return first, last, text[len(m[0]):], first <= last && first >= 0 && last < len(e.lines)
}

func (e *Editor) lineAt(s string) int {
	switch s {
	case "", ".":
		return e.row
	case "$":
		return len(e.lines) - 1
	}
	n, _ := strconv.Atoi(s)
	return min(max(n, 1), len(e.lines)) - 1
}

// leave does the commands about files and the end.
func (e *Editor) leave(name, file string, force bool) {
	switch name {
	case "w", "wq", "x":
		if name == "x" && !e.changed || e.write(file, force) {
			e.done = name != "w"
		}
	case "q":
		if e.changed && !force {
			e.message = "No write since last change (:q! overrides)"
			return
		}
		e.done = true
	case "e":
		e.reload(file, force)
	default:
		e.message = fmt.Sprintf("':%s' is not implemented", name)
	}
}

// write saves the text, and says how much it was.
func (e *Editor) write(file string, force bool) bool {
	if file == "" {
		file = e.File
	}
	switch {
	case file == "":
		e.message = "No current filename"
		return false
	case e.ReadOnly && file == e.File && !force:
		e.message = fmt.Sprintf("'%s' is read only", file)
		return false
	}
	text := e.Text()
	if err := e.Save(file, text); err != nil {
		e.message = fmt.Sprintf("'%s' %v", file, err)
		return false
	}
	if e.File == "" || file == e.File {
		e.File, e.changed = file, false
	}
	e.message = fmt.Sprintf("'%s' %dL, %dC", file, strings.Count(text, "\n"), len(text))
	return true
}

func (e *Editor) reload(file string, force bool) {
	if e.changed && !force {
		e.message = "No write since last change (:e! overrides)"
		return
	}
	if file == "" {
		file = e.File
	}
	text, err := e.Load(file)
	if err != nil {
		e.message = fmt.Sprintf("'%s' %v", file, err)
		return
	}
	e.File = file
	e.set(text)
}

func (e *Editor) option(name string) {
	value := !strings.HasPrefix(name, "no")
	switch strings.TrimPrefix(name, "no") {
	case "ai", "autoindent":
		e.autoindent = value
	case "nu", "number":
		e.number = value
	case "ic", "ignorecase":
		e.ignorecase = value
	default:
		e.message = "bad option: " + name
	}
}

// substitute does s/FIND/REPLACE/FLAGS on lines.
func (e *Editor) substitute(first, last int, arg string) {
	parts := []string{}
	if arg != "" {
		_, n := utf8.DecodeRuneInString(arg)
		parts = strings.Split(arg[n:], arg[:n])
	}
	if len(parts) < 2 {
		e.message = ":s expression missing delimiters"
		return
	}
	if parts[0] != "" {
		e.find = parts[0]
	}
	all := len(parts) > 2 && strings.Contains(parts[2], "g")
	re, done, at := e.pattern(), 0, e.row
	lines := slices.Clone(e.lines)
	for row := first; row <= last; row++ {
		text, n := replaced(re, string(lines[row]), parts[1], all)
		if n > 0 {
			lines[row], at = []rune(text), row
		}
		done += n
	}
	if done == 0 {
		e.message = "No match"
		return
	}
	e.remember()
	e.lines = lines
	e.to(at, 0)
	e.message = fmt.Sprintf("%d substitutions", done)
}

// replaced replaces what matches in a line, the first time or each time, and
// counts how often.
func replaced(re *regexp.Regexp, line, with string, all bool) (out string, n int) {
	seen := false
	out = re.ReplaceAllStringFunc(line, func(hit string) string {
		if seen && !all {
			return hit
		}
		seen = true
		n++
		return strings.ReplaceAll(with, "&", hit)
	})
	return out, n
}
