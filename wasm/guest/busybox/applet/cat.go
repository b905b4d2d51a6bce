package applet

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

func cat(p *Proc) int {
	o, files, ok := p.getopt("nbvteAETsu")
	if !ok {
		return 1
	}
	visible := o.has('v') || o.has('t') || o.has('e') || o.has('A')
	tabs, ends := o.has('t') || o.has('A') || o.has('T'), o.has('e') || o.has('A') || o.has('E')
	if !visible && !tabs && !ends && !o.has('n') && !o.has('b') && !o.has('s') {
		return p.eachFile(files, func(_ string, r io.Reader) error { return p.copyThrough(r) })
	}
	number, blank := 0, false
	return p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			if o.has('s') && line == "" && blank {
				return true
			}
			blank = line == ""
			if o.has('n') && !o.has('b') || o.has('b') && line != "" {
				number++
				p.printf("%6d\t", number)
			}
			p.print(show(line, visible, tabs))
			if ends {
				p.print("$")
			}
			p.print("\n")
			return !p.broken()
		})
	})
}

// copyThrough copies what comes as it comes: nothing waits in the buffer while
// the input does.
func (p *Proc) copyThrough(r io.Reader) error {
	buf := make([]byte, 16<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			p.Out.Write(buf[:n])
			if p.Out.Flush() != nil {
				return errStop
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// show writes control characters as ^X and M-X.
func show(line string, visible, tabs bool) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == '\t' {
			if tabs {
				b.WriteString("^I")
			} else {
				b.WriteByte(c)
			}
			continue
		}
		if !visible {
			b.WriteByte(c)
			continue
		}
		if c >= 128 {
			b.WriteString("M-")
			c -= 128
		}
		switch {
		case c < 32:
			b.WriteString("^" + string(rune(c+64)))
		case c == 127:
			b.WriteString("^?")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func tac(p *Proc) int {
	_, files, ok := p.getopt("")
	if !ok {
		return 1
	}
	return p.eachFile(files, func(_ string, r io.Reader) error {
		var all []string
		err := lines(r, func(line string) bool { all = append(all, line); return true })
		for i := len(all) - 1; i >= 0; i-- {
			p.println(all[i])
		}
		return err
	})
}

func rev(p *Proc) int {
	_, files, ok := p.getopt("")
	if !ok {
		return 1
	}
	return p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			runes := []rune(line)
			for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
				runes[i], runes[j] = runes[j], runes[i]
			}
			p.println(string(runes))
			return true
		})
	})
}

func nl(p *Proc) int {
	o, files, ok := p.getopt("b:w:s:v:i:n:")
	if !ok {
		return 1
	}
	width, sep, all := 6, "\t", o.value('b') == "a"
	if v := o.value('w'); v != "" {
		fmt.Sscan(v, &width)
	}
	if o.has('s') {
		sep = o.value('s')
	}
	n := 0
	return p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			if line == "" && !all || o.value('b') == "n" {
				p.printf("%*s\n", width+len(sep), line)
				return true
			}
			n++
			p.printf("%*d%s%s\n", width, n, sep, line)
			return true
		})
	})
}

func tee(p *Proc) int {
	o, files, ok := p.getopt("ai")
	if !ok {
		return 1
	}
	outs := []io.Writer{p.Out}
	status := 0
	for _, name := range files {
		f, err := create(name, o.has('a'))
		if err != nil {
			status = p.failed(err, "%s", name)
			continue
		}
		defer f.Close()
		outs = append(outs, f)
	}
	buf := make([]byte, 16<<10)
	for {
		n, err := p.In.Read(buf)
		for _, w := range outs {
			w.Write(buf[:n])
		}
		p.flush()
		if err != nil {
			return status
		}
	}
}

func head(p *Proc) int {
	p.Args = oldCount(p.Args)
	o, files, ok := p.getopt("n:c:qv")
	if !ok {
		return 1
	}
	count, ok := p.count(o, 10)
	if !ok {
		return 1
	}
	first := true
	return p.eachFile(files, func(name string, r io.Reader) error {
		p.banner(name, len(files) > 1 && !o.has('q') || o.has('v'), &first)
		if o.has('c') {
			_, err := io.CopyN(p.Out, r, int64(count))
			if err == io.EOF {
				err = nil
			}
			return err
		}
		return headLines(p, r, count)
	})
}

// headLines prints the first n lines, or all but the last -n.
func headLines(p *Proc, r io.Reader, n int) error {
	if n == 0 {
		return nil
	}
	if n < 0 {
		var kept []string
		return lines(r, func(line string) bool {
			if kept = append(kept, line); len(kept) > -n {
				p.println(kept[0])
				kept = kept[1:]
			}
			return true
		})
	}
	br := bufio.NewReaderSize(r, 4096)
	for ; n > 0; n-- {
		line, err := br.ReadString('\n')
		p.print(line)
		if br.Buffered() == 0 {
			p.flush()
		}
		if err != nil {
			break
		}
	}
	return nil
}

// banner is the ==> name <== of head and tail.
func (p *Proc) banner(name string, wanted bool, first *bool) {
	if !wanted {
		return
	}
	if name == "-" {
		name = "standard input"
	}
	if !*first {
		p.print("\n")
	}
	*first = false
	p.printf("==> %s <==\n", name)
}

// oldCount turns -5 into -n 5.
func oldCount(args []string) []string {
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0][1] >= '0' && args[0][1] <= '9' {
		n := digits(args[0][1:], len(args[0]), "0123456789")
		out := []string{"-n", args[0][1 : 1+n]}
		if rest := args[0][1+n:]; rest != "" {
			out = append(out, "-"+rest)
		}
		return append(out, args[1:]...)
	}
	return args
}

// count reads -n or -c, with a suffix b, k or m.
func (p *Proc) count(o options, ifNone int) (int, bool) {
	word := o.value('n')
	if o.has('c') {
		word = o.value('c')
	}
	if word == "" {
		return ifNone, true
	}
	n, err := size(strings.TrimPrefix(word, "+"))
	if err != nil {
		p.fail("invalid number '%s'", word)
		return 0, false
	}
	return int(n), true
}
