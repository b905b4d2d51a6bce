package applet

import (
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

func ip(p *Proc) int {
	var words []string
	for _, a := range p.Args {
		if !strings.HasPrefix(a, "-") {
			words = append(words, a)
		}
	}
	if len(words) == 0 {
		return p.help(1)
	}
	if len(words) > 1 && !slices.Contains([]string{"show", "list", "ls", "s", "l", "dev"}, words[1]) {
		return p.fail("RTNETLINK answers: Operation not permitted") + 1
	}
	device := ""
	if len(words) > 2 {
		device = words[len(words)-1]
	}
	switch object := words[0]; {
	case strings.HasPrefix("address", object) || object == "addr":
		return p.interfaces(device, true)
	case strings.HasPrefix("link", object):
		return p.interfaces(device, false)
	case strings.HasPrefix("route", object):
		return p.ipRoutes()
	case strings.HasPrefix("neighbour", object) || strings.HasPrefix("neighbor", object):
		return 0
	}
	return p.help(1)
}

func (p *Proc) interfaces(device string, addresses bool) int {
	list, err := net.Interfaces()
	if err != nil {
		return p.failed(err, "interfaces")
	}
	shown := false
	for _, i := range list {
		if device != "" && i.Name != device {
			continue
		}
		shown = true
		if i.Flags&net.FlagLoopback != 0 {
			p.printf("%d: %s: <LOOPBACK,UP,LOWER_UP> mtu %d qdisc noqueue qlen 1000\n", i.Index, i.Name, i.MTU)
			p.println("    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00")
		} else {
			p.printf("%d: %s: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu %d qdisc noqueue \n", i.Index, i.Name, i.MTU)
			p.printf("    link/ether %s brd ff:ff:ff:ff:ff:ff\n", i.HardwareAddr)
		}
		if !addresses {
			continue
		}
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			n, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			ones, _ := n.Mask.Size()
			if n.IP.IsLoopback() {
				p.printf("    inet %s/%d scope host %s\n", n.IP, ones, i.Name)
			} else {
				p.printf("    inet %s/%d brd %s scope global %s\n", n.IP, ones, broadcast(n), i.Name)
			}
			p.println("       valid_lft forever preferred_lft forever")
		}
	}
	if !shown {
		return p.fail("can't find device '%s'", device)
	}
	return 0
}

func broadcast(n *net.IPNet) net.IP {
	ip4 := slices.Clone(n.IP.To4())
	for i := range ip4 {
		ip4[i] |= ^n.Mask[len(n.Mask)-4+i]
	}
	return ip4
}

// podNet is the pod's network and its gateway, .1.
func podNet() (self net.IP, network *net.IPNet, gateway net.IP) {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.To4() == nil {
			continue
		}
		base := n.IP.To4().Mask(n.Mask)
		gw := slices.Clone(base)
		gw[3]++
		return n.IP.To4(), &net.IPNet{IP: base, Mask: n.Mask}, gw
	}
	return nil, nil, nil
}

func (p *Proc) ipRoutes() int {
	if self, network, gw := podNet(); self != nil {
		p.printf("default via %s dev eth0 \n%s dev eth0 scope link  src %s \n", gw, network, self)
	}
	return 0
}

func route(p *Proc) int {
	if len(p.Args) > 0 && !strings.HasPrefix(p.Args[0], "-") {
		return p.fail("SIOCADDRT: Operation not permitted")
	}
	p.println("Kernel IP routing table")
	p.println("Destination     Gateway         Genmask         Flags Metric Ref    Use Iface")
	if self, network, gw := podNet(); self != nil {
		zero := "0.0.0.0"
		first := "default"
		if len(p.Args) > 0 && strings.Contains(p.Args[0], "n") {
			first = zero
		}
		p.printf("%-15s %-15s %-15s %-5s %-6d %-3d %7d %s\n", first, gw, zero, "UG", 0, 0, 0, "eth0")
		p.printf("%-15s %-15s %-15s %-5s %-6d %-3d %7d %s\n", network.IP, zero, net.IP(network.Mask), "U", 0, 0, 0, "eth0")
	}
	return 0
}

func ifconfig(p *Proc) int {
	_, words, ok := p.getopt("a")
	if !ok {
		return 1
	}
	if len(words) > 1 {
		return p.fail("SIOCSIFADDR: Operation not permitted")
	}
	list, err := net.Interfaces()
	if err != nil {
		return p.failed(err, "interfaces")
	}
	slices.Reverse(list)
	shown := false
	for _, i := range list {
		if len(words) == 1 && words[0] != i.Name {
			continue
		}
		shown = true
		kind, flags := "Ethernet  HWaddr "+strings.ToUpper(i.HardwareAddr.String())+"  ", "UP BROADCAST RUNNING MULTICAST"
		if i.Flags&net.FlagLoopback != 0 {
			kind, flags = "Local Loopback  ", "UP LOOPBACK RUNNING"
		}
		p.printf("%-10sLink encap:%s\n", i.Name, kind)
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				bcast := ""
				if !n.IP.IsLoopback() {
					bcast = fmt.Sprintf("  Bcast:%s", broadcast(n))
				}
				p.printf("          inet addr:%s%s  Mask:%s\n", n.IP, bcast, net.IP(n.Mask))
			}
		}
		p.printf("          %s  MTU:%d  Metric:1\n\n", flags, i.MTU)
	}
	if !shown {
		return p.fail("%s: error fetching interface information: Device not found", words[0])
	}
	return 0
}

// netstat reads /proc/net.
func netstat(p *Proc) int {
	o, _, ok := p.getopt("raltuwxneWp")
	if !ok {
		return 1
	}
	if o.has('r') {
		p.Args = []string{"-n"}
		return route(p)
	}
	what := "w/o servers"
	if o.has('l') {
		what = "only servers"
	} else if o.has('a') {
		what = "servers and established"
	}
	p.printf("Active Internet connections (%s)\n", what)
	p.printf("Proto Recv-Q Send-Q Local Address           Foreign Address         State       %s\n", map[bool]string{true: "PID/Program name    "}[o.has('p')])
	both := !o.has('t') && !o.has('u')
	for _, proto := range []string{"tcp", "udp"} {
		if both || o.has(proto[0]) {
			p.sockets(o, proto)
		}
	}
	return 0
}

func (p *Proc) sockets(o options, proto string) {
	for i, line := range strings.Split(readFile("/proc/net/"+proto), "\n") {
		f := strings.Fields(line)
		if i == 0 || len(f) < 4 {
			continue
		}
		n, _ := strconv.ParseUint(f[3], 16, 8)
		state := socketState(n)
		listening := n == 10 || proto == "udp" && n == 7
		if proto == "udp" && n == 7 {
			state = ""
		}
		if listening && !o.has('l') && !o.has('a') || !listening && o.has('l') {
			continue
		}
		program := ""
		if o.has('p') {
			program = "-"
		}
		p.printf("%-5s %6d %6d %-23s %-23s %-11s %s\n", proto, 0, 0, procAddress(f[1]), procAddress(f[2]), state, program)
	}
}

func socketState(n uint64) string {
	states := []string{"", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"}
	if n < uint64(len(states)) {
		return states[n]
	}
	return "UNKNOWN"
}

// procAddress turns 0100007F:0050 into 127.0.0.1:80.
func procAddress(text string) string {
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw) != 4 {
		return text
	}
	n, _ := strconv.ParseUint(port, 16, 16)
	shown := strconv.FormatUint(n, 10)
	if n == 0 {
		shown = "*"
	}
	return fmt.Sprintf("%d.%d.%d.%d:%s", raw[3], raw[2], raw[1], raw[0], shown)
}
