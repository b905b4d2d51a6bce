package frame

import (
	"context"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"

	"kubergarten/engine/client"
	"kubergarten/ui/text"
)

// A Visitor is who looks at the page.
type Visitor struct {
	User user.Info
	// REST reaches kube-apiserver by HTTPS with the visitor's own credential.
	REST *rest.Config
	// API reaches it in process, as User.
	API client.Interface
	// Lang is the language: text.English or text.Chinese.
	Lang string
	// Theme is "auto", "light" or "dark".
	Theme string
	// Login is the session that the visitor came in by; nil when there is none.
	Login Login
}

// A Login is a visitor's session, for what stays open longer than a request.
type Login interface {
	// ID names the session; it is no secret.
	ID() string
	// Gone is closed when the visitor logs out.
	Gone() <-chan struct{}
	// Alive tells whether the session is not over yet; used prolongs it.
	Alive(used bool) bool
}

type visitorKey struct{}

// With returns a context of v's visit.
func With(ctx context.Context, v *Visitor) context.Context {
	return text.With(context.WithValue(ctx, visitorKey{}, v), v.Lang)
}

// From returns who visits. A visitor that nobody has put there knows nothing
// and may nothing.
func From(ctx context.Context) *Visitor {
	if v, ok := ctx.Value(visitorKey{}).(*Visitor); ok {
		return v
	}
	return &Visitor{User: &user.DefaultInfo{}, Lang: text.Lang(ctx), Theme: "auto"}
}

// T says key in the visitor's language; args are names and values in turn.
func T(ctx context.Context, key string, args ...any) string { return text.T(ctx, key, args...) }
