package ui

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A room is the pages of objects, of a cluster, as somebody.
type room struct {
	*garden
	*site
	t      *testing.T
	cookie string
}

func (g *garden) room() room {
	g.t.Helper()
	s := g.site(g.t.TempDir(), "127.0.0.1:0")
	return room{g, s, g.t, s.owner()}
}

// as is the room as a service account that may do what rules say.
func (r room) as(name, rules string) room {
	r.t.Helper()
	r.cookie = r.session(r.post("/login", url.Values{"token": {r.token(name, rules)}}))
	if r.cookie == "" {
		r.t.Fatal("the token does not log in")
	}
	return r
}

// token is one of a service account that may do what rules say.
func (g *garden) token(name, rules string) string {
	g.t.Helper()
	g.apply("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: " + name + "}\n---\n" +
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: " + name + "}\nrules: " + rules + "\n---\n" +
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: " + name + "}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: " + name + "}\n" +
		"subjects: [{kind: ServiceAccount, name: " + name + ", namespace: default}]")
	status, said := g.do("POST", "/api/v1/namespaces/default/serviceaccounts/"+name+"/token", "application/json", `{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}`)
	var token authenticationv1.TokenRequest
	if err := json.Unmarshal([]byte(said), &token); err != nil || token.Status.Token == "" {
		g.t.Fatalf("a token: %d %s", status, said)
	}
	return token.Status.Token
}

// look opens a page, and submit sends a form of it, as a browser without script
// does; press does so with htmx.
func (r room) look(path string) answer { return r.site.do("GET", path, nil, "Cookie", r.cookie) }

func (r room) submit(path string, fields ...string) answer {
	r.t.Helper()
	return r.post(path, form(fields), "Cookie", r.cookie)
}

func (r room) press(path string, fields ...string) answer {
	r.t.Helper()
	return r.post(path, form(fields), "Cookie", r.cookie, "HX-Request", "true")
}

func form(fields []string) url.Values {
	v := url.Values{"": nil}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return v
}

// expect judges an answer: its status and what it says, letters of any size.
func (r room) expect(a answer, status int, says ...string) {
	r.t.Helper()
	if a.StatusCode != status {
		r.t.Errorf("%s %s answers %s, not %d: %s", a.Request.Method, a.Request.URL.Path, a.Status, status, short(a.body))
	}
	text := strings.ToLower(html.UnescapeString(a.body))
	for _, s := range says {
		if !strings.Contains(text, strings.ToLower(s)) {
			r.t.Errorf("%s %s does not say %q but: %s", a.Request.Method, a.Request.URL.Path, s, short(a.body))
		}
	}
}

// soon opens a page until it says what it should.
func (r room) soon(path string, says ...string) {
	r.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		text := html.UnescapeString(r.look(path).body)
		if !slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(text, s) }) {
			return
		}
	}
	r.expect(r.look(path), http.StatusOK, says...)
}

var tags = regexp.MustCompile(`(?:<[^>]*>|\s)+`)

// short are the first words of the page's content.
func short(body string) string {
	if _, content, ok := strings.Cut(body, `id="content"`); ok {
		body = "<" + content
	}
	words := html.UnescapeString(tags.ReplaceAllString(body, " "))
	return words[:min(len(words), 500)]
}

// goes judges where an answer leads.
func (r room) goes(a answer, to string) {
	r.t.Helper()
	if at := a.Header.Get("Location") + a.Header.Get("HX-Redirect"); at != to {
		r.t.Errorf("%s answers %s and leads to %q, not %q: %s", a.Request.URL.Path, a.Status, at, to, short(a.body))
	}
}

// field is a hidden field's or a text field's value.
func field(t *testing.T, a answer, name string) string {
	t.Helper()
	for _, of := range []string{`<textarea[^>]* name="` + name + `"[^>]*>\n([^<]*)</textarea>`, `<input[^>]* name="` + name + `" value="([^"]*)"`} {
		if m := regexp.MustCompile(of).FindStringSubmatch(a.body); m != nil {
			return html.UnescapeString(m[1])
		}
	}
	t.Fatalf("no field %q in: %s", name, short(a.body))
	return ""
}

func (r room) read(path string) *unstructured.Unstructured {
	r.t.Helper()
	status, said := r.garden.do("GET", path, "", "")
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON([]byte(said)); err != nil || status != http.StatusOK {
		r.t.Fatalf("%s: %d %s", path, status, said)
	}
	return u
}

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

const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: %s}
data: {colour: green, size: small}`

// edits goes the way of somebody without script: read, review, apply.
func edits(t *testing.T, r room) {
	r.apply(fmt.Sprintf(settings, "edited"))
	const at = "/r/v1.configmaps/default/edited/edit"
	page := r.look(at)
	r.expect(page, http.StatusOK, "kubectl edit configmap/edited -n default")
	text := field(t, page, "yaml")
	changed := strings.Replace(text, "colour: green", "colour: <b>red</b>", 1)

	same := r.submit(at, "yaml", text, "original", text, "do", "check")
	r.expect(same, http.StatusOK, "Nothing would change")
	// What is applied was reviewed; what was not is reviewed first.
	for _, reviewed := range []string{"", "0123"} {
		a := r.submit(at, "yaml", changed, "original", text, "do", "apply", "reviewed", reviewed)
		r.expect(a, http.StatusOK, "-  colour: green", "+  colour: <b>red</b>")
		if strings.Contains(a.body, "<b>red") {
			t.Error("the difference is not text")
		}
	}
	if now := r.read("/api/v1/namespaces/default/configmaps/edited"); data(now)["colour"] != "green" {
		t.Error("a review changes the object")
	}
	// A browser's line ends are no change.
	review := r.submit(at, "yaml", strings.ReplaceAll(changed, "\n", "\r\n"), "original", text, "do", "check")
	done := r.submit(at, "yaml", changed, "original", text, "do", "apply", "reviewed", field(t, review, "reviewed"))
	r.goes(done, "/r/v1.configmaps/default/edited")
	if now := r.read("/api/v1/namespaces/default/configmaps/edited"); data(now)["colour"] != "<b>red</b>" || data(now)["size"] != "small" {
		t.Errorf("applied: %v", data(now))
	}

	for name, tt := range map[string]struct{ text, says string }{
		"unknown field": {strings.Replace(text, "kind: ConfigMap", "kind: ConfigMap\ncolour: red", 1), `unknown field "colour"`},
		"no YAML":       {"a: [", "did not find expected node content"},
		"another name":  {strings.Replace(text, "name: edited", "name: other", 1), "the name of the object (other) does not match the name on the URL (edited)"},
		"wrong type":    {strings.Replace(text, "size: small", "size: [1]", 1), "cannot"},
		"nothing":       {"", ""},
	} {
		for _, a := range []answer{
			r.submit(at, "yaml", tt.text, "original", text, "do", "check"),
			r.press(at, "yaml", tt.text, "original", text, "do", "apply", "reviewed", "1"),
		} {
			if a.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s: %s", name, a.Status)
			}
			r.expect(a, http.StatusUnprocessableEntity, "The API server does not accept this", tt.says)
		}
		if a := r.submit(at, "yaml", tt.text, "original", text); strings.TrimSpace(field(t, a, "yaml")) != strings.TrimSpace(tt.text) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	lint := r.press("/r/v1.configmaps/default/edited/lint", "yaml", strings.Replace(text, "kind: ConfigMap", "kind: ConfigMap\ncolour: red", 1))
	var answer struct {
		Problems []struct {
			Line    int
			Message string
		}
	}
	if err := json.Unmarshal([]byte(lint.body), &answer); err != nil || len(answer.Problems) != 1 || answer.Problems[0].Line != 6 {
		t.Errorf("lint answers %s", lint.body)
	}
	r.apply(fmt.Sprintf(shop, "typed", 0, "nginx:1.27", "8Mi"))
	text = field(t, r.look("/r/apps.v1.deployments/default/typed/edit"), "yaml")
	wrong := strings.Replace(text, "replicas: 0", "replicas: none", 1)
	line := 1 + strings.Count(wrong[:strings.Index(wrong, "replicas: none")], "\n")
	lint = r.press("/r/apps.v1.deployments/default/typed/lint", "yaml", wrong)
	if err := json.Unmarshal([]byte(lint.body), &answer); err != nil || len(answer.Problems) != 1 || answer.Problems[0].Line != line {
		t.Errorf("line %d: lint answers %s", line, lint.body)
	}
}

func data(u *unstructured.Unstructured) map[string]string {
	d, _, _ := unstructured.NestedStringMap(u.Object, "data")
	return d
}

// conflicts: somebody else was quicker. The text stays, and can go on top.
func conflicts(t *testing.T, r room) {
	r.apply(fmt.Sprintf(settings, "contested"))
	const at = "/r/v1.configmaps/default/contested/edit"
	text := field(t, r.look(at), "yaml")
	mine := strings.Replace(text, "colour: green", "colour: mine", 1)
	review := r.submit(at, "yaml", mine, "original", text, "do", "check")
	r.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: contested}\ndata: {colour: green, size: theirs}")

	a := r.submit(at, "yaml", mine, "original", text, "do", "apply", "reviewed", field(t, review, "reviewed"))
	r.expect(a, http.StatusConflict, "Someone else has changed this object", "the object has been modified", "-  size: small", "+  size: theirs")
	if field(t, a, "yaml") != mine {
		t.Error("what was typed is lost")
	}
	over := regexp.MustCompile(`name="over" value="([^"]+)"`).FindStringSubmatch(a.body)
	if over == nil {
		t.Fatal("there is no way on")
	}
	again := r.submit(at, "yaml", mine, "original", text, "over", over[1])
	r.expect(again, http.StatusOK, "-  colour: green", "+  colour: mine", "-  size: theirs", "+  size: small")
	done := r.submit(at, "yaml", mine, "original", text, "over", field(t, again, "over"), "do", "apply", "reviewed", field(t, again, "reviewed"))
	r.goes(done, "/r/v1.configmaps/default/contested")
	if now := data(r.read("/api/v1/namespaces/default/configmaps/contested")); now["colour"] != "mine" || now["size"] != "small" {
		t.Errorf("applied: %v", now)
	}

	// Gone while it was edited.
	text = field(t, r.look(at), "yaml")
	r.garden.do("DELETE", "/api/v1/namespaces/default/configmaps/contested", "", "")
	r.expect(r.submit(at, "yaml", text, "original", text, "do", "check"), http.StatusUnprocessableEntity, `configmaps "contested" not found`)
}

func creates(t *testing.T, r room) {
	r.expect(r.look("/r/new"), http.StatusOK, "kubectl create -f new.yaml", "kind: Deployment")
	two := fmt.Sprintf(settings, "made-1") + "\n---\n" + fmt.Sprintf(settings, "made-2")
	r.expect(r.submit("/r/new", "yaml", two, "do", "check"), http.StatusOK, "The API server would accept this")
	if status, _ := r.garden.do("GET", "/api/v1/namespaces/default/configmaps/made-1", "", ""); status != http.StatusNotFound {
		t.Errorf("a check creates: %d", status)
	}
	r.goes(r.submit("/r/new", "yaml", two, "do", "create"), "/r/v1.configmaps/default/made-2")
	r.read("/api/v1/namespaces/default/configmaps/made-1")
	// The second of two exists.
	three := fmt.Sprintf(settings, "made-3") + "\n---\n" + fmt.Sprintf(settings, "made-1")
	r.expect(r.press("/r/new", "yaml", three, "do", "create"), http.StatusUnprocessableEntity, "configmaps/made-3 created", `configmaps "made-1" already exists`)
	for name, tt := range map[string]struct{ text, says string }{
		"no kind":    {"metadata: {name: x}", "Every object needs apiVersion and kind."},
		"nothing":    {"# none\n---\n", "There is no object in this text."},
		"no such":    {"apiVersion: v1\nkind: Pood\nmetadata: {name: x}", `no matches for kind "Pood" in version "v1"`},
		"no YAML":    {"kind: [", "did not find expected node content"},
		"invalid":    {"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: A, image: x}]}", "spec.containers[0].name"},
		"no node ns": {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nowhere}", `namespaces "nowhere" not found`},
	} {
		a := r.submit("/r/new", "yaml", tt.text, "do", "create")
		r.expect(a, http.StatusUnprocessableEntity, tt.says)
		if strings.TrimSpace(field(t, a, "yaml")) != strings.TrimSpace(tt.text) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	lint := r.press("/r/new/lint", "yaml", fmt.Sprintf(settings, "made-9")+"\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: A, image: x}]}")
	if !strings.Contains(lint.body, `"line":9`) {
		t.Errorf("lint answers %s", lint.body)
	}
	r.expect(r.submit("/r/new", "yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {generateName: made-}", "do", "create"), http.StatusSeeOther)
}

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
