package ui

import (
	"encoding/json"
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
