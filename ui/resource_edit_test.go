package ui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

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
