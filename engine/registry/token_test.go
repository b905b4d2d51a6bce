package registry

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/registry/rest"
)

// issuerFunc is an issuer for tests.
type issuerFunc func(*corev1.ServiceAccount, *authenticationv1.TokenRequest, TokenBinding) error

func (f issuerFunc) IssueToken(_ context.Context, sa *corev1.ServiceAccount, req *authenticationv1.TokenRequest, b TokenBinding) error {
	return f(sa, req, b)
}

func TestToken(t *testing.T) {
	var got TokenBinding
	f := newFixture(t, func(c *Config) {
		c.Tokens = issuerFunc(func(sa *corev1.ServiceAccount, req *authenticationv1.TokenRequest, b TokenBinding) error {
			got = b
			req.Status.Token = "token of " + sa.Name
			return nil
		})
	})
	mustCreate(f, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "sa", Namespace: "default"}})
	p := pod("p")
	p.Spec.ServiceAccountName, p.Spec.NodeName = "sa", "n"
	p = mustCreate(f, p)
	mustCreate(f, pod("stranger"))

	ref := func(kind, name string) func(*authenticationv1.TokenRequest) {
		return func(r *authenticationv1.TokenRequest) {
			r.Spec.BoundObjectRef = &authenticationv1.BoundObjectReference{Kind: kind, APIVersion: "v1", Name: name}
		}
	}
	tests := []struct {
		name, account string
		change        func(*authenticationv1.TokenRequest)
		want          string
		bound         bool
	}{
		{name: "bound to its pod", account: "sa", change: ref("Pod", "p"), bound: true},
		{name: "plain", account: "sa"},
		{name: "no account", account: "nobody", want: `serviceaccounts "nobody" not found`},
		{
			name: "another name", account: "sa", change: func(r *authenticationv1.TokenRequest) { r.Name = "x" },
			want: `TokenRequest.authentication.k8s.io "sa" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified`,
		},
		{name: "no pod", account: "sa", change: ref("Pod", "nobody"), want: `pods "nobody" not found`},
		{name: "another's pod", account: "sa", change: ref("Pod", "stranger"), want: `cannot bind token for serviceaccount "sa" to pod running with different serviceaccount name.`},
		{name: "odd kind", account: "sa", change: ref("ConfigMap", "p"), want: "cannot bind token to object of type /v1, Kind=ConfigMap"},
		{
			name: "stale pod", account: "sa", change: func(r *authenticationv1.TokenRequest) { ref("Pod", "p")(r); r.Spec.BoundObjectRef.UID = "old" },
			want: `Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated`,
		},
		{
			name: "too short", account: "sa", change: func(r *authenticationv1.TokenRequest) { *r.Spec.ExpirationSeconds = 60 },
			want: `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got = TokenBinding{}
			hour := int64(3600)
			req := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}
			if tt.change != nil {
				tt.change(req)
			}
			out, err := at[rest.NamedCreater](f, gvrOf(t, &corev1.ServiceAccount{}), "token").Create(f.ctx, tt.account, req, rest.ValidateAllObjectFunc, &metav1.CreateOptions{})
			wantError(t, err, tt.want)
			if tt.bound && (got.Pod.UID != p.UID || got.Node.Name != "n") {
				t.Errorf("bound to %+v", got)
			}
			if err == nil && out.(*authenticationv1.TokenRequest).Status.Token != "token of sa" {
				t.Errorf("answer is %v", out)
			}
		})
	}
}
