package guest

import (
	"errors"
	"strings"
	"testing"
)

func TestModule(t *testing.T) {
	if _, err := Module("nosuch"); !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), "make guests") {
		t.Errorf("got %v", err)
	}
	for _, name := range Names() {
		m, err := Module(name)
		if err != nil || !strings.HasPrefix(string(m), "\x00asm\x01") {
			t.Errorf("%s: %v", name, err)
		}
		if len(m) > 12<<20 {
			t.Errorf("%s has %d bytes: too much to compile at every first start", name, len(m))
		}
	}
}
