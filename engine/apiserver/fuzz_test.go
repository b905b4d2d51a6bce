package apiserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// fuzzServer answers without a network, and fails the test on a panic or on an
// answer that is not what its code says.
func fuzzServer(f *testing.F) (*harness, func(t *testing.T, method, path, contentType string, body []byte) int) {
	f.Helper()
	s, err := New(Config{}, Deps{Registry: newFakeRegistry(), Authenticator: byToken{}, Authorizer: allowAll{}, Clock: realClock{}, Log: quiet})
	if err != nil {
		f.Fatal(err)
	}
	h := s.Handler()
	return &harness{Server: s}, func(t *testing.T, method, path, contentType string, body []byte) int {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			t.Skip()
		}
		r := httptest.NewRequest(method, "/", bytes.NewReader(body))
		r.URL = u
		r.Header.Set("Authorization", "Bearer alice")
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if bytes.Contains(w.Body.Bytes(), []byte("caused apiserver to panic")) {
			t.Fatalf("%s %s panics: %q", method, path, body)
		}
		if w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s %s: not JSON: %q", method, path, w.Body.String())
		}
		return w.Code
	}
}

func FuzzPatch(f *testing.F) {
	for i, body := range []string{
		`[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]`, `[{"op":"copy","from":"/spec","path":"/status"}]`,
		`{"metadata":{"labels":{"a":null}}}`, `{"spec":{"containers":[{"name":"c","$patch":"delete"}]}}`, `{"spec":{"$retainKeys":["a"],"$setElementOrder/containers":[{"name":"c"}]}}`,
		"apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n", `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","managedFields":[{}]}}`, `[]`, `{`, ``, `null`, `[null]`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	_, call := fuzzServer(f)
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		call(t, "POST", podsPath, "application/json", []byte(podJSON))
		contentType := patchTypes()[int(kind)%len(patchTypes())]
		call(t, "PATCH", podsPath+"/web?fieldManager=f&force=true", contentType, body)
		call(t, "DELETE", podsPath+"/web", "", nil)
	})
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"", "limit=1&continue=x", "fieldSelector=metadata.name%3Dx", "labelSelector=a+in+(b,c)", "watch=false&timeoutSeconds=1", "resourceVersion=-1",
		"resourceVersionMatch=Exact", "sendInitialEvents=true", "pretty=1", "dryRun=All&dryRun=All", "timeout=-1h", "includeObject=Object", "a=%zz", ";",
	} {
		f.Add(q)
	}
	_, call := fuzzServer(f)
	f.Fuzz(func(t *testing.T, query string) {
		if v, err := url.ParseQuery(query); err != nil || v.Has("watch") {
			t.Skip() // watches last
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			call(t, method, podsPath+"?"+query, "application/json", []byte(podJSON))
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, body := range []string{podJSON, "{}", "[", "apiVersion: v1\nkind: Pod\n", "a: &a [*a]", "k8s\x00\x0a\x00", "k8s\x00\xff\xff", `{"kind":"Pod","apiVersion":"v1","metadata":{"name":1}}`} {
		for i := range uint8(3) {
			f.Add(i, []byte(body))
		}
	}
	_, call := fuzzServer(f)
	types := []string{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		if call(t, "POST", podsPath+"?dryRun=All", types[int(kind)%len(types)], body) == http.StatusInternalServerError {
			t.Errorf("500 for %q", body)
		}
		call(t, "DELETE", podsPath, types[int(kind)%len(types)], body)
	})
}

// FuzzMerge holds that a merge patch in our pipeline does what it says for
// labels, whatever they are.
func FuzzMerge(f *testing.F) {
	f.Add("a", "b")
	f.Add("", "\x00")
	h, _ := fuzzServer(f)
	q := &request{endpoint: h.serves[where{pods(), ""}], user: userNamed("alice"), ns: "default", name: "web"}
	f.Fuzz(func(t *testing.T, key, value string) {
		data, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]string{key: value}}})
		if err != nil || json.Unmarshal(data, &struct{}{}) != nil {
			t.Skip()
		}
		for _, pt := range []types.PatchType{types.MergePatchType, types.StrategicMergePatchType} {
			if pt == types.StrategicMergePatchType && len(key) > 0 && key[0] == '$' {
				continue // a directive
			}
			change, err := q.patcher(pt, data, &metav1.PatchOptions{})
			if err != nil {
				t.Fatal(err)
			}
			obj, err := change(t.Context(), makePod("default", "web"))
			if err != nil {
				t.Fatalf("%s %s: %v", pt, data, err)
			}
			var want struct {
				Metadata struct{ Labels map[string]string }
			}
			_ = json.Unmarshal(data, &want)
			for k, v := range want.Metadata.Labels {
				if got := obj.(*corev1.Pod).Labels[k]; got != v {
					t.Errorf("%s: label %q is %q, want %q", pt, k, got, v)
				}
			}
		}
	})
}

func FuzzImpersonation(f *testing.F) {
	f.Add("system:serviceaccount:a:b", "g", "Scopes", "x")
	f.Add("", "", "%zz", "")
	f.Fuzz(func(t *testing.T, user, group, key, value string) {
		h := http.Header{"Impersonate-User": {user}, "Impersonate-Group": {group}, "Impersonate-Extra-" + key: {value}}
		parts, err := personParts(h)
		if (err == nil) != (user != "" || len(parts) == 0 && group == "" && value == "") && err == nil && user == "" && len(parts) > 0 {
			t.Errorf("%v without a user: %v", h, parts)
		}
	})
}
