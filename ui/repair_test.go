package ui

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kubergarten/ui/browser"
)

// shop is a Deployment; %s is its image and %d its replicas.
const shop = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: %s
spec:
  replicas: %d
  selector:
    matchLabels: {app: %[1]s}
  template:
    metadata:
      labels: {app: %[1]s}
    spec:
      containers:
      - name: web
        image: %[3]s
        ports: [{containerPort: 80}]
        resources: {requests: {memory: %[4]s}}`

// door is a Service; its selector and its target port may be wrong.
const door = `apiVersion: v1
kind: Service
metadata:
  name: %s
spec:
  selector: {app: %s}
  ports: [{port: 80, targetPort: %d}]`

// TestRepair finds what is broken and repairs it, by mouse and by keyboard.
func TestRepair(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a cluster")
	}
	g := newGarden(t)
	s := g.site(t.TempDir(), "127.0.0.1:0")
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	t.Run("by mouse", func(t *testing.T) { b.TB, g.t = t, t; byMouse(g, b) })
	t.Run("by keyboard", func(t *testing.T) { b.TB, g.t = t, t; byKeyboard(g, b) })
	b.TB, g.t = t, t
	b.Innocent()
}

// breakImage makes a Deployment whose newest revision cannot run.
func (g *garden) breakImage(name string) {
	g.t.Helper()
	g.apply(fmt.Sprintf(shop, name, 2, "nginx:1.27", "8Mi"))
	g.ready(name, 2)
	g.apply(fmt.Sprintf(shop, name, 2, "ngimx:1.27", "8Mi"))
}

func page(gvr, name string) string { return "/r/" + gvr + "/default/" + name }

const (
	deployments = "apps.v1.deployments"
	services    = "v1.services"
)

// says waits until an element says a text.
func says(selector, text string) browser.Step {
	return browser.Wait(fmt.Sprintf("!!document.querySelector(%q)?.innerText.includes(%q)", selector, text))
}

// well waits until nothing is said to be wrong.
func well() browser.Step {
	return browser.Wait(`document.getElementById("resource-why")?.hidden === true`)
}

func link(to string) string { return fmt.Sprintf("a[href=%q]", to) }

func byMouse(g *garden, b *browser.Browser) {
	g.breakImage("shop")
	// From the cluster's page to the pod that is bad, to what made it.
	b.Do(browser.Click(".kg-nav "+link("/cluster")), browser.See(".kg-pods .kg-pod.kg-bad a"))
	b.Shot("mouse-1-cluster")
	b.Do(browser.Click(".kg-pods .kg-pod.kg-bad a"), says("#resource-why", "ImagePull"), says("#resource-why", "ngimx:1.27"))
	b.Shot("mouse-2-pod")
	b.Do(browser.Click("#resource-why .kg-offers "+link(page(deployments, "shop"))), says("#resource-why", "ImagePull"))
	b.Shot("mouse-3-deployment")
	// Back to the revision before.
	b.Do(browser.Click("#resource-why .kg-offers "+link(page(deployments, "shop")+"/undo")), says("main", "kubectl rollout undo deployment/shop --to-revision=1"))
	b.Shot("mouse-4-history")
	b.Do(browser.Click(`form[action$="/undo"] button[type=submit]`), browser.See("#resource-status"), well())
	b.Shot("mouse-5-repaired")
	g.ready("shop", 2)

	// A Service that selects nothing, then leads to a port where nobody listens.
	g.apply(fmt.Sprintf(door, "shop", "shopp", 8080))
	b.Do(browser.Click(".kg-nav "+link("/r/")), browser.Click(link("/r/"+services)), browser.Click(link(page(services, "shop"))), says("#resource-why", "app=shopp"))
	b.Shot("mouse-6-service")
	b.Do(browser.Click(`#resource-why form[action$="/selector"] button[type=submit]`), says("#kg-toasts", "service/shop selector updated"), says("#resource-why", "8080"))
	b.Shot("mouse-7-port")
	b.Do(browser.Click(`#resource-why form[action$="/port"] button[type=submit]`), says("#kg-toasts", "service/shop patched"), well())
	g.until("/api/v1/namespaces/default/services/shop", func(u *unstructured.Unstructured) bool {
		selector, _, _ := unstructured.NestedStringMap(u.Object, "spec", "selector")
		ports, _, _ := unstructured.NestedSlice(u.Object, "spec", "ports")
		return selector["app"] == "shop" && len(ports) == 1 && ports[0].(map[string]any)["targetPort"] == int64(80)
	})

	// More replicas than there is room for.
	g.apply(fmt.Sprintf(shop, "crowd", 40, "nginx:1.27", "256Mi"))
	b.Do(browser.Click(".kg-nav "+link("/r/")), browser.Click(link("/r/"+deployments)), browser.Click(link(page(deployments, "crowd"))), says("#resource-why", "Insufficient memory"))
	b.Shot("mouse-8-crowd")
	b.Do(browser.Wait(`!!document.querySelector('#resource-why form[action$="/scale"] button[type=submit]')`))
	b.Do(browser.Click(`#resource-why form[action$="/scale"] button[type=submit]`), says("#kg-toasts", "deployment.apps/crowd scaled"), well())
	b.Shot("mouse-9-scaled")
	g.apply(fmt.Sprintf(shop, "crowd", 0, "nginx:1.27", "256Mi"))
}

func byKeyboard(g *garden, b *browser.Browser) {
	g.breakImage("kiosk")
	// By the palette to the Deployments, by the filter to this one.
	b.Do(browser.Chord("k", kb.ModifierCtrl), browser.See("#kg-palette [role=option]"))
	b.Do(browser.Keys("deployment"))
	b.Do(browser.Wait(`document.querySelector("#kg-palette [aria-selected=true]")?.innerText.startsWith("Deployment")`), browser.Keys(kb.Enter))
	b.Do(browser.Wait(`location.pathname.endsWith("deployments")`), browser.See("[data-filter]"), browser.Keys("/"), browser.Wait(`document.activeElement.matches("[data-filter]")`))
	b.Do(browser.Keys("kiosk"))
	b.Do(browser.Reach(link(page(deployments, "kiosk"))))
	b.Shot("keys-1-list")
	b.Do(browser.Keys(kb.Enter), says("#resource-why", "ImagePull"))
	// Another image.
	b.Do(browser.Reach(`#resource-why [data-open=resource-image]`))
	b.Shot("keys-2-why")
	b.Do(browser.Keys(kb.Enter), browser.See("#resource-image[open]"))
	b.Do(browser.Reach("#resource-image input[name=image]"))
	b.Do(browser.Chord("a", kb.ModifierCtrl))
	b.Do(browser.Keys("nginx:1.28"))
	b.Do(says("#resource-image .kg-command", "web=nginx:1.28 -n default"))
	b.Shot("keys-3-image")
	b.Do(browser.Keys(kb.Enter), says("#kg-toasts", "deployment.apps/kiosk image updated"), browser.Wait(`!document.querySelector("dialog[open]")`), well())
	g.ready("kiosk", 2)

	// The YAML: more replicas, reviewed and applied.
	b.Do(browser.Reach("#resource-actions " + link(page(deployments, "kiosk")+"/edit")))
	b.Do(browser.Keys(kb.Enter), browser.See(".cm-content"))
	b.Do(browser.Reach(".cm-content"))
	b.Do(browser.Chord("f", kb.ModifierCtrl), browser.See(".cm-search"))
	b.Do(browser.Keys("  replicas: 2"))
	b.Do(browser.Keys(kb.Enter), browser.Keys(kb.Escape), browser.Wait(`document.activeElement.matches(".cm-content")`))
	b.Do(browser.Keys("  replicas: three"))
	b.Do(browser.See(".cm-lintRange-error"), browser.Chord(kb.Enter, kb.ModifierCtrl), browser.See("[data-problems]"))
	b.Shot("keys-4-problem")
	b.Do(browser.Wait(`document.activeElement.matches(".cm-content")`))
	for range "three" {
		b.Do(browser.Keys(kb.Backspace))
	}
	b.Do(browser.Keys("3"))
	b.Do(browser.Chord(kb.Enter, kb.ModifierCtrl), says(".kg-diff", "+  replicas: 3"))
	b.Do(browser.Reach("[data-apply]"))
	b.Shot("keys-5-review")
	b.Do(browser.Keys(kb.Enter), browser.See("#resource-status"))
	g.ready("kiosk", 3)
	b.Do(says("#resource-status", "3/3"))
	b.Shot("keys-6-applied")
}
