package terminal

import (
	"bytes"
	"testing"
)

func TestARingKeepsTheEnd(t *testing.T) {
	var r ring
	var all []byte
	for i := range 3000 {
		p := bytes.Repeat([]byte{byte('a' + i%26)}, i%97)
		if i%5 == 0 {
			p = append(p, '\n')
		}
		r.put(p)
		all = append(all, p...)
		for _, pos := range []int64{0, r.start, int64(len(all)) - 10, int64(len(all)), int64(len(all)) + 7} {
			at := r.from(pos)
			if got := r.part(at, len(all)); !bytes.Equal(got, all[at:]) {
				t.Fatalf("after %d, from %d: %d bytes at %d", i, pos, len(got), at)
			}
			if pos >= max(r.start, 0) && pos <= int64(len(all)) && at != pos {
				t.Fatalf("from %d is %d, though it is there", pos, at)
			}
			if at != pos && at > 0 && all[at-1] != '\n' {
				t.Fatalf("from %d begins within a line", pos)
			}
		}
		if len(r.data) > 2*keep {
			t.Fatalf("%d bytes are kept", len(r.data))
		}
	}
	if r.start == 0 || len(r.data) < keep {
		t.Errorf("%d bytes are kept from %d", len(r.data), r.start)
	}
	if got := r.part(r.from(r.end()-100), 7); len(got) != 7 {
		t.Errorf("%d bytes of 7", len(got))
	}
}
