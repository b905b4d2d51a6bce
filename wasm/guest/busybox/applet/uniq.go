package applet

import (
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

func uniq(p *Proc) int {
	o, files, ok := p.getopt("cduizf:s:w:")
	if !ok {
		return 1
	}
	skipFields, _ := strconv.Atoi(o.value('f'))
	skipChars, _ := strconv.Atoi(o.value('s'))
	width, _ := strconv.Atoi(o.value('w'))
	key := func(line string) string {
		line = line[fieldStart(line, skipFields+1, ""):]
		line = line[min(skipChars, len(line)):]
		if o.has('w') {
			line = line[:min(width, len(line))]
		}
		if o.has('i') {
			line = strings.ToLower(line)
		}
		return line
	}
	if len(files) > 1 {
		f, err := os.Create(files[1])
		if err != nil {
			return p.cannotOpen(files[1], err)
		}
		defer f.Close()
		p.Out.Reset(f)
		files = files[:1]
	}
	last, n := "", 0
	show := func() {
		if n == 0 || o.has('d') && n == 1 || o.has('u') && n > 1 {
			return
		}
		if o.has('c') {
			p.printf("%7d ", n)
		}
		p.println(last)
	}
	status := p.eachFile(files, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			if n > 0 && key(line) == key(last) {
				n++
				return true
			}
			show()
			last, n = line, 1
			return true
		})
	})
	show()
	p.flush()
	return status
}

func shuf(p *Proc) int {
	o, files, ok := p.getopt("n:ei:o:z")
	if !ok {
		return 1
	}
	var all []string
	switch {
	case o.has('e'):
		all = files
	case o.has('i'):
		low, high, _ := strings.Cut(o.value('i'), "-")
		a, err1 := strconv.Atoi(low)
		b, err2 := strconv.Atoi(high)
		if err1 != nil || err2 != nil {
			return p.fail("%s: invalid range", o.value('i'))
		}
		for ; a <= b; a++ {
			all = append(all, strconv.Itoa(a))
		}
	default:
		p.eachFile(files, func(_ string, r io.Reader) error {
			return lines(r, func(line string) bool { all = append(all, line); return true })
		})
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if o.has('n') {
		n, _ := strconv.Atoi(o.value('n'))
		all = all[:min(max(n, 0), len(all))]
	}
	for _, line := range all {
		p.println(line)
	}
	return 0
}
