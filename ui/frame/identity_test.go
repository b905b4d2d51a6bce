package frame

import (
	"slices"
	"testing"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"
)

// TestIdentity: who differs in anything that the API server looks at is another.
func TestIdentity(t *testing.T) {
	of := func(u user.DefaultInfo) string { return identity(&Visitor{User: &u}) }
	by := func(token string) string {
		return identity(&Visitor{User: &user.DefaultInfo{Name: "a"}, REST: &rest.Config{BearerToken: token}})
	}
	all := []string{
		of(user.DefaultInfo{Name: "a"}), of(user.DefaultInfo{Name: "b"}), of(user.DefaultInfo{Name: "a", UID: "1"}), of(user.DefaultInfo{Name: "a", Groups: []string{"1"}}),
		of(user.DefaultInfo{Name: "a", Extra: map[string][]string{"k": {"v"}}}), of(user.DefaultInfo{Name: "a", Extra: map[string][]string{"k": {"w"}}}),
		by("one"), by("two"),
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("two are one: %q", all)
	}
}
