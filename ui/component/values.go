package component

import "github.com/a-h/templ"

// An Outline is what Layout lays out.
type Outline struct {
	Title, Nav, Live string
	Scripts, Styles  []string
	// User is the visitor's name; without one there is no navigation yet.
	Lang, Theme, User string
	// Ref is the page's own path and query, to come back to.
	Ref string
	// Offers tells whether there is a page at a path; nil: at each.
	Offers func(path string) bool
	Body   templ.Component
}

// A ButtonLook says what a button is. With Href it is a link.
type ButtonLook struct {
	Label string
	// Kind is "" (plain), "primary", "quiet" or "danger".
	Kind string
	// Icon is the name of an icon before the label, or none.
	Icon string
	// Type is "button" (also when empty) or "submit".
	Type string
	Href string
	// Attrs are further attributes (hx-post, name, value, disabled, ...).
	Attrs templ.Attributes
}

// Statuses that Badge knows.
const (
	OK   = "ok"
	Warn = "warn"
	Bad  = "bad"
	Busy = "busy"
	Off  = "off"
)

// A TableLook is a table: a caption, columns, rows.
type TableLook struct {
	ID, Caption string
	Columns     []Column
	Rows        []Row
	// Empty is shown instead of rows when there are none.
	Empty templ.Component
}

// A Column is a column's head. Numbers are set to the right.
type Column struct {
	Name    string
	Numeric bool
	// Minor columns are left out on narrow screens.
	Minor bool
}

// A Row is one line of a table. Cells are one per column.
type Row struct {
	ID    string
	Cells []templ.Component
}

// A Tab is a link of Tabs.
type Tab struct {
	Label, Href string
	Current     bool
	// Attrs are further attributes (hx-get, ...).
	Attrs templ.Attributes
}
