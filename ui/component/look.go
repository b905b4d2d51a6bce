package component

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
)

// class is the button's kind as a class.
func (b ButtonLook) class() string {
	if b.Kind == "" {
		return "kg-plain"
	}
	return "kg-" + b.Kind
}

// kind is the button's type attribute.
func (b ButtonLook) kind() string {
	if b.Type == "" {
		return "button"
	}
	return b.Type
}

func (c Column) class() string {
	switch {
	case c.Numeric && c.Minor:
		return "kg-num kg-minor"
	case c.Numeric:
		return "kg-num"
	case c.Minor:
		return "kg-minor"
	}
	return ""
}

// class is the class of a cell of column i.
func (t TableLook) class(i int) string {
	if i < len(t.Columns) {
		return t.Columns[i].class()
	}
	return ""
}

// offers tells whether the navigation leads to path.
func (o Outline) offers(path string) bool { return o.Offers == nil || o.Offers(path) }

// live is where the tab's stream is: of a source with its query, of none that
// only tells whether the server is there, or nowhere before the login.
func live(o Outline) string {
	switch {
	case o.User == "":
		return ""
	case o.Live == "":
		return "/live/none"
	}
	name, query, found := strings.Cut(o.Live, "?")
	if !found {
		return "/live/" + url.PathEscape(name)
	}
	return "/live/" + url.PathEscape(name) + "?" + query
}

// scheme is the theme in CSS's words.
func scheme(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return "light dark"
}

// share is value of max in per cent, from 0 to 100.
func share(value, most float64) string {
	return strconv.FormatFloat(100*part(value, most), 'f', 1, 64)
}

// full is the class of a bar that is filled so far.
func full(value, most float64) string {
	switch p := part(value, most); {
	case p >= 1:
		return "kg-bad"
	case p >= 0.8:
		return "kg-warn"
	}
	return "kg-ok"
}

func part(value, most float64) float64 {
	if !(most > 0) || !(value > 0) || math.IsInf(most, 1) { // also what is not a number
		return 0
	}
	return min(value/most, 1)
}

func age(t, now time.Time) string { return duration.HumanDuration(max(now.Sub(t), 0)) }

func seconds(t, now time.Time) string {
	return strconv.FormatFloat(max(now.Sub(t), 0).Seconds(), 'f', 0, 64)
}
