package ui

import (
	"fmt"
	"net/http"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// actions are scale, restart, another image, and what repairs a Service.
func actions(t *testing.T, r room) {
	const at, object = "/r/apps.v1.deployments/default/acted", "/apis/apps/v1/namespaces/default/deployments/acted"
	r.apply(fmt.Sprintf(shop, "acted", 1, "nginx:1.27", "8Mi"))
	for view, command := range map[string]string{
		"/scale": "kubectl scale deployment/acted --replicas=1 -n default", "/restart": "kubectl rollout restart deployment/acted -n default",
		"/image": "kubectl set image deployment/acted web=nginx:1.27 -n default", "/delete": "kubectl delete deployment/acted -n default",
		"/undo": "kubectl rollout history deployment/acted -n default",
	} {
		r.expect(r.look(at+view), http.StatusOK, command)
		if view != "/undo" { // there is nothing to go back to yet
			r.expect(r.look(at), http.StatusOK, at+view)
		}
	}
	r.goes(r.submit(at+"/scale", "replicas", "0"), at)
	done := r.press(at+"/scale", "replicas", "2")
	r.expect(done, http.StatusOK, "deployment.apps/acted scaled")
	if done.Header.Get("HX-Trigger") != "kg:done" {
		t.Error("the dialog stays open")
	}
	if n, _, _ := unstructured.NestedInt64(r.read(object).Object, "spec", "replicas"); n != 2 {
		t.Errorf("%d replicas", n)
	}
	for _, n := range []string{"", "x", "99999999999"} {
		r.expect(r.press(at+"/scale", "replicas", n), http.StatusBadRequest)
	}
	r.expect(r.press(at+"/scale", "replicas", "-1"), http.StatusUnprocessableEntity, "must be greater than or equal to 0")

	r.expect(r.press(at+"/restart"), http.StatusOK, "deployment.apps/acted restarted")
	if when, _, _ := unstructured.NestedString(r.read(object).Object, "spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"); when == "" {
		t.Error("nothing is restarted")
	}
	r.expect(r.press(at+"/image", "container", "web", "image", " nginx:1.28 "), http.StatusOK, "deployment.apps/acted image updated")
	r.expect(r.press(at+"/image", "container", "nobody", "image", "x"), http.StatusBadRequest, `unable to find container named "nobody"`)
	r.expect(r.press(at+"/image", "container", "web", "image", ""), http.StatusUnprocessableEntity, "image: Required value")
	containers, _, _ := unstructured.NestedSlice(r.read(object).Object, "spec", "template", "spec", "containers")
	if got := containers[0].(map[string]any)["image"]; got != "nginx:1.28" {
		t.Errorf("the image is %v", got)
	}

	r.apply(fmt.Sprintf(door, "acted", "actid", 80))
	const service = "/r/v1.services/default/acted"
	r.expect(r.press(service+"/selector", "selector", "app=acted"), http.StatusOK, "service/acted selector updated")
	r.expect(r.press(service+"/selector", "selector", ""), http.StatusBadRequest)
	r.expect(r.press(service+"/selector", "selector", "!!"), http.StatusBadRequest)
	r.expect(r.press(service+"/port", "port", "80", "protocol", "TCP", "to", "8081"), http.StatusOK, "service/acted patched")
	r.expect(r.press(service+"/port", "port", "80", "to", "70000"), http.StatusUnprocessableEntity, "spec.ports[0].targetPort")
	r.expect(r.press(service+"/port", "port", "x", "to", "1"), http.StatusBadRequest)
}

func undoes(t *testing.T, r room) {
	const at, object = "/r/apps.v1.deployments/default/undone", "/apis/apps/v1/namespaces/default/deployments/undone"
	image := func() any {
		containers, _, _ := unstructured.NestedSlice(r.read(object).Object, "spec", "template", "spec", "containers")
		return containers[0].(map[string]any)["image"]
	}
	revision := func(n string) {
		r.until(object, func(u *unstructured.Unstructured) bool {
			return u.GetAnnotations()["deployment.kubernetes.io/revision"] == n
		})
	}
	r.apply(fmt.Sprintf(shop, "undone", 0, "nginx:1.27", "8Mi"))
	revision("1")
	r.expect(r.press(at+"/undo"), http.StatusBadRequest, `no rollout history found for deployment "undone"`)
	r.apply(fmt.Sprintf(shop, "undone", 0, "nginx:1.28", "8Mi"))
	revision("2")
	r.expect(r.look(at+"/undo"), http.StatusOK, "-  - image: nginx:1.28", "+  - image: nginx:1.27", "kubectl rollout undo deployment/undone --to-revision=1 -n default")
	r.expect(r.press(at+"/undo", "revision", "7"), http.StatusBadRequest, "unable to find specified revision 7 in history")
	r.expect(r.press(at+"/undo", "revision", "x"), http.StatusBadRequest)
	r.expect(r.press(at+"/undo", "revision", "2"), http.StatusOK, "skipped rollback (current template already matches revision 2)")
	r.goes(r.submit(at+"/undo", "revision", "1"), at)
	revision("3")
	if got := image(); got != "nginx:1.27" {
		t.Errorf("revision 1 has image %v", got)
	}
	r.expect(r.press(at+"/undo"), http.StatusOK, "deployment.apps/undone rolled back")
	if got := image(); got != "nginx:1.28" {
		t.Errorf("before the newest there was image %v", got)
	}
	r.expect(r.look("/r/v1.services/default/kubernetes/undo"), http.StatusBadRequest, `no rollbacker has been implemented for "Service"`)
}

func deletes(t *testing.T, r room) {
	const at, object = "/r/v1.configmaps/default/deleted", "/api/v1/namespaces/default/configmaps/deleted"
	r.apply(fmt.Sprintf(settings, "deleted"))
	page := r.look(at + "/delete")
	uid := field(t, page, "uid")
	// Another object of that name is not the one that was looked at.
	r.garden.do("DELETE", object, "", "")
	r.apply(fmt.Sprintf(settings, "deleted"))
	r.expect(r.press(at+"/delete", "uid", uid), http.StatusConflict, "the UID in the precondition")
	r.expect(r.press(at+"/delete", "uid", "", "grace", "soon"), http.StatusBadRequest)
	r.read(object)
	r.goes(r.submit(at+"/delete", "uid", field(t, r.look(at), "uid")), "/r/v1.configmaps?namespace=default")
	r.expect(r.look(at), http.StatusNotFound, `configmaps "deleted" not found`)
}
