package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/utils/ptr"

	"kubergarten/engine/client"
)

func account() *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "robot", UID: "sa-uid"}}
}

func boundPod() *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "pod-uid"}}
	p.Spec.NodeName, p.Spec.ServiceAccountName = "n1", "robot"
	return p
}

func boundNode() *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", UID: "node-uid"}}
}

func request(seconds int64, audiences ...string) *authenticationv1.TokenRequest {
	return &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences, ExpirationSeconds: ptr.To(seconds)}}
}

func (w *world) issue(t testing.TB, req *authenticationv1.TokenRequest, pod *corev1.Pod, node *corev1.Node) string {
	t.Helper()
	if err := w.Tokens().Issue(account(), req, pod, node, nil); err != nil {
		t.Fatal(err)
	}
	return req.Status.Token
}

// show shows token, as a request to the API server does.
func (w *world) show(t testing.TB, token string) (*authenticator.Response, error) {
	t.Helper()
	r := httptest.NewRequest("GET", "https://127.0.0.1:6443/api", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	resp, ok, err := w.Authenticator().AuthenticateRequest(r)
	if ok != (resp != nil) {
		t.Errorf("ok %v, response %v", ok, resp)
	}
	return resp, err
}

func TestToken(t *testing.T) {
	w := newWorld(t, account(), boundPod(), boundNode())
	req := request(3607)
	token := w.issue(t, req, boundPod(), boundNode())
	if !cmp.Equal(req.Spec.Audiences, []string{issuer}) || !req.Status.ExpirationTimestamp.Time.Equal(w.clock.Now().Add(3607*time.Second)) {
		t.Errorf("filled in: %+v", req)
	}
	resp, err := w.show(t, token)
	if err != nil || resp == nil {
		t.Fatal(resp, err)
	}
	u := resp.User
	if u.GetName() != "system:serviceaccount:default:robot" || u.GetUID() != "sa-uid" {
		t.Errorf("user %q, UID %q", u.GetName(), u.GetUID())
	}
	if diff := cmp.Diff([]string{"system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"}, u.GetGroups()); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[string]string{"pod-name": "web", "pod-uid": "pod-uid", "node-name": "n1", "node-uid": "node-uid"} {
		if got := u.GetExtra()["authentication.kubernetes.io/"+key]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	if id := u.GetExtra()["authentication.kubernetes.io/credential-id"]; len(id) != 1 || !strings.HasPrefix(id[0], "JTI=") {
		t.Errorf("credential id %q", id)
	}
}

// TestTokenEnds: a token ends with its time, and with all that it is bound to.
func TestTokenEnds(t *testing.T) {
	remove := func(of func(*world) error) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			if err := of(w); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx := context.Background()
	tests := []struct {
		name string
		do   func(*testing.T, *world)
		want string
	}{
		{"nothing happens", func(*testing.T, *world) {}, ""},
		{"time passes", func(_ *testing.T, w *world) { w.clock.Step(3607*time.Second + 2*time.Minute) }, "service account token has expired"},
		{"the account is deleted", remove(func(w *world) error {
			return client.For[*corev1.ServiceAccount](w.api).Delete(ctx, "default", "robot", metav1.DeleteOptions{})
		}), `serviceaccounts "robot" not found`},
		{"the pod is deleted", remove(func(w *world) error {
			return client.For[*corev1.Pod](w.api).Delete(ctx, "default", "web", metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
		}), "service account token has been invalidated"},
		{"the pod is another of that name", func(_ *testing.T, w *world) { w.replace(boundPod(), "other") }, "pod UID (other) does not match service account pod ref claim (pod-uid)"},
		{"the account is another of that name", func(_ *testing.T, w *world) { w.replace(account(), "other") }, "service account UID (other) does not match claim (sa-uid)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, account(), boundPod(), boundNode())
			token := w.issue(t, request(3607), boundPod(), boundNode())
			tt.do(t, w)
			resp, err := w.show(t, token)
			if tt.want == "" && (err != nil || resp == nil) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, %v", resp, err)
			}
		})
	}
}

// replace puts an object of the same name but another UID in the place of o.
func (w *world) replace(o client.Object, uid types.UID) {
	o.SetUID(uid)
	w.api.Add(o.(runtime.Object))
}

// TestTenants: a token or a key of one cluster is worth nothing in another.
func TestTenants(t *testing.T) {
	var all []*world
	for range 3 {
		all = append(all, newWorld(t, account()))
	}
	for i, a := range all {
		token := a.issue(t, request(600), nil, nil)
		for j, b := range all {
			resp, err := b.show(t, token)
			if known := resp != nil && err == nil; known != (i == j) {
				t.Errorf("the token of %d in %d: %v, %v", i, j, resp, err)
			}
		}
	}
}

func TestBadTokens(t *testing.T) {
	w := newWorld(t, account())
	good := w.issue(t, request(600), nil, nil)
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	admin := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"` + issuer + `","sub":"admin"}`))
	hmac, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte("0123456789abcdef0123456789abcdef")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	symmetric, err := jwt.Signed(hmac).Claims(jwt.Claims{Issuer: issuer}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"for another audience": w.issue(t, request(600, "vault"), nil, nil),
		"no algorithm":         none + "." + admin + ".",
		"other claims":         parts[0] + "." + admin + "." + parts[2],
		"no signature":         parts[0] + "." + parts[1] + ".",
		"cut short":            good[:len(good)-5],
		"symmetric":            symmetric,
		"not a token":          "hello",
	} {
		if resp, err := w.show(t, token); resp != nil || err == nil {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
	ctx := authenticator.WithAudiences(t.Context(), authenticator.Audiences{"vault"})
	if _, ok, err := w.Tokens().AuthenticateToken(ctx, w.issue(t, request(600, "vault"), nil, nil)); !ok || err != nil {
		t.Errorf("a token for vault, asked by vault: %v, %v", ok, err)
	}
}

// TestOpenID verifies a token with nothing but what the server publishes.
func TestOpenID(t *testing.T) {
	w := newWorld(t, account())
	read := func(path string, into any) {
		rec := httptest.NewRecorder()
		w.Paths()[path].ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		if err := json.Unmarshal(rec.Body.Bytes(), into); err != nil {
			t.Fatal(err)
		}
	}
	var cfg map[string]any
	read("/.well-known/openid-configuration", &cfg)
	if cfg["issuer"] != issuer || cfg["jwks_uri"] != issuer+"/openid/v1/jwks" || fmt.Sprint(cfg["id_token_signing_alg_values_supported"]) != "[ES256]" {
		t.Errorf("configuration %v", cfg)
	}
	var keys jose.JSONWebKeySet
	read("/openid/v1/jwks", &keys)
	token, err := jwt.ParseSigned(w.issue(t, request(600), nil, nil), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := token.Claims(keys, &claims); err != nil || claims.Subject != "system:serviceaccount:default:robot" {
		t.Errorf("claims %v, %v", claims, err)
	}
	if !keys.Keys[0].IsPublic() {
		t.Error("the private key is published")
	}
}

// FuzzToken: whatever is shown, nobody unknown gets in, and nothing panics.
func FuzzToken(f *testing.F) {
	w := newWorld(f, account())
	good := w.issue(f, request(600), nil, nil)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add("a.b.c")
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		if _, ok, _ := w.Tokens().AuthenticateToken(t.Context(), token); ok && token != good {
			// The last character of a signature carries unused bits.
			if token[:len(token)-1] != good[:len(good)-1] {
				t.Errorf("%q is accepted", token)
			}
		}
	})
}

func BenchmarkToken(b *testing.B) {
	w := newWorld(b, account(), boundPod(), boundNode())
	token := w.issue(b, request(600), boundPod(), boundNode())
	for b.Loop() {
		if _, ok, err := w.Tokens().AuthenticateToken(b.Context(), token); !ok {
			b.Fatal(err)
		}
	}
}
