package host

import (
	"context"
	"io"
	"net/netip"
	"testing"

	"github.com/miekg/dns"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
)

// pods returns the network namespaces of two pods.
func pods(t testing.TB) (a, b *network.Namespace) {
	t.Helper()
	f, err := network.New(network.Config{ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"), Clock: clock.New()})
	must(t, err)
	n, err := f.AddNode("node-1", netip.MustParseAddr("172.18.0.3"))
	must(t, err)
	must(t, n.SetPodCIDR(netip.MustParsePrefix("10.244.1.0/24")))
	a, err = n.Add(context.Background(), "a", "default", "a")
	must(t, err)
	b, err = n.Add(context.Background(), "b", "default", "b")
	must(t, err)
	return a, b
}

func TestTCP(t *testing.T) {
	for _, tt := range []struct{ name, listen, accepted, dial, connected string }{
		{"IPv4", "0.0.0.0:80", "%s:80 4", "%s:80", "%s:80 4"},
		{"mapped", "[::]:80", "[::ffff:%s]:80 6", "[::ffff:%s]:80", "[::ffff:%s]:80 6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			na, nb := pods(t)
			addr := func(s string) string {
				i := 0
				for ; i < len(s)-1 && s[i:i+2] != "%s"; i++ {
				}
				return s[:i] + na.IP().String() + s[i+2:]
			}
			server := newBox(t, "serve", tt.listen)
			r, w := Pipe()
			server.Stdout, server.Net = w, na
			p := server.start()
			expect(t, r, "listening\n")
			client := newBox(t, "dial", addr(tt.dial), "hello")
			client.Net = nb
			client.run()
			want(t, "client", client.out.String(), text("connected to "+addr(tt.connected), "hello"))
			want(t, "client's errors", client.err.String(), "")
			expect(t, r, "accepted at "+addr(tt.accepted)+"\n")
			want(t, "server", wait(t, p).Code, 0)
		})
	}
}

func TestConnectFails(t *testing.T) {
	na, nb := pods(t)
	for _, tt := range []struct{ name, to, out string }{
		{"nobody listens", nb.IP().String() + ":1", "connect 14 0"},
		{"no such host", "10.244.1.99:1", "connect 23 0"},
		{"IPv6", "[2001:db8::1]:1", "connect 40 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBox(t, "dial", tt.to, "x")
			b.Net = na
			b.run()
			want(t, "output", b.out.String(), text(tt.out))
		})
	}
}

func TestAddressInUse(t *testing.T) {
	na, _ := pods(t)
	l, err := na.Listen(netip.MustParseAddrPort("0.0.0.0:80"))
	must(t, err)
	defer l.Close()
	b := newBox(t, "serve", "0.0.0.0:80")
	b.Net = na
	b.run()
	want(t, "errors", b.err.String(), text("bind: errno 3"))
}

func TestSocketsGoWithTheProcess(t *testing.T) {
	na, nb := pods(t)
	b := newBox(t, "serve", "0.0.0.0:80")
	r, w := Pipe()
	b.Stdout, b.Net = w, na
	p := b.start()
	expect(t, r, "listening\n")
	c, err := nb.Dial(context.Background(), "tcp", netip.AddrPortFrom(na.IP(), 80))
	must(t, err)
	expect(t, r, "accepted at "+na.IP().String()+":80 4\n")
	p.Signal(sigKILL)
	wait(t, p)
	_, err = io.ReadAll(c)
	must(t, err)
	want(t, "sockets", len(na.Sockets()), 0)
	c.Close()
}

func TestUDP(t *testing.T) {
	na, _ := pods(t)
	b := newBox(t, "udp", "127.0.0.1:5353")
	b.Net = na
	b.run()
	want(t, "output", b.out.String(), text(`"datagram" from port true`))
	want(t, "errors", b.err.String(), "")
}

func TestPing(t *testing.T) {
	na, nb := pods(t)
	for _, tt := range []struct{ to, out string }{{nb.IP().String(), "0"}, {"10.244.1.99", "23"}} {
		b := newBox(t, "ping", tt.to)
		b.Net = na
		b.run()
		want(t, tt.to, b.out.String(), text(tt.out))
	}
}

// serveDNS answers for one name.
func serveDNS(t testing.TB, ns *network.Namespace, name, ip string) (asked *[]string) {
	t.Helper()
	c, err := ns.ListenPacket(netip.MustParseAddrPort("0.0.0.0:53"))
	must(t, err)
	asked = new([]string)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			q, m := new(dns.Msg), new(dns.Msg)
			if q.Unpack(buf[:n]) != nil {
				return
			}
			*asked = append(*asked, q.Question[0].Name)
			if m.SetReply(q); q.Question[0].Name == name {
				rr, _ := dns.NewRR(name + " 5 A " + ip)
				m.Answer = append(m.Answer, rr)
			} else {
				m.Rcode = dns.RcodeNameError
			}
			b, _ := m.Pack()
			_, _ = c.WriteTo(b, from)
		}
	}()
	t.Cleanup(func() {
		c.Close()
		<-done
	})
	return asked
}

func TestAddrinfo(t *testing.T) {
	na, nb := pods(t)
	asked := serveDNS(t, nb, "web.default.svc.cluster.local.", "10.96.0.7")
	resolve := func(node, service string) string {
		b := newBox(t, "resolve", node, service)
		b.Net = na
		v := b.FS.View(0, b.Cred)
		must(t, v.WriteFile("/etc/hosts", []byte("127.0.0.1 localhost\n10.1.2.3 a b # c\n"), 0o644))
		must(t, v.WriteFile("/etc/resolv.conf", []byte("nameserver "+nb.IP().String()+"\nsearch default.svc.cluster.local svc.cluster.local\noptions ndots:5 timeout:1 attempts:1\n"), 0o644))
		b.run()
		return b.out.String()
	}
	want(t, "number", resolve("10.0.0.1", "80"), text("errno 0", "10.0.0.1 80 1 2"))
	want(t, "hosts", resolve("b", "http"), text("errno 0", "10.1.2.3 80 1 2"))
	want(t, "not in hosts, no service", resolve("c", "nosuch"), text("errno 85"))
	want(t, "by the search list", resolve("web", "443"), text("errno 0", "10.96.0.7 443 1 2"))
	want(t, "no name", resolve("nope", ""), text("errno 84"))
	want(t, "asked", *asked, []string{"web.default.svc.cluster.local.", "nope.default.svc.cluster.local.", "nope.svc.cluster.local.", "nope."})
}

func FuzzResolvConf(f *testing.F) {
	f.Add("nameserver 10.96.0.10\nsearch a b\noptions ndots:5 timeout:99 attempts:0\n", "127.0.0.1 localhost # x", "web")
	f.Fuzz(func(t *testing.T, conf, file, name string) {
		c := parseResolvConf(conf)
		for _, n := range c.names(name) {
			if n == "" || n[len(n)-1] != '.' {
				t.Errorf("%q is not a full name", n)
			}
		}
		hosts(file, name)
	})
}
