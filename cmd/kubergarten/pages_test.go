package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/engine/conformance/isolation"
	"kubergarten/ui/browser"
)

// everyPage is each kind of page once.
var everyPage = []string{
	"/", "/cluster", "/terminal", "/lessons", "/lessons/01-components", "/lessons/02-pods", "/lessons/03-init-containers", "/lessons/04-services", "/lessons/05-replicas", "/lessons/progress", "/about/licences", "/nowhere",
	"/r/", "/r/v1.pods", "/r/v1.pods?namespace=nowhere", "/r/v1.nosuch", "/r/new",
	"/r/v1.pods/kube-system/etcd-control-plane", "/r/v1.pods/kube-system/etcd-control-plane/logs", "/r/v1.pods/kube-system/etcd-control-plane/edit",
	"/r/apps.v1.deployments/kube-system/coredns", "/r/apps.v1.deployments/kube-system/coredns/undo", "/r/apps.v1.deployments/kube-system/coredns/scale",
	"/r/v1.configmaps/kube-system/coredns",
}

// TestEveryPage judges each page of a real cluster by WCAG 2.2 AA in each theme
// and language, sees that at 200 % zoom nothing must be scrolled sideways, and
// comes to everything on it by keyboard alone. No address outside of this
// computer can be reached.
func TestEveryPage(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	if !isolation.Offline(t) {
		return
	}
	s := newServer(t)
	s.start()
	s.waitReady()
	b := browser.New(t)
	j := judge{b, b.NewAxe(), pageOf(s.link)}
	j.page("/login")
	b.Do(browser.Open(s.link), browser.See("#start-nodes"))
	for _, page := range everyPage {
		j.page(page)
	}
	// A lesson that is under way, beside its terminal.
	b.Do(browser.Open(j.base+"/lessons/01-components"), browser.Click("#lesson-head form button"), browser.See("#step-path .kg-predict"))
	j.page("/lessons/01-components")
	b.Innocent()
}

// A judge looks at pages.
type judge struct {
	*browser.Browser
	axe  *browser.Axe
	base string
}

func (j judge) page(path string) {
	j.Helper()
	for _, theme := range []string{"light", "dark"} {
		for _, lang := range []string{"en", "zh-CN"} {
			j.Do(browser.Size(1280, 720), browser.Open(j.base+path))
			j.Choose(theme, lang)
			if found := j.Findings(j.axe); found != "" {
				j.Errorf("%s, %s, %s: %s", path, theme, lang, found)
			}
			j.Shot("page" + path + "-" + theme + "-" + lang)
			// 1280 CSS pixels at 200 % are 640.
			j.Do(browser.Size(640, 360))
			if wide := browser.Eval[int64](j.Browser, `document.documentElement.scrollWidth`); wide > 640 {
				j.Errorf("%s, %s: %d pixels wide at 200 %% zoom", path, lang, wide)
			}
		}
	}
	j.Do(browser.Size(1280, 720))
	for _, missed := range j.Unreached(".xterm-helper-textarea", browser.Chord(kb.F6, kb.ModifierShift)) {
		j.Errorf("%s: Tab never comes to %s", path, missed)
	}
}
