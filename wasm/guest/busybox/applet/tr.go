package applet

import (
	"bufio"
	"strings"
)

func tr(p *Proc) int {
	o, sets, ok := p.getopt("+cCds", "delete=d", "squeeze-repeats=s", "complement=c")
	if !ok {
		return 1
	}
	if len(sets) == 0 || len(sets) == 1 && !o.has('d') && !o.has('s') {
		return p.help(1)
	}
	from := trSet(sets[0])
	if o.has('c') || o.has('C') {
		from = complement(from)
	}
	var to []byte
	if len(sets) > 1 {
		to = trSet(sets[1])
	}
	return p.translate(o, from, to)
}

func (p *Proc) translate(o options, from, to []byte) int {
	var table [256]byte
	var drop, squeeze [256]bool
	for i := range table {
		table[i] = byte(i)
	}
	switch {
	case o.has('d'):
		for _, c := range from {
			drop[c] = true
		}
	case len(to) > 0:
		for i, c := range from {
			table[c] = to[min(i, len(to)-1)]
		}
	}
	if o.has('s') {
		set := to
		if len(to) == 0 {
			set = from
		}
		for _, c := range set {
			squeeze[c] = true
		}
	}
	in := bufio.NewReaderSize(p.In, 4096)
	last := -1
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0
		}
		if !drop[c] {
			c = table[c]
			if !squeeze[c] || last != int(c) {
				p.Out.WriteByte(c)
			}
			last = int(c)
		}
		if in.Buffered() == 0 {
			p.flush()
		}
	}
}

// trSet expands ranges, classes and escapes.
func trSet(text string) []byte {
	var out []byte
	text, _ = unescape(text, false)
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], "[:") {
			if end := strings.Index(text[i:], ":]"); end > 0 {
				out = append(out, class(text[i+2:i+end])...)
				i += end + 1
				continue
			}
		}
		if i+2 < len(text) && text[i+1] == '-' && text[i+2] >= text[i] {
			for c := int(text[i]); c <= int(text[i+2]); c++ {
				out = append(out, byte(c))
			}
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return out
}

// class lists the bytes of a POSIX class.
func class(name string) []byte {
	var out []byte
	for i := range 128 {
		c := byte(i)
		lower, upper, digit := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9'
		graph := c > ' ' && c < 127
		var in bool
		switch name {
		case "alpha":
			in = lower || upper
		case "digit":
			in = digit
		case "alnum":
			in = lower || upper || digit
		case "lower":
			in = lower
		case "upper":
			in = upper
		case "space":
			in = c == ' ' || c >= 9 && c <= 13
		case "blank":
			in = c == ' ' || c == '\t'
		case "punct":
			in = graph && !lower && !upper && !digit
		case "print":
			in = graph || c == ' '
		case "graph":
			in = graph
		case "cntrl":
			in = c < ' ' || c == 127
		case "xdigit":
			in = digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		}
		if in {
			out = append(out, c)
		}
	}
	return out
}

func complement(set []byte) []byte {
	var in [256]bool
	for _, c := range set {
		in[c] = true
	}
	var out []byte
	for i, yes := range in {
		if !yes {
			out = append(out, byte(i))
		}
	}
	return out
}
