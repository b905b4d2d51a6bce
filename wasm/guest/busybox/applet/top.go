package applet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kubergarten/wasm/guest/tty"
)

func top(p *Proc) int {
	o, _, ok := p.getopt("bHn:d:m")
	if !ok {
		return 1
	}
	rounds := -1
	if n, err := strconv.Atoi(o.value('n')); err == nil {
		rounds = n
	}
	wait := 5 * time.Second
	if d, ok := duration(o.value('d')); ok && o.has('d') {
		wait = d
	}
	last := map[int]uint64{}
	lastAt := time.Now()
	for round := 0; rounds < 0 || round < rounds; round++ {
		if round > 0 {
			time.Sleep(wait)
		}
		if !o.has('b') && tty.IsTerminal(1) {
			p.print("\x1b[H\x1b[J")
		}
		now := time.Now()
		p.topScreen(last, now.Sub(lastAt), o.has('b'))
		lastAt = now
		if p.Out.Flush() != nil {
			return 1
		}
	}
	return 0
}

// topScreen shows as many processes as there is room for; a batch shows all.
func (p *Proc) topScreen(last map[int]uint64, since time.Duration, batch bool) {
	total, free := memInfo("MemTotal"), memInfo("MemFree")
	buffers, cached := memInfo("Buffers"), memInfo("Cached")
	p.printf("Mem: %dK used, %dK free, %dK shrd, %dK buff, %dK cached\n", total-free, free, memInfo("Shmem"), buffers, cached)
	p.printf("Load average: %s\n", strings.TrimSpace(readFile("/proc/loadavg")))
	p.println("  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND")
	list := processes()
	cpu := func(x process) float64 {
		old, ok := last[x.pid]
		if !ok || since <= 0 {
			return 0
		}
		return float64(x.ticks-old) / since.Seconds()
	}
	slices.SortStableFunc(list, func(a, b process) int {
		switch x, y := cpu(a), cpu(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	shown := list
	if _, rows, err := tty.Size(1); err == nil && !batch {
		shown = list[:min(len(list), max(1, rows-4))]
	}
	for _, x := range shown {
		share := 0.0
		if total > 0 {
			share = float64(x.vsz) / float64(total) / 10.24
		}
		p.println(p.fit(fmt.Sprintf("%5d %5d %-8.8s %-4s %5s %3.0f%% %3.0f%% %s", x.pid, x.ppid, userName(x.uid), x.state, memory(x.vsz), share, cpu(x), x.args)))
	}
	clear(last)
	for _, x := range list {
		last[x.pid] = x.ticks
	}
}

func watch(p *Proc) int {
	o, words, ok := p.getopt("+n:td")
	if !ok {
		return 1
	}
	if len(words) == 0 {
		return p.help(1)
	}
	wait := 2 * time.Second
	if d, ok := duration(o.value('n')); ok && o.has('n') {
		wait = d
	}
	for {
		if tty.IsTerminal(1) {
			p.print("\x1b[H\x1b[J")
		}
		if !o.has('t') {
			p.printf("Every %.1fs: %s  %s\n\n", wait.Seconds(), strings.Join(words, " "), time.Now().Format("2006-01-02 15:04:05"))
		}
		if p.Out.Flush() != nil {
			return 1
		}
		p.child([]string{"/bin/sh", "-c", strings.Join(words, " ")}, nil)
		time.Sleep(wait)
	}
}
