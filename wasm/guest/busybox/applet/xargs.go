package applet

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
)

func xargs(p *Proc) int {
	o, words, ok := p.getopt("+0rtpn:s:I:i:L:P:E:e:xa:d:", "null=0", "no-run-if-empty=r", "max-args=n", "replace=I")
	if !ok {
		return 1
	}
	if len(words) == 0 {
		words = []string{"echo"}
	}
	in := p.In
	if o.has('a') {
		f, err := os.Open(o.value('a'))
		if err != nil {
			return p.cannotOpen(o.value('a'), err)
		}
		defer f.Close()
		in = f
	}
	items, err := xargsItems(in, o)
	if err != nil {
		return p.fail("%v", err)
	}
	p.In = strings.NewReader("")
	if o.has('I') {
		return p.xargsReplace(o, words, items)
	}
	limit := len(items)
	for _, l := range "nL" {
		if o.has(byte(l)) {
			n, err := strconv.Atoi(o.value(byte(l)))
			if err != nil || n < 1 {
				return p.fail("invalid number '%s'", o.value(byte(l)))
			}
			limit = n
		}
	}
	if len(items) == 0 {
		if o.has('r') {
			return 0
		}
		return p.xargsRun(o, words)
	}
	status := 0
	for len(items) > 0 {
		n := xargsFit(items, limit)
		code := p.xargsRun(o, append(append([]string{}, words...), items[:n]...))
		items = items[n:]
		if code != 0 {
			status = code
		}
		if code == 124 || code == 126 || code == 127 {
			break
		}
	}
	return status
}

// xargsFit is how many items go on one line: at most limit and 32 KB.
func xargsFit(items []string, limit int) int {
	bytes := 0
	for i, item := range items {
		if bytes += len(item) + 1; i > 0 && (i >= limit || bytes > 32<<10) {
			return i
		}
	}
	return len(items)
}

func (p *Proc) xargsReplace(o options, words, items []string) int {
	status := 0
	for _, item := range items {
		line := make([]string, len(words))
		for i, w := range words {
			line[i] = strings.ReplaceAll(w, o.value('I'), item)
		}
		if code := p.xargsRun(o, line); code != 0 {
			status = code
		}
	}
	return status
}

// xargsRun runs a command: 123 if it failed, 127 and 126 if it did not start.
func (p *Proc) xargsRun(o options, words []string) int {
	if o.has('t') {
		p.fail2("%s", strings.Join(words, " "))
	}
	code, err := p.child(words, nil)
	switch {
	case err != nil:
		p.fail("%s: %s", words[0], notFound(err))
		return 127
	case code == 255:
		return 124
	case code != 0:
		return 123
	}
	return 0
}

func notFound(err error) string {
	if r := reason(err); !strings.Contains(r, "executable file not found") {
		return r
	}
	return "No such file or directory"
}

var errQuote = errors.New("unmatched quote")

// xargsItems splits the input: at NUL, at newlines with -I, or at white space
// with quotes and backslashes.
func xargsItems(r io.Reader, o options) ([]string, error) {
	all, err := io.ReadAll(bufio.NewReader(r))
	if err != nil {
		return nil, err
	}
	text := string(all)
	switch {
	case o.has('0'):
		return splitNonEmpty(text, "\x00"), nil
	case o.has('d'):
		sep, _ := unescape(o.value('d'), false)
		return splitNonEmpty(strings.TrimSuffix(text, "\n"), sep), nil
	case o.has('I'):
		var items []string
		for _, line := range strings.Split(text, "\n") {
			if line = strings.TrimLeft(line, " \t"); line != "" {
				items = append(items, line)
			}
		}
		return items, nil
	}
	return splitQuoted(text)
}

func splitNonEmpty(text, sep string) []string {
	var out []string
	for _, w := range strings.Split(text, sep) {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

func splitQuoted(text string) ([]string, error) {
	var items []string
	var word []byte
	in, quote := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			} else {
				word = append(word, c)
			}
		case c == '\'' || c == '"':
			quote, in = c, true
		case c == '\\' && i+1 < len(text):
			i++
			word, in = append(word, text[i]), true
		case c == ' ' || c == '\t' || c == '\n':
			if in {
				items = append(items, string(word))
			}
			word, in = nil, false
		default:
			word, in = append(word, c), true
		}
	}
	if quote != 0 {
		return nil, errQuote
	}
	if in {
		items = append(items, string(word))
	}
	return items, nil
}
