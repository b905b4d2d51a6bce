package main

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp/kb"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"kubergarten/ui/browser"
)

// shop is a Deployment that works; what breaks it comes after.
const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}
`

const shopPage = "/r/apps.v1.deployments/default/shop"

// breakShop makes a Deployment whose newest revision has an image that is not
// there, as somebody did who typed too fast.
func (w *trip) breakShop() {
	w.Helper()
	ctx, deployments := context.Background(), w.server.kube().AppsV1().Deployments("default")
	var d appsv1.Deployment
	if err := yaml.UnmarshalStrict([]byte(shop), &d); err != nil {
		w.Fatal(err)
	}
	if _, err := deployments.Create(ctx, &d, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
	w.rolledOut(1)
	typo := `{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"ngimx:1.27"}]}}}}`
	if _, err := deployments.Patch(ctx, "shop", types.StrategicMergePatchType, []byte(typo), metav1.PatchOptions{}); err != nil {
		w.Fatal(err)
	}
}

// rolledOut waits until the newest revision of the shop is what runs.
func (w *trip) rolledOut(generation int64) {
	w.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	only := metav1.ListOptions{FieldSelector: "metadata.name=shop"}
	watch, err := w.server.kube().AppsV1().Deployments("default").Watch(ctx, only)
	if err != nil {
		w.Fatal(err)
	}
	defer watch.Stop()
	for e := range watch.ResultChan() {
		d, ok := e.Object.(*appsv1.Deployment)
		if ok && d.Status.ObservedGeneration >= generation && d.Status.UpdatedReplicas == *d.Spec.Replicas && d.Status.AvailableReplicas == *d.Spec.Replicas && d.Status.Replicas == *d.Spec.Replicas {
			return
		}
	}
	w.Fatal("the Deployment is never rolled out")
}

// why waits until the page says what is wrong, in the cluster's own words.
func why(text string) browser.Step { return browser.Text("#resource-why", text) }

// well waits until nothing is said to be wrong.
func well() browser.Step {
	return browser.Wait(`document.getElementById("resource-why")?.hidden === true`)
}

func toast(text string) browser.Step { return browser.Text("#kg-toasts", text) }

func to(page string) string { return fmt.Sprintf(`a[href=%q]`, page) }

// repairByMouse goes from the cluster's page to the pod that is bad, to the
// Deployment that made it, and back to the revision that worked.
func (w *trip) repairByMouse() {
	w.breakShop()
	w.Do(browser.Click(".kg-nav "+to("/cluster")), browser.See(".kg-pods .kg-pod.kg-bad a"))
	w.shot("mouse-1-cluster")
	w.Do(browser.Click(".kg-pods .kg-pod.kg-bad a"), why("ImagePull"), why("ngimx:1.27"))
	w.shot("mouse-2-pod")
	w.Do(browser.Click("#resource-why .kg-offers "+to(shopPage)), why("ImagePull"))
	w.shot("mouse-3-deployment")
	w.Do(browser.Click("#resource-why .kg-offers "+to(shopPage+"/undo")), browser.Text("main", "kubectl rollout undo deployment/shop --to-revision=1"))
	w.shot("mouse-4-history")
	w.Do(browser.Click(`form[action$="/undo"] button[type=submit]`), browser.See("#resource-status"), well())
	w.shot("mouse-5-repaired")
	w.rolledOut(3)
}

// repairByKeyboard goes by the palette and the filter to the Deployment, and
// gives it another image.
func (w *trip) repairByKeyboard() {
	w.breakShop()
	w.Do(browser.Chord("k", kb.ModifierCtrl), browser.See("#kg-palette [role=option]"), browser.Keys("deployments"),
		browser.Wait(`document.querySelector("#kg-palette [aria-selected=true]")?.innerText.startsWith("Deployment")`), browser.Keys(kb.Enter))
	w.Do(browser.Wait(`location.pathname.endsWith("deployments")`), browser.Reach("[data-filter]"), browser.Keys("shop"), browser.Reach(to(shopPage)))
	w.shot("keys-1-list")
	w.Do(browser.Keys(kb.Enter), why("ImagePull"), browser.Reach("#resource-why [data-open=resource-image]"))
	w.shot("keys-2-why")
	w.Do(browser.Keys(kb.Enter), browser.See("#resource-image[open]"), browser.Reach("#resource-image input[name=image]"), browser.Chord("a", kb.ModifierCtrl), browser.Keys("nginx:1.28"))
	w.Do(browser.Text("#resource-image .kg-command", "web=nginx:1.28"))
	w.shot("keys-3-image")
	w.Do(browser.Keys(kb.Enter), toast("deployment.apps/shop image updated"), browser.Gone("dialog"), well())
	w.shot("keys-4-repaired")
	w.rolledOut(3)
}
