package vi

import (
	"bytes"
	"strings"
)

// substitute is :s/find/replace/[g].
func (e *Editor) substitute(x ex) {
	find, with, all, ok := e.substitution(x.args)
	if !ok {
		return
	}
	s := x.span(e)
	var b []byte
	places, inLines, last := 0, 0, s.from
	for line := range bytes.Lines(e.text.b[s.from:s.to]) {
		changed, n := e.substituted(line, find, with, all)
		if n > 0 {
			last = s.from + len(b)
			places, inLines = places+n, inLines+1
		}
		if b = append(b, changed...); len(b) > maxText {
			e.warn("'%s' File too large", e.name)
			return
		}
	}
	if places == 0 {
		e.warn("No match")
		return
	}
	if e.replace(s.from, s.to, b) {
		e.dot = e.firstNonBlank(last)
	}
	if places > 1 {
		e.say("%d substitutions on %d lines", places, inLines)
	}
}

// substitution reads /find/replace/g, with any delimiter.
func (e *Editor) substitution(args string) (find, with string, all, ok bool) {
	if args == "" || args[0] >= 'a' && args[0] <= 'z' || args[0] >= '0' && args[0] <= '9' || args[0] == ' ' {
		e.say(":s expression missing delimiters")
		return "", "", false, false
	}
	parts := strings.SplitN(args[1:], args[:1], 3)
	if len(parts) < 2 {
		e.say(":s expression missing delimiters")
		return "", "", false, false
	}
	if find = parts[0]; find != "" {
		e.seek.pattern = find
	} else if find = e.seek.pattern; find == "" {
		e.warn("No previous search")
		return "", "", false, false
	}
	return find, parts[1], len(parts) == 3 && strings.Contains(parts[2], "g"), true
}

// substituted is a line with the first match, or all, replaced.
func (e *Editor) substituted(line []byte, find, with string, all bool) (changed []byte, n int) {
	for {
		i, size := e.opts.index(line, find)
		if i < 0 || len(changed) > maxText {
			break
		}
		changed = append(append(changed, line[:i]...), with...)
		line = line[i+size:]
		if n++; !all {
			break
		}
	}
	return append(changed, line...), n
}
