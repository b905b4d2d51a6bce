package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// An Axe is axe-core, which judges a page by WCAG 2.2 AA.
type Axe struct{ script string }

// NewAxe finds axe-core where "make browser" puts it. Without it the test is
// skipped.
func (b *Browser) NewAxe() *Axe {
	b.Helper()
	_, here, _, _ := runtime.Caller(0)
	script, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		b.Skip("axe-core is not here: run 'make browser'")
	}
	return &Axe{string(script)}
}

// Findings are axe's serious and critical ones of the page as it is, "" none.
// DevTools brings the script in, past the page's content security policy.
func (b *Browser) Findings(a *Axe) string {
	b.Helper()
	return strings.Join(Eval[[]string](b, a.script+`;
		axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((r) => r.violations
			.filter((v) => ["serious", "critical"].includes(v.impact))
			.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " (" + n.failureSummary + ")").join(", ")))`), "\n")
}

// Choose makes a choice of the page's header, by its form, unless it is made:
// the theme ("auto", "light", "dark") and the language.
func (b *Browser) Choose(theme, lang string) {
	b.Helper()
	b.pick("kg-theme", theme, `document.documentElement.dataset.theme`)
	b.pick("kg-lang", lang, `document.documentElement.lang`)
}

func (b *Browser) pick(id, value, now string) {
	b.Helper()
	made := fmt.Sprintf(`document.readyState === "complete" && %s === %q`, now, value)
	b.Do(Wait(`document.readyState === "complete"`))
	if !Eval[bool](b, made) {
		Eval[any](b, fmt.Sprintf(`(() => { const s = document.getElementById(%q); s.value = %q; s.dispatchEvent(new Event("change")); })()`, id, value))
		b.Do(Wait(made))
	}
}
