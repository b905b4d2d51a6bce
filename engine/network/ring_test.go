package network

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// FuzzRing compares the ring with a plain slice. Each byte of the script is one
// step: even writes, odd reads.
func FuzzRing(f *testing.F) {
	f.Add([]byte{0, 2, 4, 255, 254, 1, 3, 5, 200, 201})
	f.Add([]byte{254, 254, 254, 254, 255, 254, 255, 255, 255, 255, 0, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		var r ring
		var model []byte
		next := byte(0)
		for _, step := range script {
			n := int(step) * int(step) * 3
			if step%2 == 0 {
				p := make([]byte, n)
				for i := range p {
					next++
					p[i] = next
				}
				done := r.write(p)
				if done != min(n, ringMax-len(model)) {
					t.Fatalf("wrote %d of %d with %d inside", done, n, len(model))
				}
				next -= byte(n - done)
				model = append(model, p[:done]...)
			} else {
				p := make([]byte, n)
				done := r.read(p)
				if want := model[:min(n, len(model))]; !bytes.Equal(p[:done], want) {
					t.Fatalf("read %d bytes that are not the %d written", done, len(want))
				}
				model = model[done:]
			}
			if r.n != len(model) || len(r.buf) > ringMax {
				t.Fatalf("holds %d of %d bytes in a buffer of %d", r.n, len(model), len(r.buf))
			}
		}
	})
}

func TestRingShrinks(t *testing.T) {
	var r ring
	big := make([]byte, ringMax)
	r.write(big)
	r.read(big)
	if len(r.buf) != ringMax {
		t.Fatalf("buffer is %d", len(r.buf))
	}
	for range 10 {
		r.write(big[:10])
		r.read(big)
	}
	if len(r.buf) != ringMin {
		t.Errorf("after small use the buffer is still %d", len(r.buf))
	}
}

// TestPipeModel does random things to both ends of a connection and compares
// with what TCP promises: bytes in order, then end of file or an error.
func TestPipeModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 80 {
		a, b := pair(t)
		m := &model{t: t, r: r}
		m.ends = [2]*end{{c: a}, {c: b}}
		for range 60 {
			m.step()
		}
	}
}
