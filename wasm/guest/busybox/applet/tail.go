package applet

import (
	"bufio"
	"io"
	"os"
	"strings"
	"time"
)

func tail(p *Proc) int {
	args := oldCount(p.Args)
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '+' && args[0][1] >= '0' && args[0][1] <= '9' {
		args = append([]string{"-n", args[0]}, args[1:]...)
	}
	p.Args = args
	o, files, ok := p.getopt("fFn:c:qvs:", "retry=F", "follow=f")
	if !ok {
		return 1
	}
	count, ok := p.count(o, 10)
	if !ok {
		return 1
	}
	fromStart := strings.HasPrefix(o.value('n'), "+") || strings.HasPrefix(o.value('c'), "+")
	if count < 0 {
		count = -count
	}
	first := true
	banners := len(files) > 1 && !o.has('q') || o.has('v')
	status := p.eachFile(files, func(name string, r io.Reader) error {
		p.banner(name, banners, &first)
		if o.has('c') {
			return tailBytes(p, r, count, fromStart)
		}
		return tailLines(p, r, count, fromStart)
	})
	if o.has('f') || o.has('F') {
		p.flush()
		follow(p, files, banners, o.has('F'))
	}
	return status
}

func tailLines(p *Proc, r io.Reader, n int, fromStart bool) error {
	br := bufio.NewReaderSize(r, 4096)
	var kept []string
	for i := 1; ; i++ {
		line, err := br.ReadString('\n')
		switch {
		case fromStart && i >= n:
			p.print(line)
		case !fromStart && line != "":
			if kept = append(kept, line); len(kept) > n {
				kept = kept[1:]
			}
		}
		if err != nil {
			p.print(strings.Join(kept, ""))
			if err == io.EOF {
				err = nil
			}
			return err
		}
	}
}

func tailBytes(p *Proc, r io.Reader, n int, fromStart bool) error {
	all, err := io.ReadAll(r)
	switch {
	case fromStart:
		n = min(max(n-1, 0), len(all))
		p.Out.Write(all[n:])
	default:
		p.Out.Write(all[max(0, len(all)-n):])
	}
	return err
}

// follow prints what is added to the files, looking every second as busybox
// does. A file that shrank, or with byName was replaced, is read anew.
func follow(p *Proc, names []string, banners, byName bool) {
	at := map[string]int64{}
	id := map[string]os.FileInfo{}
	last := ""
	for _, name := range names {
		if fi, err := os.Stat(name); err == nil {
			at[name], id[name] = fi.Size(), fi
			last = name
		}
	}
	for {
		time.Sleep(time.Second)
		for _, name := range names {
			fi, err := os.Stat(name)
			if err != nil {
				continue
			}
			if fi.Size() < at[name] || byName && id[name] != nil && !os.SameFile(fi, id[name]) {
				at[name] = 0
			}
			id[name] = fi
			if fi.Size() == at[name] {
				continue
			}
			if banners && name != last {
				p.printf("\n==> %s <==\n", name)
			}
			last = name
			at[name] += p.copyFrom(name, at[name])
			if p.Out.Flush() != nil {
				return
			}
		}
	}
}

func (p *Proc) copyFrom(name string, from int64) int64 {
	f, err := os.Open(name)
	if err != nil {
		return 0
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return 0
	}
	n, _ := io.Copy(p.Out, f)
	return n
}
