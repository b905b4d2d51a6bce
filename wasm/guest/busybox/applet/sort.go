package applet

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A sortKey is one -k.
type sortKey struct {
	from, fromOfs, to, toOfs int // 1 based; to 0 is the end of the line
	flags                    string
}

func sortApplet(p *Proc) int {
	o, files, ok := p.getopt("nrughMcszbdfiVk:t:o:T:S:m", "reverse=r", "unique=u", "numeric-sort=n", "key=k", "output=o")
	if !ok {
		return 1
	}
	global := ""
	for _, l := range "nrghMbdfiV" {
		if o.has(byte(l)) {
			global += string(l)
		}
	}
	keys, ok := p.sortKeys(o.values['k'], global)
	if !ok {
		return 1
	}
	var all []string
	status := p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool { all = append(all, line); return true })
	})
	compare := func(a, b string) int { return compareKeys(a, b, keys, o.value('t')) }
	full := func(a, b string) int {
		c := compare(a, b)
		if c == 0 && !o.has('s') && !o.has('u') && (len(o.values['k']) > 0 || strings.Trim(global, "r") != "") {
			c = strings.Compare(a, b)
			if strings.Contains(global, "r") {
				c = -c
			}
		}
		return c
	}
	if o.has('c') {
		for i := 1; i < len(all); i++ {
			if c := compare(all[i-1], all[i]); c > 0 || c == 0 && o.has('u') {
				return p.fail("Check line %d", i)
			}
		}
		return status
	}
	slices.SortStableFunc(all, full)
	if o.has('u') {
		all = slices.CompactFunc(all, func(a, b string) bool { return compare(a, b) == 0 })
	}
	if name := o.value('o'); name != "" {
		text := strings.Join(all, "\n")
		if len(all) > 0 {
			text += "\n"
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return p.cannotOpen(name, err)
		}
		return status
	}
	for _, line := range all {
		p.println(line)
	}
	return status
}

func (p *Proc) sortKeys(words []string, global string) ([]sortKey, bool) {
	if len(words) == 0 {
		return []sortKey{{from: 1, flags: global}}, true
	}
	var keys []sortKey
	for _, word := range words {
		start, end, _ := strings.Cut(word, ",")
		k := sortKey{}
		var f1, f2 string
		k.from, k.fromOfs, f1 = sortPosition(start)
		k.to, k.toOfs, f2 = sortPosition(end)
		if k.from == 0 {
			p.fail("bad field spec: %s", word)
			return nil, false
		}
		if k.flags = f1 + f2; k.flags == "" {
			k.flags = global
		}
		keys = append(keys, k)
	}
	return keys, true
}

func sortPosition(word string) (field, ofs int, flags string) {
	n := digits(word, len(word), "0123456789")
	field, _ = strconv.Atoi(word[:n])
	word = word[n:]
	if strings.HasPrefix(word, ".") {
		n = digits(word[1:], len(word), "0123456789")
		ofs, _ = strconv.Atoi(word[1 : 1+n])
		word = word[1+n:]
	}
	return field, ofs, word
}

func compareKeys(a, b string, keys []sortKey, sep string) int {
	for _, k := range keys {
		c := compareBy(k.extract(a, sep), k.extract(b, sep), k.flags)
		if strings.Contains(k.flags, "r") {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// extract is the part of the line the key means.
func (k sortKey) extract(line, sep string) string {
	if k.from == 1 && k.to == 0 && k.fromOfs == 0 {
		return line
	}
	start := fieldStart(line, k.from, sep)
	if strings.Contains(k.flags, "b") {
		start += len(line[start:]) - len(strings.TrimLeft(line[start:], " \t"))
	}
	start = min(len(line), start+max(0, k.fromOfs-1))
	end := len(line)
	if k.to > 0 {
		if k.toOfs > 0 {
			end = fieldStart(line, k.to, sep) + k.toOfs
		} else {
			end = fieldStart(line, k.to+1, sep)
			if sep != "" && end < len(line) || sep != "" && strings.HasSuffix(line[:end], sep) && end > 0 && k.to < strings.Count(line, sep)+1 {
				end -= len(sep)
			}
		}
		end = min(max(end, start), len(line))
	}
	return line[start:end]
}

// fieldStart finds where a field begins: after a separator or, without one,
// where white space begins.
func fieldStart(line string, field int, sep string) int {
	at := 0
	for i := 1; i < field && at < len(line); i++ {
		if sep != "" {
			j := strings.Index(line[at:], sep)
			if j < 0 {
				return len(line)
			}
			at += j + len(sep)
			continue
		}
		for at < len(line) && (line[at] == ' ' || line[at] == '\t') {
			at++
		}
		for at < len(line) && line[at] != ' ' && line[at] != '\t' {
			at++
		}
	}
	return at
}

func compareBy(a, b, flags string) int {
	switch {
	case strings.Contains(flags, "n"):
		return cmp.Compare(leadingNumber(a), leadingNumber(b))
	case strings.Contains(flags, "g"):
		return cmp.Compare(leadingNumber(a), leadingNumber(b))
	case strings.Contains(flags, "h"):
		return cmp.Compare(humanNumber(a), humanNumber(b))
	case strings.Contains(flags, "M"):
		return cmp.Compare(monthNumber(a), monthNumber(b))
	case strings.Contains(flags, "V"):
		return compareVersions(a, b)
	}
	if strings.Contains(flags, "b") {
		a, b = strings.TrimLeft(a, " \t"), strings.TrimLeft(b, " \t")
	}
	if strings.Contains(flags, "d") {
		a, b = dictionary(a), dictionary(b)
	}
	if strings.Contains(flags, "f") {
		a, b = strings.ToUpper(a), strings.ToUpper(b)
	}
	return strings.Compare(a, b)
}

func leadingNumber(s string) float64 {
	s = strings.TrimLeft(s, " \t")
	n := digits(s, len(s), "0123456789.-+eE")
	for ; n > 0; n-- {
		if v, err := strconv.ParseFloat(s[:n], 64); err == nil {
			return v
		}
	}
	return 0
}

func humanNumber(s string) float64 {
	s = strings.TrimSpace(s)
	v := leadingNumber(s)
	i := digits(s, len(s), "0123456789.-+")
	if i < len(s) {
		if k := strings.IndexByte("KMGTPE", strings.ToUpper(s)[i]); k >= 0 {
			for range k + 1 {
				v *= 1024
			}
		}
	}
	return v
}

func monthNumber(s string) int {
	s = strings.ToUpper(strings.TrimLeft(s, " \t"))
	if len(s) < 3 {
		return 0
	}
	return strings.Index("JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", s[:3])/3 + 1
}

func dictionary(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}

func compareVersions(a, b string) int {
	for a != "" && b != "" {
		i, j := digits(a, len(a), "0123456789"), digits(b, len(b), "0123456789")
		if i > 0 && j > 0 {
			x, _ := strconv.Atoi(a[:i])
			y, _ := strconv.Atoi(b[:j])
			if x != y {
				return cmp.Compare(x, y)
			}
			a, b = a[i:], b[j:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}
