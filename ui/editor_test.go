package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// TestTheEditorKeepsWhatIsTyped: not the end of the session, nor the server's,
// nor somebody else's change takes it.
func TestTheEditorKeepsWhatIsTyped(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a cluster")
	}
	g, dir := newGarden(t), t.TempDir()
	g.apply(fmt.Sprintf(settings, "typed"))
	token := g.token("typist", `[{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]`)
	s := g.site(dir, "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.base+"/r/v1.configmaps/default/typed/edit"), browser.Type("#kg-token", token+"\r"), browser.See(".cm-content"))
	b.Do(browser.Reach(".cm-content"), browser.Chord("f", kb.ModifierCtrl), browser.See(".cm-search"), browser.Keys("green"), browser.Keys(kb.Enter), browser.Keys(kb.Escape),
		browser.Wait(`document.activeElement.matches(".cm-content")`), browser.Keys("much greener"))
	typed := func(when string) {
		t.Helper()
		if got := browser.Eval[string](b, `document.querySelector(".cm-content").innerText`); !strings.Contains(got, "colour: much greener") {
			t.Errorf("%s the editor holds\n%s", when, got)
		}
		if browser.Eval[bool](b, `window.dispatchEvent(new Event("beforeunload", { cancelable: true }))`) {
			t.Errorf("%s one may leave without a question", when)
		}
	}
	review := browser.Chord(kb.Enter, kb.ModifierCtrl)
	b.Do(review, browser.Text(".kg-diff", "+  colour: much greener"))
	typed("after a review")

	// The session ends.
	logOut(b)
	b.Do(browser.See("#kg-again[open] #kg-token"), browser.Type("#kg-again #kg-token", token+"\r"), browser.Gone("dialog"))
	typed("after another login")

	// The server goes and comes back.
	s.stop()
	b.Do(browser.See("#kg-lost"), browser.Reach(".cm-content"), review, browser.Text("#kg-toasts", "cannot be reached"))
	again := g.site(dir, s.srv.addr.String())
	b.Do(browser.Gone("#kg-lost"))
	typed("after the server came back")

	// Somebody else changes the object.
	g.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: typed}\ndata: {colour: green, size: theirs}")
	b.Do(browser.Reach(".cm-content"), review, browser.Text("#resource-result", "Someone else has changed this object"), browser.Text(".kg-diff", "+  size: theirs"))
	typed("after a conflict")
	b.Shot("editor-conflict")
	b.Do(browser.Click(`#resource-result button[name="over"]`), browser.Text(".kg-diff", "+  colour: much greener"), browser.Click("[data-apply]"), browser.See("#resource-data"))
	if now := (room{garden: g, site: again, t: t}).read("/api/v1/namespaces/default/configmaps/typed"); data(now)["colour"] != "much greener" {
		t.Errorf("applied: %v", data(now))
	}
	b.Innocent()
}

// TestObjectsLive: lists, details and logs follow what happens, and the focus
// stays where it is.
func TestObjectsLive(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a cluster")
	}
	g := newGarden(t)
	s := g.site(t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"), browser.Open(s.base+"/r/apps.v1.deployments?namespace=default"), browser.Text("#resource-list", "Nothing here"))
	g.apply(fmt.Sprintf(shop, "first", 1, "nginx:1.27", "8Mi"))
	b.Do(browser.Text("#resource-list", "first"), browser.Text("#resource-list", "1/1"))
	g.apply(fmt.Sprintf(shop, "second", 0, "nginx:1.27", "8Mi"))
	b.Do(browser.Text("#resource-list", "second"))
	// The filter holds for what comes.
	b.Do(browser.Type("[data-filter]", "second"), browser.Gone(link(page(deployments, "first"))))
	g.apply(fmt.Sprintf(shop, "third", 0, "nginx:1.27", "8Mi"))
	b.Do(browser.Wait(fmt.Sprintf(`!!document.querySelector(%q)`, link(page(deployments, "third")))), browser.Gone(link(page(deployments, "third"))))

	// An object: what it owns comes and goes; what one types stays.
	b.Do(browser.Click(link(page(deployments, "second"))), browser.Click("#action-scale"), browser.See("#resource-scale[open]"), browser.Reach("#resource-replicas"), browser.Chord("a", kb.ModifierCtrl), browser.Keys("2"))
	g.apply(fmt.Sprintf(shop, "second", 1, "nginx:1.27", "8Mi"))
	b.Do(browser.Text("#resource-tree", "second-"), browser.Text("#resource-events", "ScalingReplicaSet"))
	if got := browser.Eval[string](b, `document.activeElement.value`); got != "2" {
		t.Errorf("what was typed is %q", got)
	}
	b.Do(browser.Text("#resource-scale-command code", "--replicas=2"), browser.Keys(kb.Enter), browser.Text("#kg-toasts", "deployment.apps/second scaled"), browser.Gone("dialog"), browser.Text("#resource-status", "2/2"))
	// From the owner tree to a pod, to its log.
	b.Do(browser.Click(`#resource-tree a[href^="/r/v1.pods/"]`), browser.Click(`#resource-containers a[href*="/logs"]`), browser.See("[data-log]"))
	g.apply("apiVersion: v1\nkind: Pod\nmetadata: {name: ticks}\nspec: {containers: [{name: main, image: busybox, command: [sh, -c, 'while sleep 0.2; do echo tick; done']}]}")
	b.Do(browser.Open(s.base+page("v1.pods", "ticks")+"/logs"), browser.Wait(`document.getElementById("resource-log").innerText.split("tick").length > 8`))
	// Deleted, as the command says beside the form: one reads so.
	b.Do(browser.Click(`.kg-tabs a[href$="/ticks"]`), browser.Click("#action-delete"), browser.Text("#resource-delete-command code", "kubectl delete pod/ticks -n default"),
		browser.Type("#resource-grace", "1"), browser.Text("#resource-delete-command code", "kubectl delete pod/ticks -n default --grace-period=1"), browser.Keys(kb.Backspace),
		browser.Wait(`document.querySelector("#resource-delete-command code").textContent === "kubectl delete pod/ticks -n default"`), browser.Keys(kb.Escape), browser.Gone("dialog"))
	g.do("DELETE", "/api/v1/namespaces/default/pods/ticks?gracePeriodSeconds=0", "", "")
	b.Do(browser.Text("#resource-status", "Deleted"))
	b.Innocent()
}
