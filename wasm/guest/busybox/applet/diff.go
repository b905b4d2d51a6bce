package applet

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func cmpApplet(p *Proc) int {
	o, names, ok := p.getopt("lsn:")
	if !ok {
		return 2
	}
	if len(names) == 0 {
		p.help(1)
		return 2
	}
	if len(names) == 1 {
		names = append(names, "-")
	}
	var data [2][]byte
	for i, name := range names[:2] {
		text, err := readAll(p, name)
		if err != nil {
			p.cannotOpen(name, err)
			return 2
		}
		data[i] = []byte(text)
	}
	line, status := 1, 0
	for i := range min(len(data[0]), len(data[1])) {
		if data[0][i] != data[1][i] {
			status = 1
			if o.has('s') {
				return 1
			}
			if !o.has('l') {
				p.printf("%s %s differ: char %d, line %d\n", names[0], names[1], i+1, line)
				return 1
			}
			p.printf("%d %3o %3o\n", i+1, data[0][i], data[1][i])
		}
		if data[0][i] == '\n' {
			line++
		}
	}
	if len(data[0]) != len(data[1]) {
		short := names[0]
		if len(data[1]) < len(data[0]) {
			short = names[1]
		}
		if !o.has('s') {
			p.fail("EOF on %s", short)
		}
		return 1
	}
	return status
}

// A differ is one run of diff.
type differ struct {
	p       *Proc
	o       options
	context int
	status  int
}

func diff(p *Proc) int {
	o, names, ok := p.getopt("abBdiNqrTstwL:U:uS:", "brief=q", "recursive=r", "unified=U", "ignore-case=i", "new-file=N")
	if !ok {
		return 2
	}
	if len(names) != 2 {
		p.help(1)
		return 2
	}
	d := &differ{p: p, o: o, context: 3}
	if n, err := strconv.Atoi(o.value('U')); err == nil {
		d.context = n
	}
	d.paths(names[0], names[1])
	return d.status
}

func (d *differ) paths(a, b string) {
	fa, errA := os.Stat(a)
	fb, errB := os.Stat(b)
	if errA == nil && errB == nil && fa.IsDir() && fb.IsDir() {
		d.dirs(a, b)
		return
	}
	if errA == nil && fa.IsDir() {
		a = filepath.Join(a, filepath.Base(b))
	}
	if errB == nil && fb.IsDir() {
		b = filepath.Join(b, filepath.Base(a))
	}
	d.files(a, b)
}

func (d *differ) dirs(a, b string) {
	names := map[string]int{}
	for side, dir := range []string{a, b} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			d.p.failed(err, "%s", dir)
			d.status = 2
		}
		for _, e := range entries {
			names[e.Name()] |= 1 << side
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		x, y := filepath.Join(a, name), filepath.Join(b, name)
		switch {
		case names[name] == 3:
			fx, _ := os.Stat(x)
			fy, _ := os.Stat(y)
			if fx != nil && fy != nil && fx.IsDir() && fy.IsDir() {
				if d.o.has('r') {
					d.dirs(x, y)
				} else {
					d.p.printf("Common subdirectories: %s and %s\n", x, y)
				}
				continue
			}
			d.files(x, y)
		case d.o.has('N'):
			d.files(x, y)
		default:
			dir := a
			if names[name] == 2 {
				dir = b
			}
			d.p.printf("Only in %s: %s\n", dir, name)
			d.status = max(d.status, 1)
		}
	}
}

func (d *differ) read(name string) ([]string, []byte, bool) {
	text, err := readAll(d.p, name)
	if err != nil && !(d.o.has('N') && os.IsNotExist(err)) {
		d.p.failed(err, "%s", name)
		d.status = 2
		return nil, nil, false
	}
	if text == "" {
		return nil, nil, true
	}
	list := strings.SplitAfter(text, "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list, []byte(text), true
}

func (d *differ) files(a, b string) {
	x, rawX, ok1 := d.read(a)
	y, rawY, ok2 := d.read(b)
	if !ok1 || !ok2 {
		return
	}
	if bytes.Equal(rawX, rawY) {
		if d.o.has('s') {
			d.p.printf("Files %s and %s are identical\n", a, b)
		}
		return
	}
	if bytes.IndexByte(rawX, 0) >= 0 || bytes.IndexByte(rawY, 0) >= 0 || d.o.has('q') {
		d.p.printf("Files %s and %s differ\n", a, b)
		d.status = max(d.status, 1)
		return
	}
	script := edits(x, y, d.equal)
	if !slices.ContainsFunc(script, func(e edit) bool { return e.op != ' ' }) {
		return
	}
	d.status = max(d.status, 1)
	labels := append(slices.Clone(d.o.values['L']), a, b)
	if len(d.o.values['L']) == 1 {
		labels = []string{d.o.value('L'), b}
	}
	d.p.printf("--- %s\n+++ %s\n", labels[0], labels[1])
	d.hunks(script)
}

func (d *differ) equal(a, b string) bool {
	norm := func(s string) string {
		if d.o.has('i') {
			s = strings.ToLower(s)
		}
		if d.o.has('w') {
			return strings.Join(strings.Fields(s), "")
		}
		if d.o.has('b') {
			return strings.Join(strings.Fields(s), " ")
		}
		return s
	}
	return norm(a) == norm(b)
}

// An edit is one line of the way from one file to the other.
type edit struct {
	op   byte // ' ', '-', '+'
	line string
}

// edits finds the longest common subsequence; common head and tail first, as
// they are most of it.
func edits(x, y []string, equal func(a, b string) bool) []edit {
	var head, tail []edit
	for len(x) > 0 && len(y) > 0 && equal(x[0], y[0]) {
		head = append(head, edit{' ', x[0]})
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && equal(x[len(x)-1], y[len(y)-1]) {
		tail = append(tail, edit{' ', x[len(x)-1]})
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	slices.Reverse(tail)
	if len(x)*len(y) > 16<<20 { // too much memory for the table: all old, all new
		for _, l := range x {
			head = append(head, edit{'-', l})
		}
		for _, l := range y {
			head = append(head, edit{'+', l})
		}
		return append(head, tail...)
	}
	return append(append(head, lcs(x, y, equal)...), tail...)
}

func lcs(x, y []string, equal func(a, b string) bool) []edit {
	w := len(y) + 1
	best := make([]int32, (len(x)+1)*w)
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if equal(x[i], y[j]) {
				best[i*w+j] = best[(i+1)*w+j+1] + 1
			} else {
				best[i*w+j] = max(best[(i+1)*w+j], best[i*w+j+1])
			}
		}
	}
	var out []edit
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && equal(x[i], y[j]):
			out = append(out, edit{' ', x[i]})
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && best[(i+1)*w+j] >= best[i*w+j+1]:
			out = append(out, edit{'-', x[i]})
			i++
		default:
			out = append(out, edit{'+', y[j]})
			j++
		}
	}
	return out
}

// hunks prints the changes with their context.
func (d *differ) hunks(script []edit) {
	lineX, lineY := 1, 1
	for at := 0; at < len(script); {
		next := at
		for next < len(script) && script[next].op == ' ' {
			next++
		}
		if next == len(script) {
			return
		}
		start := max(at, next-d.context)
		for _, e := range script[at:start] {
			_ = e
			lineX, lineY = lineX+1, lineY+1
		}
		end, same := next, 0
		for end < len(script) && same <= 2*d.context {
			if script[end].op == ' ' {
				same++
			} else {
				same = 0
			}
			end++
		}
		end -= max(0, same-d.context)
		d.hunk(script[start:end], &lineX, &lineY)
		at = end
	}
}

func (d *differ) hunk(lines []edit, lineX, lineY *int) {
	nx, ny := 0, 0
	for _, e := range lines {
		if e.op != '+' {
			nx++
		}
		if e.op != '-' {
			ny++
		}
	}
	d.p.printf("@@ -%s +%s @@\n", hunkRange(*lineX, nx), hunkRange(*lineY, ny))
	for _, e := range lines {
		d.p.print(string(rune(e.op)) + e.line)
		if !strings.HasSuffix(e.line, "\n") {
			d.p.print("\n\\ No newline at end of file\n")
		}
	}
	*lineX, *lineY = *lineX+nx, *lineY+ny
}

func hunkRange(line, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", line-1)
	case 1:
		return strconv.Itoa(line)
	}
	return fmt.Sprintf("%d,%d", line, n)
}
