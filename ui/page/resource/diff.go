package resource

import (
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// around is how many lines that stay are shown around those that change.
const around = 3

// A diffLine is a line of a difference: '+', '-', ' ' or '@' where lines are
// left out.
type diffLine struct {
	Sign byte
	Text string
}

// diff is how b differs from a, line by line; nothing if it does not.
func diff(a, b string) (all []diffLine) {
	from, to := strings.Split(strings.TrimSuffix(a, "\n"), "\n"), strings.Split(strings.TrimSuffix(b, "\n"), "\n")
	for i, group := range difflib.NewMatcher(from, to).GetGroupedOpCodes(around) {
		if i > 0 {
			all = append(all, diffLine{'@', "…"})
		}
		for _, op := range group {
			if op.Tag == 'e' {
				all = append(all, lines(' ', from[op.I1:op.I2])...)
				continue
			}
			all = append(all, lines('-', from[op.I1:op.I2])...)
			all = append(all, lines('+', to[op.J1:op.J2])...)
		}
	}
	return all
}

func lines(sign byte, texts []string) (all []diffLine) {
	for _, t := range texts {
		all = append(all, diffLine{sign, t})
	}
	return all
}
