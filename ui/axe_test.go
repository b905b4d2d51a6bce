package ui

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
	"kubergarten/ui/text"
)

// TestAxe judges each page in each theme and language by WCAG 2.2 AA, and sees
// that at 200 % zoom nothing must be scrolled sideways.
func TestAxe(t *testing.T) {
	s := newSite(t, t.TempDir())
	b := browser.New(t)
	j := judgement{b, b.NewAxe()}
	j.audit(s.base, "/login")
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	browser.Eval[any](b, `document.body.insertAdjacentHTML("beforeend", "<img src=x>")`)
	if b.Findings(j.axe) == "" {
		t.Fatal("a picture without words is no finding: axe does not judge")
	}
	j.audit(s.base, "/", "/cluster", "/about/licences", "/nowhere")
}

// TestDialogsByAxe judges what opens over a page: the sheet of keys, the
// palette and the login of a session that has ended.
func TestDialogsByAxe(t *testing.T) {
	s := newSite(t, t.TempDir())
	b := browser.New(t)
	j := judgement{b, b.NewAxe()}
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	j.each(func(theme, lang string) {
		b.Do(browser.Open(s.base + "/about/licences"))
		b.Choose(theme, lang)
		for dialog, open := range map[string]browser.Step{
			"#kg-keys[open] kbd":              browser.Keys("?"),
			"#kg-palette[open] [role=option]": browser.Chord("k", kb.ModifierCtrl),
			"#kg-again[open] [type=password]": browser.Wait(`document.dispatchEvent(new CustomEvent("kg:login"))`),
		} {
			b.Do(open, browser.See(dialog))
			if broken := j.Findings(j.axe); broken != "" {
				t.Errorf("%s, %s, %s: %s", dialog, theme, lang, broken)
			}
			b.Shot(fmt.Sprintf("dialog-%.4s-%s-%s", dialog[4:], theme, lang))
			b.Do(browser.Keys(kb.Escape), browser.Gone("dialog"))
		}
	})
	b.Innocent()
}

// A judgement is what axe finds in pages.
type judgement struct {
	*browser.Browser
	axe *browser.Axe
}

func (j judgement) audit(base string, pages ...string) {
	j.Helper()
	for _, page := range pages {
		j.each(func(theme, lang string) { j.one(base+page, theme, lang) })
	}
}

// each is every theme and language.
func (j judgement) each(judge func(theme, lang string)) {
	for _, theme := range []string{"light", "dark"} {
		for _, lang := range text.Languages() {
			judge(theme, lang)
		}
	}
}

func (j judgement) one(page, theme, lang string) {
	j.Helper()
	j.Do(browser.Size(1280, 720), browser.Open(page))
	j.Choose(theme, lang)
	if broken := j.Findings(j.axe); broken != "" {
		j.Errorf("%s, %s, %s: %s", page, theme, lang, broken)
	}
	// 1280 CSS pixels at 200 % are 640.
	j.Do(browser.Size(640, 360))
	if wide := browser.Eval[string](j.Browser, tooWide); wide != "" {
		j.Errorf("%s, %s: at 200 %% zoom too wide: %s", page, lang, wide)
	}
}
