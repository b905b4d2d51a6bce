package apiserver

import "testing"

// TestStringData: however a secret's stringData comes, it is stored as data.
func TestStringData(t *testing.T) {
	const secrets = "/api/v1/namespaces/default/secrets"
	h := newHarness(t)
	secret := func(data string) string {
		return `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"a":"` + data + `"}}`
	}
	for _, c := range []struct{ name, method, path, contentType, body, want string }{
		{"create", "POST", secrets, "application/json", secret("1"), "MQ=="},
		{"update", "PUT", secrets + "/s", "application/json", secret("2"), "Mg=="},
		{"merge patch", "PATCH", secrets + "/s", "application/merge-patch+json", `{"stringData":{"a":"3"}}`, "Mw=="},
		{"strategic patch", "PATCH", secrets + "/s", "application/strategic-merge-patch+json", `{"stringData":{"a":"4"}}`, "NA=="},
		{"apply", "PATCH", secrets + "/s?fieldManager=me&force=true", "application/apply-patch+yaml", secret("5"), "NQ=="},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.call(c.method, c.path, c.body, "Content-Type", c.contentType)
			a := h.call("GET", secrets+"/s", "").want(t, 200, "")
			if got := a.field(t, "data", "a"); got != c.want {
				t.Errorf("data.a is %v, want %s", got, c.want)
			}
			if got := a.field(t, "stringData"); got != nil {
				t.Errorf("stringData is stored: %v", got)
			}
		})
	}
}
