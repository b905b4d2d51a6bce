package resource

import (
	"context"
	"net/http"
	"net/url"

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

// followList sends the table whenever a row has changed.
func (p pages) followList(ctx context.Context, q url.Values, send func(...frame.Part)) error {
	gvr, err := kube.ParseGVR(q.Get("gvr"))
	if err != nil {
		return err
	}
	c, err := kube.New(frame.From(ctx).REST)
	if err != nil {
		return err
	}
	l := listing{Namespace: q.Get("namespace"), Wide: q.Get("wide") != ""}
	if l.Kind, err = c.Kind(ctx, gvr); err != nil {
		return err
	}
	t := kube.Target{GroupVersionResource: gvr, Namespace: l.Namespace}
	return c.Follow(ctx, p.clock, t, kube.Options{Limit: most}, func(now *kube.Table) {
		l := l
		l.Table = now
		send(frame.Part{Target: "resource-list", HTML: listTable(l, p.clock.Now())})
	})
}
