package component

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"kubergarten/ui/text"
)

// hostile is what a learner may call things.
const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&`

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(text.With(t.Context(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// all is one of each component, with hostile words in every place.
func all() map[string]templ.Component {
	now := time.Unix(1e9, 0)
	attrs := templ.Attributes{"data-x": hostile}
	return map[string]templ.Component{
		"text": Text(hostile), "link": Link("/r/"+hostile, hostile),
		"button":    Button(ButtonLook{Label: hostile, Kind: hostile, Icon: hostile, Attrs: attrs}),
		"as a link": Button(ButtonLook{Label: hostile, Href: "javascript:alert(1)//" + hostile}),
		"badge":     Badge(hostile, hostile), "toast": Toast(hostile, hostile), "dialog": Dialog(hostile, hostile),
		"table": Table(TableLook{ID: hostile, Caption: hostile, Columns: []Column{{Name: hostile}}, Rows: []Row{{hostile, []templ.Component{Text(hostile)}}}}),
		"empty": Table(TableLook{Caption: hostile, Columns: []Column{{Name: hostile}}, Empty: Empty(hostile, hostile)}),
		"tabs":  Tabs(hostile, []Tab{{Label: hostile, Href: "/" + hostile, Current: true, Attrs: attrs}}),
		"bar":   Bar(1, 2, hostile), "command": Command("kubectl delete pod " + hostile), "icon": Icon(hostile), "time": Time(now, now),
		"layout": Layout(Outline{Title: hostile, Nav: hostile, Live: hostile, Lang: hostile, Theme: hostile, User: hostile, Ref: "/" + hostile, Scripts: []string{hostile}, Styles: []string{hostile}, Body: Text(hostile)}),
	}
}

func TestHostileWordsAreInert(t *testing.T) {
	active := regexp.MustCompile(`<script>|<img|<[^>]*\sonerror=[^>"]*>|href="javascript:|\sstyle=|<style`)
	// What stands in quotes is a value, whatever is in it.
	values := regexp.MustCompile(`"[^"]*"`)
	for name, c := range all() {
		for _, lang := range text.Languages() {
			html := render(t, lang, c)
			if hit := active.FindString(values.ReplaceAllString(html, `""`)); hit != "" {
				t.Errorf("%s in %s: %q in %s", name, lang, hit, html)
			}
			if strings.Contains(html, `href="javascript:`) {
				t.Errorf("%s in %s: a link runs a script", name, lang)
			}
			if strings.Contains(html, "[layout.") {
				t.Errorf("%s in %s lacks a text", name, lang)
			}
		}
	}
}

func TestBadgesAreMoreThanColour(t *testing.T) {
	icons := map[string]string{}
	path := regexp.MustCompile(` d="([^"]+)"`)
	for _, status := range []string{OK, Warn, Bad, Busy, Off} {
		html := render(t, text.English, Badge(status, "Word"))
		m := path.FindStringSubmatch(html)
		if m == nil || !strings.Contains(html, "Word") {
			t.Fatalf("%s has no icon or no word: %s", status, html)
		}
		if other, taken := icons[m[1]]; taken {
			t.Errorf("%s looks like %s", status, other)
		}
		icons[m[1]] = status
	}
}

func TestBars(t *testing.T) {
	for name, tt := range map[string]struct {
		value, most float64
		width, kind string
	}{
		"empty":        {0, 10, "0.0", "kg-ok"},
		"half":         {5, 10, "50.0", "kg-ok"},
		"nearly full":  {8, 10, "80.0", "kg-warn"},
		"full":         {10, 10, "100.0", "kg-bad"},
		"overfull":     {30, 10, "100.0", "kg-bad"},
		"of nothing":   {5, 0, "0.0", "kg-ok"},
		"negative":     {-5, 10, "0.0", "kg-ok"},
		"not a number": {math.NaN(), math.NaN(), "0.0", "kg-ok"},
		"of infinity":  {math.Inf(1), math.Inf(1), "0.0", "kg-ok"},
	} {
		if w, k := share(tt.value, tt.most), full(tt.value, tt.most); w != tt.width || k != tt.kind {
			t.Errorf("%s: %s %s, want %s %s", name, w, k, tt.width, tt.kind)
		}
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for want, at := range map[string]time.Time{
		">90s</time>":                     now.Add(-90 * time.Second),
		">3m20s</time>":                   now.Add(-200 * time.Second),
		">0s</time>":                      now.Add(time.Minute), // a clock that runs ahead
		`datetime="2026-11-21T11:00:00Z"`: now.Add(-time.Hour),
		`data-age="3600"`:                 now.Add(-time.Hour),
		"–":                               {},
	} {
		if html := render(t, text.English, Time(at, now)); !strings.Contains(html, want) {
			t.Errorf("%v lacks %s: %s", at, want, html)
		}
	}
}

func TestWhereATabsStreamIs(t *testing.T) {
	for want, o := range map[string]Outline{
		"":                        {Live: "cluster"},
		"/live/none":              {User: "ann"},
		"/live/cluster":           {User: "ann", Live: "cluster"},
		"/live/list?a=b&c=d%20e":  {User: "ann", Live: "list?a=b&c=d%20e"},
		"/live/a%2F..%2Fb%20%3Cc": {User: "ann", Live: "a/../b <c"},
	} {
		if got := live(o); got != want {
			t.Errorf("live(%+v) = %q, want %q", o, got, want)
		}
	}
}

func TestCurrentPageIsMarked(t *testing.T) {
	for _, current := range []string{"cluster", "resources", "lessons", "terminal"} {
		if n := strings.Count(render(t, text.English, Nav(current, func(string) bool { return true })), `aria-current="page"`); n != 1 {
			t.Errorf("%s: %d entries are current", current, n)
		}
	}
}
