package resource

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// most is how many rows a list shows.
const most = 500

// A listing is a list as the page shows it.
type listing struct {
	Kind       kube.Kind
	Namespace  string // "" for all
	Namespaces []string
	Filter     string
	Wide       bool
	Table      *kube.Table
}

// list is the page of one kind's objects.
func (p pages) list(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	l := listing{Kind: s.Kind, Namespace: r.FormValue("namespace"), Filter: r.FormValue("q"), Wide: r.FormValue("wide") != ""}
	if !l.Kind.Namespaced {
		l.Namespace = ""
	}
	s.Namespace = l.Namespace
	if l.Table, err = s.client.Table(r.Context(), s.Target, kube.Options{Limit: most}); err != nil {
		return err
	}
	if l.Kind.Namespaced {
		// Who may not list namespaces gets a field instead of the choice.
		l.Namespaces, _ = s.client.Namespaces(r.Context())
	}
	l.sift()
	page := frame.Page{Title: s.Kind.Kind, Body: listPage(l, p.clock.Now())}
	if s.Kind.Can("watch") {
		page.Live = "resources?" + l.query().Encode()
	}
	p.show(w, r, http.StatusOK, page)
	return nil
}

// query is what the live source needs to know.
func (l listing) query() url.Values {
	q := url.Values{"gvr": {kube.FormatGVR(l.Kind.GroupVersionResource)}}
	if l.Namespace != "" {
		q.Set("namespace", l.Namespace)
	}
	if l.Wide {
		q.Set("wide", "1")
	}
	return q
}

// command is how kubectl lists the same.
func (l listing) command() string {
	args := []string{"get", l.Kind.Word()}
	switch {
	case l.Namespace != "":
		args = append(args, kube.In(l.Namespace)...)
	case l.Kind.Namespaced:
		args = append(args, "-A")
	}
	if l.Wide {
		args = append(args, "-o", "wide")
	}
	return kube.Command(args...)
}

// columns are those shown: kubectl's, or all of them.
func (l listing) columns() (at []int) {
	for i, c := range l.Table.Columns {
		if c.Priority == 0 || l.Wide {
			at = append(at, i)
		}
	}
	return at
}

// sift leaves the rows that the filter fits; with a script the page does it
// while one types.
func (l *listing) sift() {
	letters := strings.ToLower(strings.TrimSpace(l.Filter))
	l.Table.Rows = slices.DeleteFunc(l.Table.Rows, func(r *kube.Row) bool { return !l.fits(r, letters) })
}

// fits tells whether the row shows the letters, which are small.
func (l *listing) fits(r *kube.Row, letters string) bool {
	if strings.Contains(strings.ToLower(r.Meta.Namespace+" "+r.Meta.Name), letters) {
		return true
	}
	return slices.ContainsFunc(l.columns(), func(i int) bool {
		return i < len(r.Cells) && strings.Contains(strings.ToLower(r.Cells[i]), letters)
	})
}

// empty are the words for a list without rows.
func (l *listing) empty() (title, hint string) {
	if l.Filter != "" {
		return "resource.no-match", "resource.no-match-hint"
	}
	return "resource.empty", "resource.empty-hint"
}
