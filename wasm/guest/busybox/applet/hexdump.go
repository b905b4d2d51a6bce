package applet

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// dumpInput reads everything the options select.
func (p *Proc) dumpInput(o options, files []string, skipLetter, limitLetter byte) ([]byte, int) {
	var all []byte
	status := p.eachFile(files, func(_ string, r io.Reader) error {
		b, err := io.ReadAll(r)
		all = append(all, b...)
		return err
	})
	if n, err := strconv.ParseInt(o.value(skipLetter), 0, 64); err == nil {
		all = all[min(int(n), len(all)):]
	}
	if n, err := strconv.ParseInt(o.value(limitLetter), 0, 64); err == nil {
		all = all[:min(int(n), len(all))]
	}
	return all, status
}

// rows prints rows of width bytes, repeated ones as "*".
func (p *Proc) rows(all []byte, width int, squeeze bool, row func(at int, b []byte)) {
	starred := false
	for at := 0; at < len(all); at += width {
		b := all[at:min(at+width, len(all))]
		if squeeze && at > 0 && len(b) == width && string(b) == string(all[at-width:at]) {
			if !starred {
				p.println("*")
			}
			starred = true
			continue
		}
		starred = false
		row(at, b)
	}
}

func printable(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if out[i] = c; c < ' ' || c > '~' {
			out[i] = '.'
		}
	}
	return string(out)
}

func hexdump(p *Proc) int {
	o, files, ok := p.getopt("bcCdovxn:s:e:f:")
	if !ok {
		return 1
	}
	if o.has('e') || o.has('f') {
		return p.fail("format strings are not supported")
	}
	all, status := p.dumpInput(o, files, 's', 'n')
	base, _ := strconv.ParseInt(o.value('s'), 0, 64)
	digits := 7
	if o.has('C') {
		digits = 8
	}
	p.rows(all, 16, !o.has('v'), func(at int, b []byte) {
		p.printf("%0*x", digits, int(base)+at)
		switch {
		case o.has('C'):
			p.printf("  %-48s  |%s|\n", hexGroups(b, 8), printable(b))
		case o.has('b'):
			for _, c := range b {
				p.printf(" %03o", c)
			}
			p.println()
		case o.has('c'):
			for _, c := range b {
				p.printf(" %3s", odChar(c))
			}
			p.println()
		default:
			words(p, o, b)
		}
	})
	if len(all) > 0 {
		p.printf("%0*x\n", digits, int(base)+len(all))
	}
	return status
}

// words prints 16-bit little-endian words.
func words(p *Proc, o options, b []byte) {
	format := " %04x"
	switch {
	case o.has('d'):
		format = "   %05d"
	case o.has('o'):
		format = "  %06o"
	case o.has('x'):
		format = "    %04x"
	}
	for i := 0; i < len(b); i += 2 {
		w := int(b[i])
		if i+1 < len(b) {
			w |= int(b[i+1]) << 8
		}
		p.printf(format, w)
	}
	p.println()
}

// hexGroups is "00 01 ..  08 09": a gap after every n bytes.
func hexGroups(b []byte, n int) string {
	var s strings.Builder
	for i, c := range b {
		if i > 0 {
			s.WriteByte(' ')
			if i%n == 0 {
				s.WriteByte(' ')
			}
		}
		fmt.Fprintf(&s, "%02x", c)
	}
	return s.String()
}

func odChar(c byte) string {
	if i := strings.IndexByte("\x00\a\b\t\n\v\f\r", c); i >= 0 {
		return []string{`\0`, `\a`, `\b`, `\t`, `\n`, `\v`, `\f`, `\r`}[i]
	}
	if c < ' ' || c > '~' {
		return fmt.Sprintf("%03o", c)
	}
	return string(rune(c))
}

func od(p *Proc) int {
	o, files, ok := p.getopt("bcdoxvA:t:N:j:w:")
	if !ok {
		return 1
	}
	kind := o.value('t')
	for letter, k := range map[byte]string{'b': "o1", 'c': "c", 'd': "u2", 'o': "o2", 'x': "x2"} {
		if o.has(letter) {
			kind = k
		}
	}
	if kind == "" {
		kind = "o2"
	}
	all, status := p.dumpInput(o, files, 'j', 'N')
	address := "%07o"
	switch o.value('A') {
	case "x":
		address = "%06x"
	case "d":
		address = "%07d"
	case "n":
		address = ""
	}
	show := func(at int) {
		if address != "" {
			p.printf(address, at)
		}
	}
	p.rows(all, 16, !o.has('v'), func(at int, b []byte) {
		show(at)
		p.println(odRow(b, kind))
	})
	if show(len(all)); address != "" {
		p.println()
	}
	return status
}

func odRow(b []byte, kind string) string {
	var s strings.Builder
	letter, size := kind[0], 1
	if len(kind) > 1 {
		size, _ = strconv.Atoi(strings.TrimRight(kind[1:], "z"))
	} else if letter != 'c' && letter != 'a' {
		size = 4
	}
	size = max(size, 1)
	for i := 0; i < len(b); i += size {
		var v uint64
		for j := min(size, len(b)-i) - 1; j >= 0; j-- {
			v = v<<8 | uint64(b[i+j])
		}
		switch letter {
		case 'c', 'a':
			fmt.Fprintf(&s, " %3s", odChar(b[i]))
		case 'x':
			fmt.Fprintf(&s, " %0*x", size*2, v)
		case 'd', 'u':
			fmt.Fprintf(&s, " %*d", []int{0, 3, 5, 0, 10, 0, 0, 0, 20}[min(size, 8)], v)
		default:
			fmt.Fprintf(&s, " %0*o", []int{0, 3, 6, 0, 11, 0, 0, 0, 22}[min(size, 8)], v)
		}
	}
	return s.String()
}

func xxd(p *Proc) int {
	o, files, ok := p.getopt("prig:c:l:s:u")
	if !ok {
		return 1
	}
	if o.has('r') {
		return p.eachFile(files, func(_ string, r io.Reader) error {
			return lines(r, func(line string) bool {
				if !o.has('p') {
					_, line, _ = strings.Cut(line, ": ")
					line, _, _ = strings.Cut(line, "  ")
				}
				b, _ := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
				p.Out.Write(b)
				return true
			})
		})
	}
	width, group := 16, 2
	if o.has('p') {
		width = 30
	}
	if n, err := strconv.Atoi(o.value('c')); err == nil && n > 0 {
		width = n
	}
	if n, err := strconv.Atoi(o.value('g')); err == nil && n > 0 {
		group = n
	}
	all, status := p.dumpInput(o, files, 's', 'l')
	base, _ := strconv.ParseInt(o.value('s'), 0, 64)
	p.rows(all, width, false, func(at int, b []byte) {
		if o.has('p') {
			p.println(hex.EncodeToString(b))
			return
		}
		var s strings.Builder
		for i, c := range b {
			if i > 0 && i%group == 0 {
				s.WriteByte(' ')
			}
			fmt.Fprintf(&s, "%02x", c)
		}
		p.printf("%08x: %-*s  %s\n", int(base)+at, width*2+(width-1)/group, s.String(), printable(b))
	})
	return status
}

func stringsApplet(p *Proc) int {
	o, files, ok := p.getopt("n:af")
	if !ok {
		return 1
	}
	least := 4
	if n, err := strconv.Atoi(o.value('n')); err == nil {
		least = n
	}
	return p.eachFile(files, func(_ string, r io.Reader) error {
		all, err := io.ReadAll(r)
		start := 0
		for i := 0; i <= len(all); i++ {
			if i < len(all) && (all[i] >= ' ' && all[i] <= '~' || all[i] == '\t') {
				continue
			}
			if i-start >= least {
				p.println(string(all[start:i]))
			}
			start = i + 1
		}
		return err
	})
}
