package apiserver

import (
	"fmt"
	"strings"
	"testing"

	"kubergarten/engine/trace"
)

// apply is a server-side apply of a ConfigMap.
func (h *harness) apply(manager, query, data string) answerOf {
	h.t.Helper()
	body := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm"},"data":` + data + `}`
	return h.call("PATCH", "/api/v1/namespaces/default/configmaps/cm?fieldManager="+manager+query, body, "Content-Type", "application/apply-patch+yaml")
}

func TestLifeOfAnObject(t *testing.T) {
	h := newHarness(t)
	a := h.call("POST", podsPath, podJSON).want(t, 201, "")
	if kind := a.field(t, "kind"); kind != "Pod" || a.field(t, "apiVersion") != "v1" {
		t.Fatalf("kind %v in %s", kind, a.body)
	}
	if policy := a.field(t, "spec", "restartPolicy"); policy != "Always" {
		t.Errorf("defaults: restartPolicy %v", policy)
	}
	if fields := fmt.Sprint(a.field(t, "metadata", "managedFields")); !strings.Contains(fields, "manager:tester") {
		t.Errorf("managedFields %s", fields)
	}
	h.call("PUT", podsPath+"/web", strings.Replace(podJSON, `"app":"web"`, `"app":"api"`, 1)).want(t, 200, "")
	if app := h.call("GET", podsPath+"/web", "").want(t, 200, "").field(t, "metadata", "labels", "app"); app != "api" {
		t.Errorf("after update: app=%v", app)
	}
	list := h.call("GET", podsPath+"?labelSelector=app%3Dapi&limit=500", "").want(t, 200, "")
	if kind := list.field(t, "kind"); kind != "PodList" || len(list.field(t, "items").([]any)) != 1 {
		t.Errorf("list: %s", list.body)
	}
	empty := h.call("GET", podsPath+"?fieldSelector=metadata.name%3Dx", "").want(t, 200, "")
	if items, ok := empty.field(t, "items").([]any); !ok || len(items) != 0 {
		t.Errorf("empty list: %s", empty.body)
	}
	if status := h.call("DELETE", podsPath+"/web", "").want(t, 200, "").field(t, "status"); status != "Success" {
		t.Errorf("delete: %v", status)
	}
	h.call("GET", podsPath+"/web", "").want(t, 404, "")
}

func TestGenerateNameAndDryRun(t *testing.T) {
	h := newHarness(t)
	body := strings.Replace(podJSON, `"name":"web"`, `"generateName":"web-"`, 1)
	if name := h.call("POST", podsPath+"?dryRun=All", body).want(t, 201, "").field(t, "metadata", "name"); !strings.HasPrefix(name.(string), "web-") {
		t.Errorf("name %v", name)
	}
	if items := h.call("GET", podsPath, "").field(t, "items").([]any); len(items) != 0 {
		t.Errorf("dry run stored %d pods", len(items))
	}
}

func TestPatches(t *testing.T) {
	h := newHarness(t)
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	for _, c := range []struct {
		name, contentType, query, body string
		code                           int
		message                        string
		label                          string // of app, after
	}{
		{"json", "application/json-patch+json", "", `[{"op":"replace","path":"/metadata/labels/app","value":"1"}]`, 200, "", "1"},
		{"json test fails", "application/json-patch+json", "", `[{"op":"test","path":"/metadata/labels/app","value":"9"}]`, 422, "the server rejected our request due to an error in our request", ""},
		{"json, no path", "application/json-patch+json", "", `[{"op":"remove","path":"/metadata/x"}]`, 422, "the server rejected our request due to an error in our request", ""},
		{"json, not a list", "application/json-patch+json", "", `{}`, 400, "error decoding patch: json: cannot unmarshal object into Go value of type []apiserver.patchOp", ""},
		{"merge", "application/merge-patch+json", "", `{"metadata":{"labels":{"app":"2"}}}`, 200, "", "2"},
		{"merge, charset", "application/merge-patch+json; charset=utf-8", "", `{"metadata":{"labels":{"app":"2b"}}}`, 200, "", "2b"},
		{"strategic", "application/strategic-merge-patch+json", "", `{"metadata":{"labels":{"app":"3"}},"spec":{"containers":[{"name":"c","image":"nginx"}]}}`, 200, "", "3"},
		{"strategic, bad list", "application/strategic-merge-patch+json", "", `{"spec":{"containers":[{"image":"nginx"}]}}`, 500, "map: map[image:nginx] does not contain declared merge key: name", ""},
		{"strategic, strict", "application/strategic-merge-patch+json", "?fieldValidation=Strict", `{"spec":{"foo":1}}`, 422, ` "" is invalid: patch: Invalid value: "map[spec:map[foo:1]]": strict decoding error: unknown field "spec.foo"`, ""},
		{"rename", "application/merge-patch+json", "", `{"metadata":{"name":"x"}}`, 400, "the name of the object (x) does not match the name on the URL (web)", ""},
		{"stale", "application/merge-patch+json", "", `{"metadata":{"resourceVersion":"1"}}`, 409, `Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call("PATCH", podsPath+"/web"+c.query, c.body, "Content-Type", c.contentType).want(t, c.code, c.message)
			if c.label != "" && a.field(t, "metadata", "labels", "app") != c.label {
				t.Errorf("patched: %s", a.body)
			}
		})
	}
	h.call("PATCH", podsPath+"/nobody", `{}`, "Content-Type", "application/merge-patch+json").want(t, 404, `pods "nobody" not found`)
	if image := h.call("GET", podsPath+"/web", "").field(t, "spec", "containers").([]any)[0].(map[string]any)["image"]; image != "nginx" {
		t.Errorf("image %v", image)
	}
}

func TestTooManyPatchOperations(t *testing.T) {
	h := newHarness(t)
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	op := `{"op":"test","path":"/kind","value":"Pod"}`
	body := "[" + strings.Repeat(op+",", maxPatchOperations) + op + "]"
	h.call("PATCH", podsPath+"/web", body, "Content-Type", "application/json-patch+json").
		want(t, 413, "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001")
}

func TestApply(t *testing.T) {
	h := newHarness(t)
	h.apply("alice", "", `{"a":"1"}`).want(t, 201, "")
	before := h.apply("alice", "", `{"a":"1"}`).want(t, 200, "").field(t, "metadata", "resourceVersion")
	if after := h.apply("alice", "", `{"a":"1"}`).want(t, 200, "").field(t, "metadata", "resourceVersion"); after != before {
		t.Errorf("a no-op apply changed resourceVersion from %v to %v", before, after)
	}
	h.apply("bob", "", `{"a":"2"}`).want(t, 409, `Apply failed with 1 conflict: conflict with "alice": .data.a`)
	if got := h.apply("bob", "&force=true", `{"a":"2"}`).want(t, 200, "").field(t, "data", "a"); got != "2" {
		t.Errorf("forced: %v", got)
	}
	if got := h.apply("bob", "", `{"b":"3"}`).want(t, 200, "").field(t, "data"); fmt.Sprint(got) != "map[b:3]" {
		t.Errorf("what bob no longer applies stays: %v", got)
	}
	h.call("PATCH", "/api/v1/namespaces/default/configmaps/cm", "{}", "Content-Type", "application/apply-patch+yaml").
		want(t, 422, `PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch`)
	h.apply("x", "", `[`).want(t, 400, "")
}

func TestWarnings(t *testing.T) {
	h := newHarness(t)
	for _, c := range []struct{ name, path, body, contentType, warning string }{
		{"unknown field", podsPath, strings.Replace(podJSON, `"spec":{`, `"spec":{"foo":1,`, 1), "application/json", `299 - "unknown field \"spec.foo\""`},
		{"duplicate field", podsPath, `{"apiVersion":"v1","kind":"Pod","kind":"Pod","metadata":{"name":"dup"},"spec":{"containers":[{"name":"c","image":"i"}]}}`, "application/json", `299 - "duplicate field \"kind\""`},
		{"yaml", podsPath, "apiVersion: v1\nkind: Pod\nmetadata: {name: yaml}\nspec: {foo: 1, containers: [{name: c, image: i}]}\n", "application/yaml", `299 - "unknown field \"spec.foo\""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call("POST", c.path, c.body, "Content-Type", c.contentType).want(t, 201, "")
			if got := a.header.Get("Warning"); got != c.warning {
				t.Errorf("Warning %q, want %q", got, c.warning)
			}
		})
	}
	if got := h.call("GET", "/api/v1/endpoints", "").want(t, 200, "").header.Get("Warning"); got != `299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"` {
		t.Errorf("endpoints: %q", got)
	}
	a := h.call("POST", podsPath+"?fieldValidation=Ignore", strings.Replace(strings.Replace(podJSON, `"spec":{`, `"spec":{"foo":1,`, 1), `"web"`, `"quiet"`, 1)).want(t, 201, "")
	if got := a.header.Get("Warning"); got != "" {
		t.Errorf("Ignore warned: %q", got)
	}
}

func TestDeleteCollection(t *testing.T) {
	h := newHarness(t)
	for _, name := range []string{"a", "b", "c"} {
		h.call("POST", podsPath, strings.Replace(podJSON, `"name":"web"`, `"name":"`+name+`"`, 1)).want(t, 201, "")
	}
	h.call("DELETE", podsPath+"?fieldSelector=metadata.name!%3Db", "").want(t, 200, "")
	if items := h.call("GET", podsPath, "").field(t, "items").([]any); len(items) != 1 {
		t.Errorf("%d pods left", len(items))
	}
	h.call("DELETE", "/api/v1/pods", "").want(t, 405, "")
}

func TestTrace(t *testing.T) {
	h := newHarness(t)
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	records, _ := h.trace.Since(0)
	var steps []trace.Step
	for _, r := range records {
		steps = append(steps, r.Step)
		if r.Who != Name || r.Object.Resource != "pods" {
			t.Errorf("record %+v", r)
		}
	}
	want := []trace.Step{trace.Authenticated, trace.Authorized, trace.Decoded, trace.Mutated, trace.Prepared, trace.Admitted, trace.Stored}
	if fmt.Sprint(steps) != fmt.Sprint(want) {
		t.Errorf("steps %v, want %v", steps, want)
	}
	if last := records[len(records)-1]; last.Object.Name != "web" || last.Revision == 0 {
		t.Errorf("stored: %+v", last)
	}
}
