package main

import (
	"strings"
	"sync"
	"testing"
)

// TestFirst: the first bytes of a stream are kept and no more, and can be read
// while it brings more, as when the time of a probe is up.
func TestFirst(t *testing.T) {
	f := &first{n: 10}
	var stream sync.WaitGroup
	stream.Go(func() {
		for range 100 {
			if n, err := f.Write([]byte("abc")); n != 3 || err != nil {
				t.Errorf("write: %d, %v", n, err)
			}
		}
	})
	for range 100 {
		if got := f.String(); !strings.HasPrefix("abcabcabca", got) {
			t.Errorf("kept %q", got)
		}
	}
	stream.Wait()
	if got := f.String(); got != "abcabcabca" {
		t.Errorf("kept %q", got)
	}
}
