package resource

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// A problem is what the API server has against a text, in its words, and the
// line that it is about, from 1; 0 if that is unknown.
type problem struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// What the API server's words tell of a place.
var (
	atLine   = regexp.MustCompile(`line (\d+): ([^\n]*)`)
	unknown  = regexp.MustCompile(`(?:unknown|duplicate) field "([^"]+)"`)
	goField  = regexp.MustCompile(`Go (?:struct field|value) (?:\w+\.)?([\w.]+) of type`)
	hexDump  = regexp.MustCompile(`\s*\((?:[0-9a-f]{2}){4,}\)`)
	strictly = regexp.MustCompile(`^.*strict decoding error: `)
)

// problems are what an error has against a text whose lines begin after first.
func problems(text string, first int, err error) []problem {
	if err == nil {
		return nil
	}
	said := hexDump.ReplaceAllString(err.Error(), "")
	var api apierrors.APIStatus
	if errors.As(err, &api) && api.Status().Details != nil {
		var all []problem
		for _, c := range api.Status().Details.Causes {
			if c.Field != "" {
				all = append(all, problem{shift(lineOf(text, c.Field), first), c.Field + ": " + c.Message})
			}
		}
		if len(all) > 0 {
			return all
		}
	}
	if all := placed(text, first, said); len(all) > 0 {
		return all
	}
	return []problem{{0, said}}
}

// placed finds the places that words of the decoders name.
func placed(text string, first int, said string) (all []problem) {
	for _, m := range atLine.FindAllStringSubmatch(said, -1) {
		n, _ := strconv.Atoi(m[1])
		// Where several errors are joined, this one ends at the next.
		what, _, _ := strings.Cut(m[2], ", unknown field ")
		all = append(all, problem{shift(n, first), what})
	}
	for _, m := range unknown.FindAllStringSubmatch(said, -1) {
		all = append(all, problem{shift(lineOf(text, m[1]), first), m[0]})
	}
	if len(all) > 0 {
		return all
	}
	if m := goField.FindStringSubmatch(said); m != nil {
		return []problem{{shift(lineOf(text, m[1]), first), strictly.ReplaceAllString(said, "")}}
	}
	return nil
}

func shift(line, first int) int {
	if line == 0 {
		return 0
	}
	return line + first
}
