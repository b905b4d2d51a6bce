package allocator

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

func zero(int) int { return 0 }

// TestPool runs random operations against a map.
func TestPool(t *testing.T) {
	const size, offset = 40, 10
	rnd := rand.New(rand.NewPCG(1, 2))
	p, model := NewPool(size, offset, rnd.IntN), map[int]bool{}
	for step := range 20_000 {
		i := rnd.IntN(size)
		switch rnd.IntN(3) {
		case 0:
			if got := p.Take(i); got == model[i] {
				t.Fatalf("step %d: Take(%d) is %t", step, i, got)
			}
			model[i] = true
		case 1:
			p.Release(i)
			delete(model, i)
		case 2:
			upper := 0
			for k := range model {
				if k >= offset {
					upper++
				}
			}
			got, ok := p.Next()
			if ok != (len(model) < size) || ok && (model[got] || got < offset && upper < size-offset) {
				t.Fatalf("step %d: Next is %d, %t of %d", step, got, ok, len(model))
			}
			if ok {
				model[got] = true
			}
		}
		if p.Has(i) != model[i] {
			t.Fatalf("step %d: Has(%d) is %t", step, i, p.Has(i))
		}
	}
}

func TestIPs(t *testing.T) {
	tests := []struct {
		prefix      string
		first, last string // that can be had
		next        string // the first that Next gives
		count       int
	}{
		{"10.96.0.0/12", "10.96.0.1", "10.111.255.254", "10.96.1.1", 1<<20 - 2},
		{"10.96.0.0/29", "10.96.0.1", "10.96.0.6", "10.96.0.1", 6},
		{"10.96.0.64/26", "10.96.0.65", "10.96.0.126", "10.96.0.81", 62},
		{"fd00:1::/112", "fd00:1::1", "fd00:1::ffff", "fd00:1::101", 65535},
		{"fd00:1::/64", "fd00:1::1", "fd00:1::ffff", "fd00:1::101", 65535},
	}
	for _, tt := range tests {
		t.Run(tt.prefix, func(t *testing.T) {
			r, err := NewIPs(netip.MustParsePrefix(tt.prefix), zero)
			if err != nil {
				t.Fatal(err)
			}
			if r.size != tt.count {
				t.Errorf("%d addresses, want %d", r.size, tt.count)
			}
			first, last := netip.MustParseAddr(tt.first), netip.MustParseAddr(tt.last)
			for _, out := range []netip.Addr{first.Prev(), last.Next(), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")} {
				if err := r.Take(out); !errors.Is(err, ErrOutside) {
					t.Errorf("%s: %v", out, err)
				}
			}
			if next, err := r.Next(); err != nil || next.String() != tt.next {
				t.Errorf("next is %s, %v", next, err)
			}
			r.Release(netip.MustParseAddr(tt.next))
			for _, in := range []netip.Addr{first, last} {
				if err := errors.Join(r.Check(in), r.Take(in)); err != nil {
					t.Errorf("%s: %v", in, err)
				}
				if err := r.Take(in); !errors.Is(err, ErrIPAllocated) || !errors.Is(r.Check(in), ErrIPAllocated) {
					t.Errorf("%s twice: %v", in, err)
				}
			}
		})
	}
	for _, tiny := range []string{"10.0.0.1/32", "10.0.0.0/31", "fd00::/128"} {
		if _, err := NewIPs(netip.MustParsePrefix(tiny), zero); err == nil {
			t.Errorf("%s has addresses", tiny)
		}
	}
}

func TestPorts(t *testing.T) {
	p := NewPorts(utilnet.PortRange{Base: 30000, Size: 2768}, zero)
	if n, err := p.Next(); err != nil || n != 30086 { // the lower 86 are for those who ask
		t.Errorf("next is %d, %v", n, err)
	}
	if err := p.Take(30086); !errors.Is(err, ErrPortAllocated) {
		t.Errorf("twice: %v", err)
	}
	p.Release(30086)
	if err := errors.Join(p.Check(30086), p.Take(30086), p.Take(32767)); err != nil {
		t.Error(err)
	}
	for _, out := range []int{29999, 32768, 0, -1} {
		if err := p.Take(out); err == nil || err.Error() != "provided port is not in the valid range. The range of valid ports is 30000-32767" {
			t.Errorf("%d: %v", out, err)
		}
	}
	q := NewPorts(utilnet.PortRange{Base: 1, Size: 2}, zero)
	_, e1 := q.Next()
	_, e2 := q.Next()
	if _, err := q.Next(); e1 != nil || e2 != nil || !errors.Is(err, ErrFull) {
		t.Errorf("%v, %v, %v", e1, e2, err)
	}
}
