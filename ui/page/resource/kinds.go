package resource

import (
	"net/http"
	"slices"
	"strings"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// A group is an API group with its kinds.
type group struct {
	Name  string
	Kinds []kube.Kind
}

// kinds is the page of all kinds.
func (p pages) kinds(w http.ResponseWriter, r *http.Request) error {
	c, err := client(r)
	if err != nil {
		return err
	}
	all, err := c.Kinds(r.Context())
	if err != nil {
		return err
	}
	sought := r.FormValue("q")
	all = slices.DeleteFunc(all, func(k kube.Kind) bool { return !called(k, strings.ToLower(strings.TrimSpace(sought))) })
	p.show(w, r, http.StatusOK, frame.Page{Title: frame.T(r.Context(), "resource.kinds"), Body: kindsPage(grouped(all), sought)})
	return nil
}

// called tells whether a name of the kind has the letters, which are small.
func called(k kube.Kind, letters string) bool {
	return strings.Contains(strings.ToLower(strings.Join(append(k.ShortNames, k.Kind, k.Resource), " ")), letters)
}

// grouped are kinds by group, in the order of their first mention.
func grouped(all []kube.Kind) (groups []group) {
	for _, k := range all {
		if n := len(groups); n == 0 || groups[n-1].Name != k.Group {
			groups = append(groups, group{Name: k.Group})
		}
		g := &groups[len(groups)-1]
		g.Kinds = append(g.Kinds, k)
	}
	return groups
}
