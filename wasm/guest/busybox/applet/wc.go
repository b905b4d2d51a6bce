package applet

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

func wc(p *Proc) int {
	o, files, ok := p.getopt("lwcmL")
	if !ok {
		return 1
	}
	letters := "lwc"
	if o.has('l') || o.has('w') || o.has('c') || o.has('m') || o.has('L') {
		letters = ""
		for _, l := range "lwcmL" {
			if o.has(byte(l)) {
				letters += string(l)
			}
		}
	}
	var total [5]int
	print := func(counts [5]int, name string) {
		var cols []string
		for _, l := range letters {
			n := strconv.Itoa(counts[strings.IndexRune("lwcmL", l)])
			if len(letters) > 1 || len(files) > 1 {
				n = strings.Repeat(" ", max(0, 9-len(n))) + n
			}
			cols = append(cols, n)
		}
		line := strings.Join(cols, " ")
		if name != "" {
			line += " " + name
		}
		p.println(line)
	}
	status := p.eachFile(files, func(name string, r io.Reader) error {
		counts, err := measure(r)
		for i := range total {
			total[i] += counts[i]
		}
		total[4] = max(total[4]-counts[4], counts[4])
		if len(files) == 0 {
			name = ""
		}
		print(counts, name)
		return err
	})
	if len(files) > 1 {
		print(total, "total")
	}
	return status
}

// measure counts lines, words, bytes, characters, and the longest line.
func measure(r io.Reader) (n [5]int, err error) {
	buf := make([]byte, 16<<10)
	inWord, column := false, 0
	for {
		k, err := r.Read(buf)
		for _, c := range buf[:k] {
			n[2]++
			if utf8.RuneStart(c) {
				n[3]++
				column++
			}
			switch c {
			case '\n':
				n[0]++
				n[4], column = max(n[4], column-1), 0
				inWord = false
			case ' ', '\t', '\r', '\v', '\f':
				inWord = false
			default:
				if !inWord {
					n[1]++
				}
				inWord = true
			}
		}
		if err != nil {
			n[4] = max(n[4], column)
			if err == io.EOF {
				err = nil
			}
			return n, err
		}
	}
}
