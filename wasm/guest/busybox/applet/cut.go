package applet

import (
	"io"
	"strconv"
	"strings"
)

// A span is one range of cut's list; to 0 is open.
type span struct{ from, to int }

func cut(p *Proc) int {
	o, files, ok := p.getopt("b:c:f:d:sn", "fields=f", "delimiter=d", "characters=c", "bytes=b", "only-delimited=s", "output-delimiter=O")
	if !ok {
		return 1
	}
	list := o.value('f')
	byField := o.has('f')
	if !byField {
		if list = o.value('c'); list == "" {
			list = o.value('b')
		}
	}
	if list == "" {
		return p.fail("expected a list of bytes, characters, or fields")
	}
	if !byField && (o.has('d') || o.has('s')) {
		return p.fail("suppressing non-delimited lines operating on fields only")
	}
	spans, ok := p.spans(list)
	if !ok {
		return 1
	}
	sep := "\t"
	if o.has('d') {
		sep = o.value('d')
	}
	return p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			switch {
			case !byField && o.has('c'):
				p.println(cutRunes([]rune(line), spans))
			case !byField:
				p.println(cutBytes(line, spans))
			case sep != "" && !strings.Contains(line, sep):
				if !o.has('s') {
					p.println(line)
				}
			default:
				p.println(cutFields(line, sep, spans))
			}
			return true
		})
	})
}

func (p *Proc) spans(list string) ([]span, bool) {
	var out []span
	for _, word := range strings.Split(list, ",") {
		from, to, ranged := strings.Cut(word, "-")
		s := span{1, 0}
		var err error
		if from != "" {
			s.from, err = strconv.Atoi(from)
		}
		if !ranged {
			s.to = s.from
		} else if to != "" && err == nil {
			s.to, err = strconv.Atoi(to)
		}
		if err != nil || s.from < 1 || word == "-" {
			p.fail("invalid byte/character/field list")
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

func selected(i int, spans []span) bool {
	for _, s := range spans {
		if i >= s.from && (s.to == 0 || i <= s.to) {
			return true
		}
	}
	return false
}

func cutBytes(line string, spans []span) string {
	var b []byte
	for i := range len(line) {
		if selected(i+1, spans) {
			b = append(b, line[i])
		}
	}
	return string(b)
}

func cutRunes(line []rune, spans []span) string {
	var b []rune
	for i, r := range line {
		if selected(i+1, spans) {
			b = append(b, r)
		}
	}
	return string(b)
}

func cutFields(line, sep string, spans []span) string {
	var kept []string
	for i, f := range strings.Split(line, sep) {
		if selected(i+1, spans) {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, sep)
}

func paste(p *Proc) int {
	o, files, ok := p.getopt("sd:")
	if !ok {
		return 1
	}
	delims := []string{"\t"}
	if o.has('d') {
		text, _ := unescape(o.value('d'), false)
		delims = strings.Split(text, "")
	}
	if len(delims) == 0 {
		delims = []string{""}
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	var columns [][]string
	status := p.eachFile(files, func(_ string, r io.Reader) error {
		var col []string
		err := lines(r, func(line string) bool { col = append(col, line); return true })
		columns = append(columns, col)
		return err
	})
	if o.has('s') {
		for _, col := range columns {
			p.println(joinWith(col, delims))
		}
		return status
	}
	rows := 0
	for _, col := range columns {
		rows = max(rows, len(col))
	}
	for i := range rows {
		var row []string
		for _, col := range columns {
			cell := ""
			if i < len(col) {
				cell = col[i]
			}
			row = append(row, cell)
		}
		p.println(joinWith(row, delims))
	}
	return status
}

func joinWith(words, delims []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(delims[(i-1)%len(delims)])
		}
		b.WriteString(w)
	}
	return b.String()
}

func fold(p *Proc) int {
	o, files, ok := p.getopt("bsw:")
	if !ok {
		return 1
	}
	width := 80
	if o.has('w') {
		width, _ = strconv.Atoi(o.value('w'))
	}
	if width < 1 {
		return p.fail("invalid number '%s'", o.value('w'))
	}
	return p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			runes := []rune(line)
			for len(runes) > width {
				n := width
				if o.has('s') {
					if i := strings.LastIndexByte(string(runes[:width]), ' '); i > 0 {
						n = len([]rune(string(runes[:width])[:i+1]))
					}
				}
				p.println(string(runes[:n]))
				runes = runes[n:]
			}
			p.println(string(runes))
			return true
		})
	})
}
