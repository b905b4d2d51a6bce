package main

import (
	"testing"
)

// A look is a language and a theme.
type look struct{ lang, theme string }

// looks are each language and each theme once.
var looks = []look{{"en", "light"}, {"zh-CN", "dark"}}

func (l look) String() string { return l.lang + "-" + l.theme }

// TestJourneys goes the ways of a learner, with a browser, on a cluster that no
// address outside of this computer can be reached from.
func TestJourneys(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	if !isolated(t) {
		return
	}
	_ = looks
}
