package network

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
)

// TestStorm lets pods come, talk and go at once; afterwards nothing is left.
func TestStorm(t *testing.T) {
	w := newWire(t)
	table := NewServices()
	w.a.SetServices(table)
	w.b.SetServices(table)
	server := pod(t, w.b, "server")
	l := listen(t, server, "0.0.0.0:80")
	l.SetBacklog(3)
	echo(t, l, "server")
	key := ServiceKey{TCP, ap("10.96.0.1:80")}
	svc := &Service{Name: "s", Backends: []netip.AddrPort{netip.AddrPortFrom(server.IP(), 80)}}
	svc.Pick = func(netip.Addr) Choice { return Choice{Backend: svc.Backends[0]} }
	table.Update(map[ServiceKey]*Service{key: svc})
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() { visitor(t, w, table, key, svc, i) })
	}
	wg.Wait()
	for _, n := range w.Nodes() {
		for _, ns := range n.Namespaces() {
			for _, s := range ns.Sockets() {
				if s.State == "SYN-SENT" {
					t.Errorf("%s still has %v", ns.Name(), s)
				}
			}
		}
	}
	if n := len(w.a.swallows) + len(w.b.swallows); n > 0 {
		t.Errorf("%d attempts are still remembered", n)
	}
}

// visitor is a pod that comes many times.
func visitor(t *testing.T, w *wire, table *Services, key ServiceKey, svc *Service, id int) {
	r := rand.New(rand.NewPCG(uint64(id), 1))
	for i := range 60 {
		node := []*Node{w.a, w.b}[r.IntN(2)]
		name := fmt.Sprintf("v%d-%d", id, i)
		ns, err := node.Add(t.Context(), name, "default", name)
		if err != nil {
			t.Error(err)
			return
		}
		switch r.IntN(3) {
		case 0: // the service goes and comes, as endpoints do
			table.Update(map[ServiceKey]*Service{key: nil})
			table.Update(map[ServiceKey]*Service{key: svc})
		case 1:
			c, err := ns.Dial(t.Context(), "tcp", key.Addr)
			if err != nil {
				t.Error(err)
				break
			}
			if b, err := io.ReadAll(c); err != nil || string(b) != "server\n" {
				t.Errorf("got %q, %v", b, err)
			}
			c.Close()
		case 2: // leaves in the middle of things
			for range 5 {
				ns.Connect(key.Addr)
			}
		}
		if err := node.Del(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}
