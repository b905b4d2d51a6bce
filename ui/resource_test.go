package ui

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestObjects is what the pages of objects do, against a real API server.
func TestObjects(t *testing.T) {
	if testing.Short() {
		t.Skip("boots a cluster")
	}
	g := newGarden(t)
	owner := g.room()
	for name, test := range map[string]func(*testing.T, room){
		"every kind":  everyKind,
		"not there":   notThere,
		"edit":        edits,
		"conflict":    conflicts,
		"create":      creates,
		"actions":     actions,
		"undo":        undoes,
		"delete":      deletes,
		"forbidden":   forbidden,
		"few rights":  fewRights,
		"secret":      secrets,
		"filter":      filters,
		"log":         logs,
		"in Chinese":  inChinese,
		"what is not": malformed,
	} {
		t.Run(name, func(t *testing.T) {
			r := owner
			garden, site := *g, owner.site
			garden.t = t
			r.garden, r.site, r.t = &garden, site, t
			test(t, r)
		})
	}
}

var links = regexp.MustCompile(`href="(/r/[^"/?]+)"`)

// everyKind opens the list of each kind, and of its first object the page and
// the YAML.
func everyKind(t *testing.T, r room) {
	all := links.FindAllStringSubmatch(r.look("/r/").body, -1)
	lists, shown := 0, 0
	for _, l := range all {
		if l[1] == "/r/new" {
			continue
		}
		lists++
		list := r.look(html.UnescapeString(l[1]))
		r.expect(list, http.StatusOK, "kubectl get ")
		object := regexp.MustCompile(`href="(` + regexp.QuoteMeta(l[1]) + `/[^"]+)"`).FindStringSubmatch(list.body)
		if object == nil {
			continue
		}
		shown++
		at := html.UnescapeString(object[1])
		r.expect(r.look(at), http.StatusOK, "resource-status-title")
		r.expect(r.look(at+"/edit"), http.StatusOK, "apiVersion: ")
	}
	if lists < 20 || shown < 15 {
		t.Errorf("only %d kinds, %d of them with an object", lists, shown)
	}
}

func notThere(_ *testing.T, r room) {
	r.expect(r.look("/r/v1.nosuch"), http.StatusNotFound, `no matches for kind "nosuch" in version "v1"`)
	r.expect(r.look("/r/nosuch.io.v1.things"), http.StatusNotFound, "no matches for kind")
	for _, view := range []string{"", "/edit", "/logs", "/delete"} {
		r.expect(r.look("/r/v1.pods/default/none"+view), http.StatusNotFound, `pods "none" not found`)
	}
	for _, view := range []string{"/scale", "/restart", "/image", "/undo"} {
		r.expect(r.look("/r/apps.v1.deployments/default/none"+view), http.StatusNotFound, `deployments.apps "none" not found`)
	}
	for path, fields := range map[string][]string{
		"/scale": {"replicas", "1"}, "/restart": nil, "/image": {"container", "web", "image", "x"}, "/undo": nil, "/delete": nil,
	} {
		r.expect(r.submit("/r/apps.v1.deployments/default/none"+path, fields...), http.StatusNotFound, `deployments.apps "none" not found`)
		r.expect(r.press("/r/apps.v1.deployments/default/none"+path, fields...), http.StatusNotFound, `deployments.apps "none" not found`)
	}
	for path, fields := range map[string][]string{"/selector": {"selector", "a=b"}, "/port": {"port", "1", "to", "2"}} {
		r.expect(r.submit("/r/v1.services/default/none"+path, fields...), http.StatusNotFound, `services "none" not found`)
	}
	r.expect(r.look("/r/v1.services/default/kubernetes/logs"), http.StatusNotFound)
	r.expect(r.look("/r/v1.services/default/kubernetes/nonsense"), http.StatusNotFound)
}

func malformed(_ *testing.T, r room) {
	for _, gvr := range []string{"pods", "v1.", ".v1.pods", "v1.pods%2f..", "%2e%2e.v1.x", "a%00.v1.pods"} {
		if a := r.look("/r/" + gvr); a.StatusCode != http.StatusBadRequest && a.StatusCode != http.StatusNotFound {
			r.t.Errorf("/r/%s answers %s", gvr, a.Status)
		}
	}
	r.expect(r.look("/r/v1.pods/default/..%2f..%2fsecrets"), http.StatusBadRequest)
	r.expect(r.look("/r/v1.pods/%2e%2e/x"), http.StatusBadRequest)
}

// forbidden: who may only look is told so in the API server's words.
func forbidden(t *testing.T, r room) {
	r.apply(fmt.Sprintf(settings, "kept") + "\n---\n" + fmt.Sprintf(shop, "kept", 0, "nginx:1.27", "8Mi") + "\n---\n" + fmt.Sprintf(door, "kept", "kept", 80))
	text := field(t, r.look("/r/v1.configmaps/default/kept/edit"), "yaml")
	ann := r.as("ann", `[{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}]`)
	const who = `User "system:serviceaccount:default:ann" cannot`
	ann.expect(ann.look("/r/v1.configmaps/default/kept"), http.StatusOK, "green")
	const at = "/r/apps.v1.deployments/default/kept"
	for _, a := range []answer{
		ann.press(at+"/scale", "replicas", "9"), ann.press(at + "/restart"), ann.press(at+"/image", "container", "web", "image", "x"), ann.press(at + "/delete"),
		ann.submit(at+"/scale", "replicas", "9"), ann.submit(at + "/restart"), ann.submit(at+"/image", "container", "web", "image", "x"), ann.submit(at + "/delete"),
		ann.press("/r/v1.services/default/kept/selector", "selector", "a=b"), ann.press("/r/v1.services/default/kept/port", "port", "80", "to", "81"),
	} {
		ann.expect(a, http.StatusForbidden, who)
	}
	const edit = "/r/v1.configmaps/default/kept/edit"
	a := ann.submit(edit, "yaml", text, "original", text, "do", "check")
	ann.expect(a, http.StatusUnprocessableEntity, who+` update resource "configmaps"`)
	if field(t, a, "yaml") != text {
		t.Error("what was typed is lost")
	}
	ann.expect(ann.submit("/r/new", "yaml", fmt.Sprintf(settings, "annes"), "do", "create"), http.StatusUnprocessableEntity, who+` create resource "configmaps"`)
	if now := r.read("/apis/apps/v1/namespaces/default/deployments/kept"); now.GetGeneration() != 1 {
		t.Error("something was changed")
	}
}

// fewRights: who may see an object alone sees it, and reads what is not shown.
func fewRights(_ *testing.T, r room) {
	r.apply(fmt.Sprintf(shop, "alone", 0, "nginx:1.27", "8Mi"))
	bob := r.as("bob", `[{apiGroups: [apps], resources: [deployments], verbs: [get, list]}]`)
	bob.expect(bob.look("/r/apps.v1.deployments"), http.StatusOK, "alone")
	bob.expect(bob.look("/r/apps.v1.deployments/default/alone"), http.StatusOK, "nginx:1.27", `cannot list resource "pods"`, `cannot list resource "events"`)
	bob.expect(bob.look("/r/v1.pods"), http.StatusForbidden, `pods is forbidden: User "system:serviceaccount:default:bob" cannot list resource "pods"`)
	bob.expect(bob.look("/r/v1.secrets/default/x"), http.StatusForbidden, `cannot get resource "secrets"`)
}

func secrets(t *testing.T, r room) {
	r.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\nstringData: {password: swordfish}")
	const word = "c3dvcmRmaXNo"
	for _, view := range []string{"", "/edit"} {
		a := r.look("/r/v1.secrets/default/hidden" + view)
		r.expect(a, http.StatusOK, "password")
		if strings.Contains(a.body, word) || strings.Contains(a.body, "swordfish") {
			t.Errorf("hidden%s shows the data", view)
		}
	}
	r.expect(r.look("/r/v1.secrets/default/hidden/edit?show=1"), http.StatusOK, word)
}

func filters(t *testing.T, r room) {
	r.apply(fmt.Sprintf(settings, "sieve-1") + "\n---\n" + fmt.Sprintf(settings, "sieve-2"))
	a := r.look("/r/v1.configmaps?namespace=default&q=SIEVE-1")
	r.expect(a, http.StatusOK, "sieve-1", "kubectl get configmap -n default")
	if strings.Contains(a.body, "sieve-2") {
		t.Error("the filter lets all through")
	}
	r.expect(r.look("/r/v1.configmaps?q=%3Cb%3E"), http.StatusOK, "No row fits", `value="<b>"`)
	r.expect(r.look("/r/v1.pods?wide=1"), http.StatusOK, "Nominated Node", "kubectl get pod -A -o wide")
	if a := r.look("/r/v1.pods"); strings.Contains(a.body, "Nominated Node") {
		t.Error("all columns are shown always")
	}
	r.expect(r.look("/r/v1.configmaps?namespace=nowhere"), http.StatusOK, "Nothing here")
	r.expect(r.look("/r/?q=deploy"), http.StatusOK, "Deployment")
}

// logs: of a container that runs, one that has restarted, and one that does not
// exist.
func logs(_ *testing.T, r room) {
	r.apply(`apiVersion: v1
kind: Pod
metadata: {name: talks}
spec:
  containers:
  - {name: once, image: busybox, command: [sh, -c, "echo first-words; exit 3"]}
  - {name: long, image: busybox, command: [sh, -c, "echo second-words; sleep 1d"]}`)
	r.until("/api/v1/namespaces/default/pods/talks", func(u *unstructured.Unstructured) bool {
		all, _, _ := unstructured.NestedSlice(u.Object, "status", "containerStatuses")
		for _, c := range all {
			if n, _, _ := unstructured.NestedInt64(c.(map[string]any), "restartCount"); n > 0 {
				return true
			}
		}
		return false
	})
	const at = "/r/v1.pods/default/talks"
	r.soon(at+"/logs", "first-words", "kubectl logs talks -n default -c once -f")
	r.soon(at+"/logs?container=long", "second-words")
	r.soon(at+"/logs?container=once&previous=1", "first-words", "kubectl logs talks -n default -c once --previous")
	r.expect(r.look(at+"/logs?container=none"), http.StatusOK, "container none is not valid for pod talks")
	r.expect(r.look(at+"/logs?container=long&previous=1"), http.StatusOK, `previous terminated container "long" in pod "talks" not found`)
	r.soon(at, "CrashLoopBackOff", "Exit Code 3")
}

func inChinese(_ *testing.T, r room) {
	r.apply(fmt.Sprintf(shop, "garten", 0, "nginx:1.27", "8Mi"))
	for path, says := range map[string]string{
		"/r/": "所有", "/r/v1.pods": "命名空间", "/r/apps.v1.deployments/default/garten": "概览", "/r/apps.v1.deployments/default/garten/edit": "YAML",
		"/r/new": "YAML", "/r/apps.v1.deployments/default/garten/scale": "副本",
	} {
		a := r.site.do("GET", path, nil, "Cookie", r.cookie, "Cookie", "kg-lang=zh-CN", "Accept-Language", "zh-CN")
		r.expect(a, http.StatusOK, says, `lang="zh-CN"`)
	}
}
