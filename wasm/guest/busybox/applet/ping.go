package applet

import (
	"net/netip"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func ping(p *Proc) int {
	o, words, ok := p.getopt("c:i:w:W:s:t:I:qA46n")
	if !ok {
		return 1
	}
	if len(words) != 1 {
		return p.help(1)
	}
	addrs, err := lookup(words[0])
	if err != nil || len(addrs) == 0 {
		return p.fail("bad address '%s'", words[0])
	}
	g := &pinger{p: p, host: words[0], addr: addrs[0].Unmap(), quiet: o.has('q'), interval: time.Second, timeout: time.Second, size: 56}
	for _, n := range []struct {
		letter byte
		to     *int
	}{{'c', &g.count}, {'s', &g.size}} {
		if o.has(n.letter) {
			if *n.to, err = strconv.Atoi(o.value(n.letter)); err != nil {
				return p.fail("invalid number '%s'", o.value(n.letter))
			}
		}
	}
	for letter, to := range map[byte]*time.Duration{'i': &g.interval, 'W': &g.timeout, 'w': &g.deadline} {
		if o.has(letter) {
			d, ok := duration(o.value(letter))
			if !ok {
				return p.fail("invalid number '%s'", o.value(letter))
			}
			*to = d
		}
	}
	return g.run()
}

// A pinger is one run of ping.
type pinger struct {
	p                           *Proc
	host                        string
	addr                        netip.Addr
	count, size                 int
	quiet                       bool
	interval, timeout, deadline time.Duration
	sent, received              int
	min, max, sum               time.Duration
}

func (g *pinger) run() int {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT)
	start := time.Now()
	g.p.printf("PING %s (%s): %d data bytes\n", g.host, g.addr, g.size)
	g.p.flush()
loop:
	for g.count == 0 || g.sent < g.count {
		began := time.Now()
		if !g.once() {
			return 1
		}
		g.p.flush()
		if g.deadline > 0 && time.Since(start) >= g.deadline || g.count > 0 && g.sent == g.count {
			break
		}
		select {
		case <-stop:
			break loop
		case <-time.After(g.interval - time.Since(began)):
		}
	}
	return g.statistics()
}

// once sends one echo; false if that is not possible at all.
func (g *pinger) once() bool {
	seq := g.sent
	g.sent++
	d, err := echoRequest(g.addr, g.timeout)
	if err == syscall.ETIMEDOUT || err == syscall.EAGAIN {
		return true
	}
	if err != nil {
		g.p.fail("sendto: %s", reason(err))
		return false
	}
	g.received++
	g.sum += d
	g.max = max(g.max, d)
	if g.received == 1 || d < g.min {
		g.min = d
	}
	if !g.quiet {
		g.p.printf("%d bytes from %s: seq=%d ttl=64 time=%s ms\n", g.size+8, g.addr, seq, millis(d))
	}
	return true
}

func (g *pinger) statistics() int {
	g.p.printf("\n--- %s ping statistics ---\n", g.host)
	loss := 0
	if g.sent > 0 {
		loss = (g.sent - g.received) * 100 / g.sent
	}
	g.p.printf("%d packets transmitted, %d packets received, %d%% packet loss\n", g.sent, g.received, loss)
	if g.received == 0 {
		return 1
	}
	g.p.printf("round-trip min/avg/max = %s/%s/%s ms\n", millis(g.min), millis(g.sum/time.Duration(g.received)), millis(g.max))
	return 0
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 3, 64)
}
