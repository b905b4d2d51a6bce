package applet

import (
	"os"
	"strconv"
)

func du(p *Proc) int {
	o, names, ok := p.getopt("aHLd:clsxhmkb")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	depth := 1 << 30
	if o.has('d') {
		depth, _ = strconv.Atoi(o.value('d'))
	}
	if o.has('s') {
		depth = 0
	}
	status, total := 0, int64(0)
	show := func(blocks int64, path string) {
		switch {
		case o.has('h'):
			p.printf("%s\t%s\n", human(blocks*512), path)
		case o.has('m'):
			p.printf("%d\t%s\n", (blocks+2047)/2048, path)
		default:
			p.printf("%d\t%s\n", (blocks+1)/2, path)
		}
	}
	var walk func(path string, level int) int64
	walk = func(path string, level int) int64 {
		fi, err := os.Lstat(path)
		if err != nil {
			status = p.failed(err, "%s", path)
			return 0
		}
		sum := inspect(fi).blocks
		if fi.IsDir() {
			entries, err := os.ReadDir(path)
			if err != nil {
				status = p.failed(err, "can't open '%s'", path)
			}
			for _, e := range entries {
				sum += walk(joinShown(path, e.Name()), level+1)
			}
		}
		if level <= depth && (fi.IsDir() || o.has('a') || level == 0) {
			show(sum, path)
		}
		return sum
	}
	for _, name := range names {
		total += walk(name, 0)
	}
	if o.has('c') {
		show(total, "total")
	}
	return status
}
