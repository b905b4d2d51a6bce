package applet

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A netcat is one run of nc.
type netcat struct {
	p     *Proc
	o     options
	limit time.Duration
	prog  []string // of -e
}

func nc(p *Proc) int {
	// -e takes all words that follow it.
	args := p.Args
	var prog []string
	for i, a := range args {
		if a == "-e" || len(a) > 2 && a[0] == '-' && a[1] != '-' && strings.HasSuffix(a, "e") {
			prog, args = args[i+1:], append(args[:i:i], strings.TrimSuffix(a, "e"))
			break
		}
	}
	p.Args = args
	o, words, ok := p.getopt("lkp:w:uvznNi:s:q:")
	if !ok {
		return 1
	}
	n := &netcat{p: p, o: o, prog: prog}
	if o.has('w') {
		d, ok := duration(o.value('w'))
		if !ok {
			return p.fail("invalid number '%s'", o.value('w'))
		}
		n.limit = d
	}
	words = trimDash(words)
	if o.has('l') {
		port := o.value('p')
		if port == "" && len(words) > 0 {
			port = words[len(words)-1]
		}
		if port == "" {
			return p.help(1)
		}
		return n.listen(port)
	}
	if len(words) < 2 {
		return p.help(1)
	}
	return n.connect(words[0], words[1:])
}

func trimDash(words []string) []string {
	var kept []string
	for _, w := range words {
		if w != "" && w != "-" {
			kept = append(kept, w)
		}
	}
	return kept
}

func (n *netcat) network() string {
	if n.o.has('u') {
		return "udp"
	}
	return "tcp"
}

func (n *netcat) connect(host string, ports []string) int {
	addrs, err := lookup(host)
	if err != nil || len(addrs) == 0 {
		return n.p.fail("bad address '%s'", host)
	}
	status := 0
	for _, port := range portRange(ports) {
		where := net.JoinHostPort(addrs[0].Unmap().String(), port)
		d := net.Dialer{Timeout: n.limit}
		conn, err := d.Dial(n.network(), where)
		if err != nil {
			status = 1
			if n.o.has('v') || !n.o.has('z') {
				n.p.fail("%s (%s): %s", host, where, reason(err))
			}
			continue
		}
		if n.o.has('v') {
			n.p.fail2("%s (%s) open", host, where)
		}
		if n.o.has('z') {
			conn.Close()
			continue
		}
		return n.talk(conn)
	}
	return status
}

// portRange expands 80-82.
func portRange(words []string) []string {
	var out []string
	for _, w := range words {
		a, b, ok := strings.Cut(w, "-")
		from, err1 := strconv.Atoi(a)
		to, err2 := strconv.Atoi(b)
		if !ok || err1 != nil || err2 != nil {
			out = append(out, w)
			continue
		}
		for ; from <= to && from < 65536; from++ {
			out = append(out, strconv.Itoa(from))
		}
	}
	return out
}

func (n *netcat) listen(port string) int {
	if n.o.has('u') {
		return n.listenPacket(port)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(n.o.value('s'), port))
	if err != nil {
		return n.p.failed(err, "bind")
	}
	defer l.Close()
	if n.o.has('v') {
		n.p.fail2("listening on %s ...", l.Addr())
	}
	for {
		if tl, ok := l.(*net.TCPListener); ok && n.limit > 0 {
			tl.SetDeadline(time.Now().Add(n.limit))
		}
		conn, err := l.Accept()
		if err != nil {
			return n.p.fail("timeout")
		}
		if n.o.has('v') {
			n.p.fail2("connect to %s from %s", conn.LocalAddr(), conn.RemoteAddr())
		}
		if !n.o.has('k') {
			l.Close()
			return n.talk(conn)
		}
		n.talk(conn)
	}
}

// listenPacket answers the first sender.
func (n *netcat) listenPacket(port string) int {
	c, err := net.ListenPacket("udp", ":"+port)
	if err != nil {
		return n.p.failed(err, "bind")
	}
	defer c.Close()
	buf := make([]byte, 64<<10)
	answering := false
	for {
		k, from, err := c.ReadFrom(buf)
		if err != nil {
			return 1
		}
		n.p.Out.Write(buf[:k])
		n.p.flush()
		if !answering {
			answering = true
			go func() {
				line := make([]byte, 16<<10)
				for {
					k, err := n.p.In.Read(line)
					if err != nil {
						return
					}
					c.WriteTo(line[:k], from)
				}
			}()
		}
	}
}

// talk copies both ways until the other side ends.
func (n *netcat) talk(conn net.Conn) int {
	defer conn.Close()
	if len(n.prog) > 0 {
		return n.serve(conn)
	}
	go func() {
		io.Copy(conn, n.p.In)
		if c, ok := conn.(*net.TCPConn); ok {
			c.CloseWrite()
		}
	}()
	buf := make([]byte, 16<<10)
	for {
		if n.limit > 0 {
			conn.SetReadDeadline(time.Now().Add(n.limit))
		}
		k, err := conn.Read(buf)
		n.p.Out.Write(buf[:k])
		n.p.flush()
		if err != nil {
			if isTimeout(err) {
				return 1
			}
			return 0
		}
	}
}

// serve is -e: the program talks to the connection. Its input is a pipe that
// nobody waits for, since it may end before the connection does.
func (n *netcat) serve(conn net.Conn) int {
	cmd := exec.Command(n.prog[0], n.prog[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return n.p.failed(err, "pipe")
	}
	cmd.Stdout, cmd.Stderr = conn, os.Stderr
	if err := cmd.Start(); err != nil {
		return n.p.cannotRun(n.prog[0], err)
	}
	go func() {
		io.Copy(in, conn)
		in.Close()
	}()
	return status(cmd.Wait(), cmd)
}
