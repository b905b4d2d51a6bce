package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
	b := newBrowser(t)
	b.do(chromedp.Navigate(s.srv.Link()), see("#start-nodes"))
	t.Run("by mouse", func(t *testing.T) { b.t, g.t = t, t; byMouse(g, b) })
	t.Run("by keyboard", func(t *testing.T) { b.t, g.t = t, t; byKeyboard(g, b) })
	b.t, g.t = t, t
	b.quiet()
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

// click is the mouse, on what can be seen.
func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector))
}

// says waits until an element says a text.
func says(selector, text string) chromedp.Action[chromedp.Void] {
	return wait(fmt.Sprintf("!!document.querySelector(%q)?.innerText.includes(%q)", selector, text))
}

// well waits until nothing is said to be wrong.
func well() chromedp.Action[chromedp.Void] {
	return wait(`document.getElementById("resource-why")?.hidden === true`)
}

func link(to string) string { return fmt.Sprintf("a[href=%q]", to) }

func byMouse(g *garden, b *browser) {
	g.breakImage("shop")
	// From the cluster's page to the pod that is bad, to what made it.
	b.do(click(".kg-nav "+link("/cluster")), see(".kg-pods .kg-pod.kg-bad a"))
	b.shoot("mouse-1-cluster")
	b.do(click(".kg-pods .kg-pod.kg-bad a"), says("#resource-why", "ImagePull"), says("#resource-why", "ngimx:1.27"))
	b.shoot("mouse-2-pod")
	b.do(click("#resource-why .kg-offers "+link(page(deployments, "shop"))), says("#resource-why", "ImagePull"))
	b.shoot("mouse-3-deployment")
	// Back to the revision before.
	b.do(click("#resource-why .kg-offers "+link(page(deployments, "shop")+"/undo")), says("main", "kubectl rollout undo deployment/shop --to-revision=1"))
	b.shoot("mouse-4-history")
	b.do(click(`form[action$="/undo"] button[type=submit]`), see("#resource-status"), well())
	b.shoot("mouse-5-repaired")
	g.ready("shop", 2)

	// A Service that selects nothing, then leads to a port where nobody listens.
	g.apply(fmt.Sprintf(door, "shop", "shopp", 8080))
	b.do(click(".kg-nav "+link("/r/")), click(link("/r/"+services)), click(link(page(services, "shop"))), says("#resource-why", "app=shopp"))
	b.shoot("mouse-6-service")
	b.do(click(`#resource-why form[action$="/selector"] button[type=submit]`), says("#kg-toasts", "service/shop selector updated"), says("#resource-why", "8080"))
	b.shoot("mouse-7-port")
	b.do(click(`#resource-why form[action$="/port"] button[type=submit]`), says("#kg-toasts", "service/shop patched"), well())
	g.until("/api/v1/namespaces/default/services/shop", func(u *unstructured.Unstructured) bool {
		selector, _, _ := unstructured.NestedStringMap(u.Object, "spec", "selector")
		ports, _, _ := unstructured.NestedSlice(u.Object, "spec", "ports")
		return selector["app"] == "shop" && len(ports) == 1 && ports[0].(map[string]any)["targetPort"] == int64(80)
	})

	// More replicas than there is room for.
	g.apply(fmt.Sprintf(shop, "crowd", 40, "nginx:1.27", "256Mi"))
	b.do(click(".kg-nav "+link("/r/")), click(link("/r/"+deployments)), click(link(page(deployments, "crowd"))), says("#resource-why", "Insufficient memory"))
	b.shoot("mouse-8-crowd")
	b.do(wait(`!!document.querySelector('#resource-why form[action$="/scale"] button[type=submit]')`))
	b.do(click(`#resource-why form[action$="/scale"] button[type=submit]`), says("#kg-toasts", "deployment.apps/crowd scaled"), well())
	b.shoot("mouse-9-scaled")
	g.apply(fmt.Sprintf(shop, "crowd", 0, "nginx:1.27", "256Mi"))
}

func byKeyboard(g *garden, b *browser) {
	g.breakImage("kiosk")
	// By the palette to the Deployments, by the filter to this one.
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(kb.ModifierCtrl)), see("#kg-palette [role=option]"))
	b.typed("deployment")
	b.do(wait(`document.querySelector("#kg-palette [aria-selected=true]")?.innerText.startsWith("Deployment")`), chromedp.KeyEvent(kb.Enter))
	b.do(wait(`location.pathname.endsWith("deployments")`), see("[data-filter]"), chromedp.KeyEvent("/"), wait(`document.activeElement.matches("[data-filter]")`),
		chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl))) // DevTools types the slash too, which a keyboard does not
	b.typed("kiosk")
	b.tab(link(page(deployments, "kiosk")))
	b.shoot("keys-1-list")
	b.do(chromedp.KeyEvent(kb.Enter), says("#resource-why", "ImagePull"))
	// Another image.
	b.tab(`#resource-why [data-open=resource-image]`)
	b.shoot("keys-2-why")
	eval[any](b, `(() => { window.kgT = []; const a = document.activeElement; window.kgT.push(a.outerHTML.slice(0,200)); for (const e of ["keydown","click","keypress"]) document.addEventListener(e, (x) => kgT.push(e + " " + x.target.outerHTML.slice(0,120) + x.defaultPrevented)); document.addEventListener("kg:parts", () => kgT.push("parts " + (document.activeElement === a) + a.isConnected)); })()`)
	b.do(chromedp.KeyEvent(kb.Enter), wait("window.kgT.length > 3"))
	b.t.Log(eval[any](b, "JSON.stringify(kgT)"))
	b.do(see("#resource-image[open]"))
	b.tab("#resource-image input[name=image]")
	b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)))
	b.typed("nginx:1.28")
	b.do(says("#resource-image .kg-command", "web=nginx:1.28 -n default"))
	b.shoot("keys-3-image")
	b.do(chromedp.KeyEvent(kb.Enter), says("#kg-toasts", "deployment.apps/kiosk image updated"), wait(`!document.querySelector("dialog[open]")`), well())
	g.ready("kiosk", 2)

	// The YAML: more replicas, reviewed and applied.
	b.tab("#resource-actions " + link(page(deployments, "kiosk")+"/edit"))
	b.do(chromedp.KeyEvent(kb.Enter), see(".cm-content"))
	b.tab(".cm-content")
	b.do(chromedp.KeyEvent("f", chromedp.KeyModifiers(kb.ModifierCtrl)), see(".cm-search"))
	b.typed("  replicas: 2")
	b.do(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Escape), wait(`document.activeElement.matches(".cm-content")`))
	b.typed("  replicas: three")
	b.do(see(".cm-lintRange-error"), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl)), see("[data-problems]"))
	b.shoot("keys-4-problem")
	b.do(wait(`document.activeElement.matches(".cm-content")`))
	for range "three" {
		b.do(chromedp.KeyEvent(kb.Backspace))
	}
	b.typed("3")
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl)), says(".kg-diff", "+  replicas: 3"))
	b.tab("[data-apply]")
	b.shoot("keys-5-review")
	b.do(chromedp.KeyEvent(kb.Enter), see("#resource-status"))
	g.ready("kiosk", 3)
	b.do(says("#resource-status", "3/3"))
	b.shoot("keys-6-applied")
}

// typed types a text where the focus is.
func (b *browser) typed(text string) {
	b.t.Helper()
	for _, r := range text {
		b.do(chromedp.KeyEvent(string(r)))
	}
}

// tab goes on by the Tab key to what fits the selector.
func (b *browser) tab(selector string) {
	b.t.Helper()
	b.do(wait(fmt.Sprintf("!!document.querySelector(%q)", selector)))
	for range 150 {
		if eval[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.shoot("failed")
	b.t.Fatalf("no Tab leads to %s; the focus is on %s", selector, eval[string](b, "document.activeElement.outerHTML.slice(0, 200)"))
}

// quiet fails the test if the browser complained.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		if strings.Contains(c, "Content Security Policy") || strings.Contains(c, "Error") {
			b.t.Errorf("the browser complains: %s", c)
		}
	}
}
