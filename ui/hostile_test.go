package ui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kubergarten/ui/browser"
)

// evil is HTML that runs a script wherever it is not text. The page that it
// runs in is owned.
const evil = `<img src=x onerror="window.kgOwned=1"><script>window.kgOwned=2</script>"'--></pre></textarea><svg onload=window.kgOwned=3>{{kgOwned}}`

// evilNames are names that the API server takes: some kinds allow what a path
// segment can hold.
var evilNames = []string{
	`<img src=x onerror=window.kgOwned=1>`, `"><svg onload=window.kgOwned=1>`, `javascript:window.kgOwned=1`, `'; rm -rf ~ #$(reboot)`, "turned \u202e dnuora",
}

// TestHostile shows what others have written into objects and logs: it is text.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a cluster")
	}
	g := newGarden(t)
	g.poison()
	s := g.site(t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	open := func(path string) {
		t.Helper()
		b.Do(browser.Open(s.base+path), browser.Wait(`document.readyState === "complete"`))
	}
	shown := func(path string, says ...string) {
		t.Helper()
		for _, text := range says {
			b.Do(browser.Wait(fmt.Sprintf(`(document.getElementById("content").textContent + [...document.querySelectorAll("textarea, input")].map((e) => e.value)).includes(%s)`, quoted(text))))
		}
		if found := browser.Eval[string](b, `String(window.kgOwned ?? "") + [...document.querySelectorAll("#content :is(img:not(.cm-widgetBuffer), iframe, object, embed, base, script, [onload], [onerror], [href^=javascript])")].map((e) => e.outerHTML)`); found != "" {
			t.Errorf("%s is owned: %s", path, found)
		}
		b.Shot("hostile" + path)
	}
	inert := func(path string, says ...string) {
		t.Helper()
		open(path)
		shown(path, says...)
	}
	open("/cluster")
	g.happens("seen") // the page has the newest only
	shown("/cluster", evil)
	inert("/r/v1.configmaps?namespace=default&q="+url.QueryEscape(evil), evil)
	inert("/r/v1.pods?wide=1", "poisoned")
	inert("/r/v1.events", evil)
	inert("/r/v1.configmaps/default/poisoned", evil)
	inert("/r/v1.configmaps/default/poisoned/edit", evil[:20])
	inert("/r/v1.pods/default/poisoned", evil)
	inert("/r/v1.pods/default/poisoned/logs", "said: "+evil, "red plain")
	inert("/r/apps.v1.deployments/default/poisoned/undo", "revision")
	inert("/r/rbac.authorization.k8s.io.v1.clusterroles", evilNames[0], evilNames[1], evilNames[2])
	for _, name := range evilNames {
		at := "/r/rbac.authorization.k8s.io.v1.clusterroles/_/" + url.PathEscape(name)
		inert(at, name)
		inert(at+"/edit", "ClusterRole")
		inert(at+"/delete", "kubectl delete ")
	}
	if log := browser.Eval[string](b, `fetch("/r/v1.pods/default/poisoned/logs").then((r) => r.text())`); strings.ContainsAny(log, "\x1b\u202e\x07\u009b") {
		t.Error("the log controls what shows it")
	}

	// What comes while one looks is no more than text either.
	inert("/r/v1.configmaps/default/poisoned", evil)
	g.apply(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "poisoned", "annotations": {"x.io/live": ` + quoted("live: "+evil) + `}}, "data": {"live": ` + quoted("also: "+evil) + `}}`)
	b.Do(says("#resource-status", "live: "+evil), browser.Text("#resource-data", "also: "+evil))
	if browser.Eval[bool](b, `"kgOwned" in window || !!document.querySelector("#content :is(img, script)")`) {
		t.Error("an update owns the page")
	}
	b.Innocent()
}

// quoted is a string of JavaScript, and of JSON.
func quoted(s string) string {
	out, _ := json.Marshal(s) // a string can always be written
	return string(out)
}

// poison writes evil wherever the API server and a container let it.
func (g *garden) poison() {
	g.t.Helper()
	g.apply(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "poisoned", "annotations": {"x.io/evil": ` + quoted(evil) + `}}, "data": {"evil": ` + quoted(evil) + `}}`)
	for _, name := range evilNames {
		status, said := g.do("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "application/json", `{"metadata": {"name": `+quoted(name)+`, "annotations": {"x.io/evil": `+quoted(evil)+`}}}`)
		if status != http.StatusCreated {
			g.t.Fatalf("%q: %d %s", name, status, said)
		}
	}
	g.apply(`apiVersion: v1
kind: Pod
metadata: {name: poisoned, annotations: {x.io/evil: ` + quoted(evil) + `}}
spec:
  containers:
  - name: says
    image: busybox
    env: [{name: EVIL, value: ` + quoted("said: "+evil) + `}]
    command: [sh, -c, 'echo "$EVIL"; printf "\033[31mred\033[0m plain\033]0;title\007\033[2J\n"; printf "\342\200\256turned\n"; sleep 1d']
  - {name: pulls, image: "<img/src=x/onerror=window.kgOwned=1>"}`)
	g.apply(fmt.Sprintf(shop, "poisoned", 0, `"<svg/onload=window.kgOwned=1>"`, "8Mi"))
	g.happens("poisoned")
	status, said := g.do("PATCH", "/api/v1/namespaces/default/pods/poisoned/status", "application/strategic-merge-patch+json",
		`{"status": {"conditions": [{"type": "x.io/Evil", "status": "False", "reason": "Evil", "message": `+quoted(evil)+`}]}}`)
	if status != http.StatusOK {
		g.t.Fatalf("the condition: %d %s", status, said)
	}
}

// happens makes an event of that name, with evil in it.
func (g *garden) happens(name string) {
	g.t.Helper()
	now := time.Now().UTC().Format(time.RFC3339)
	status, said := g.do("POST", "/api/v1/namespaces/default/events", "application/json", `{"metadata": {"name": `+quoted(name)+`}, "type": "Warning", "reason": "Evil", "message": `+quoted(evil)+
		`, "involvedObject": {"kind": "Pod", "namespace": "default", "name": "poisoned"}, "source": {"component": "<b>evil</b>"}, "firstTimestamp": "`+now+`", "lastTimestamp": "`+now+`", "count": 1}`)
	if status != http.StatusCreated {
		g.t.Fatalf("the event: %d %s", status, said)
	}
}
