package ui

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kubergarten/ui/text"
)

// axe is where "make browser" puts axe-core.
const axe = "axe/node_modules/axe-core/axe.min.js"

// TestAxe judges each page in each theme and language by WCAG 2.2 AA, and sees
// that at 200 % zoom nothing must be scrolled sideways.
func TestAxe(t *testing.T) {
	judge, err := os.ReadFile(axe)
	if err != nil {
		t.Skip("axe-core is not here: run 'make browser'")
	}
	s := newSite(t, t.TempDir())
	b := newBrowser(t)
	b.audit(string(judge), s.base, "/login")
	b.do(chromedp.Navigate(s.srv.Link()), see("#start-nodes"))
	eval[any](b, `document.body.insertAdjacentHTML("beforeend", "<img src=x>")`)
	if b.findings(string(judge)) == "" {
		t.Fatal("a picture without words is no finding: axe does not judge")
	}
	b.audit(string(judge), s.base, "/", "/cluster", "/about/licences", "/nowhere")
}

func (b *browser) audit(judge, base string, pages ...string) {
	b.t.Helper()
	for _, page := range pages {
		for _, theme := range []string{"light", "dark"} {
			for _, lang := range text.Languages() {
				b.do(chromedp.EmulateViewport(1280, 720), chromedp.Navigate(base+page))
				b.choose("kg-theme", theme, "theme")
				b.choose("kg-lang", lang, "lang")
				if broken := b.findings(judge); broken != "" {
					b.t.Errorf("%s, %s, %s: %s", page, theme, lang, broken)
				}
				// 1280 CSS pixels at 200 % are 640.
				b.do(chromedp.EmulateViewport(640, 360))
				if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > 640 {
					b.t.Errorf("%s, %s: %d pixels wide at 200 %% zoom", page, lang, wide)
				}
			}
		}
	}
}

// choose makes a choice of the header, by its form, unless it is made.
func (b *browser) choose(id, value, data string) {
	b.t.Helper()
	now := `(document.documentElement.dataset.` + data + ` ?? document.documentElement.lang) === "` + value + `"`
	if !eval[bool](b, now) {
		eval[any](b, `(() => { const s = document.getElementById("`+id+`"); s.value = "`+value+`"; s.dispatchEvent(new Event("change")); })()`)
		b.do(wait(`document.readyState === "complete" && ` + now))
	}
}

// findings are axe's serious and critical ones. DevTools brings the script in,
// past the page's content security policy.
func (b *browser) findings(judge string) string {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](judge+`;
		axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((r) => r.violations
			.filter((v) => ["serious", "critical"].includes(v.impact))
			.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " (" + n.failureSummary + ")").join(", ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(got, "\n")
}
