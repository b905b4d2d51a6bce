package ui

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kubergarten/ui/browser"
	"kubergarten/ui/text"
)

// TestTroubleByAxe judges what the pages show only when something is wrong, is
// asked or is compared, in each theme and language; all of it is a stop of Tab.
func TestTroubleByAxe(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a cluster")
	}
	g := newGarden(t)
	g.breakImage("ill")
	g.apply(fmt.Sprintf(door, "ill", "well", 80))
	g.until("/apis/apps/v1/namespaces/default/deployments/ill", func(u *unstructured.Unstructured) bool {
		return u.GetAnnotations()["deployment.kubernetes.io/revision"] == "2"
	})
	s := g.site(t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	j := judgement{b, b.NewAxe()}
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	ill := s.base + page(deployments, "ill")
	// send reviews the text of the editor with something put for something else.
	send := func(old, now string) browser.Step {
		return browser.Wait(fmt.Sprintf(`(() => {
			const field = document.querySelector("[data-editor]"), form = field?.form;
			if (!document.querySelector(".cm-content")) return false;
			field.value = field.value.replace(%q, %q);
			form.requestSubmit(form.querySelector("[data-check]"));
			return true;
		})()`, old, now))
	}
	for name, stage := range map[string]struct {
		at    string
		steps []browser.Step
	}{
		"trouble": {ill, []browser.Step{browser.See("#resource-why .kg-offers")}},
		"service": {s.base + page(services, "ill"), []browser.Step{browser.See("#resource-why .kg-offers")}},
		"history": {ill + "/undo", []browser.Step{browser.See(".kg-diff")}},
		"image":   {ill, []browser.Step{browser.Click("#action-image"), browser.See("#resource-image[open]")}},
		"scale":   {ill, []browser.Step{browser.Click("#action-scale"), browser.See("#resource-scale[open]")}},
		"delete":  {ill, []browser.Step{browser.Click("#action-delete"), browser.See("#resource-delete[open]")}},
		"diff":    {ill + "/edit", []browser.Step{send("replicas: 2", "replicas: 1"), browser.See("[data-apply]")}},
		"problem": {ill + "/edit", []browser.Step{send("replicas: 2", "replicas: two"), browser.See("[data-problems]")}},
	} {
		for _, theme := range []string{"light", "dark"} {
			for _, lang := range text.Languages() {
				b.Do(browser.Size(1280, 720), browser.Open(stage.at))
				b.Choose(theme, lang)
				b.Do(stage.steps...)
				if broken := b.Findings(j.axe); broken != "" {
					t.Errorf("%s, %s, %s: %s", name, theme, lang, broken)
				}
				b.Shot("trouble-" + name + "-" + theme + "-" + lang)
				b.Do(browser.Size(640, 360))
				if wide := browser.Eval[string](b, tooWide); wide != "" {
					t.Errorf("%s, %s: at 200 %% zoom too wide: %s", name, lang, wide)
				}
			}
		}
		b.Do(browser.Size(1280, 720))
		// A modal dialog holds Tab; the rest of the page is behind it.
		if browser.Eval[bool](b, `!document.querySelector("dialog[open]")`) {
			for _, missed := range b.Unreached("", nil) {
				t.Errorf("%s: Tab never comes to %s", name, missed)
			}
		}
		browser.Eval[any](b, `(() => { const f = document.querySelector("[data-editor]")?.form; f?.dispatchEvent(new Event("submit", { cancelable: true })); })()`)
	}
	b.Innocent()
}
