package nodeipam

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

func TestPieces(t *testing.T) {
	p := newPieces(netip.MustParsePrefix("10.244.0.0/16"), 24)
	for i, want := range []string{"10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"} {
		if got, ok := p.next(); !ok || got != want {
			t.Errorf("piece %d is %s, want %s", i, got, want)
		}
	}
	p.release("10.244.1.0/24")
	if got, _ := p.next(); got != "10.244.3.0/24" {
		t.Errorf("next is %s: what was freed a moment ago should rest", got)
	}
	for _, other := range []string{"10.245.0.0/24", "10.244.9.0/25", "nonsense", ""} {
		if _, ok := p.index(other); ok {
			t.Errorf("%q passes for a piece", other)
		}
	}
}

// TestPiecesAgainstAMap: random taking and freeing never hands out a piece twice,
// and the set is full exactly when it says so.
func TestPiecesAgainstAMap(t *testing.T) {
	p, model, r := newPieces(netip.MustParsePrefix("10.0.0.0/24"), 28), map[string]bool{}, rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		if r.IntN(2) == 0 {
			cidr, ok := p.next()
			if ok == (len(model) == 16) || ok && model[cidr] {
				t.Fatalf("got %s, %v with %d taken", cidr, ok, len(model))
			}
			if ok {
				model[cidr] = true
			}
			continue
		}
		for cidr := range model {
			p.release(cidr)
			delete(model, cidr)
			break
		}
	}
}
