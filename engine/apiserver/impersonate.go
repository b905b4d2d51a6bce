package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/filters/impersonation

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
)

// impersonated lets a user who may do so act as another.
func (s *Server) impersonated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts, err := personParts(r.Header)
		if err != nil {
			writeError(w, r, err)
			return
		}
		if len(parts) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		self, _ := genericrequest.UserFrom(r.Context())
		other := &user.DefaultInfo{Extra: map[string][]string{}}
		for _, p := range parts {
			if err := s.authorize(r.Context(), p.attributes(self)); err != nil {
				writeError(w, r, err)
				return
			}
			p.become(other)
		}
		completeGroups(other, parts)
		s.log.InfoContext(r.Context(), "impersonating", "user", self.GetName(), "as", other.Name)
		dropImpersonation(r.Header)
		next.ServeHTTP(w, r.WithContext(genericrequest.WithUser(r.Context(), other)))
	})
}

// A personPart is one thing about the other person, as upstream describes it.
type personPart corev1.ObjectReference

// personParts reads the Impersonate headers.
func personParts(h http.Header) ([]personPart, error) {
	var parts []personPart
	name := h.Get(authenticationv1.ImpersonateUserHeader)
	if ns, sa, err := serviceaccount.SplitUsername(name); err == nil {
		parts = append(parts, personPart{Kind: "ServiceAccount", Namespace: ns, Name: sa})
	} else if name != "" {
		parts = append(parts, personPart{Kind: "User", Name: name})
	}
	for _, g := range h[authenticationv1.ImpersonateGroupHeader] {
		parts = append(parts, personPart{Kind: "Group", Name: g})
	}
	parts = append(parts, extraParts(h)...)
	if uid := h.Get(authenticationv1.ImpersonateUIDHeader); uid != "" {
		parts = append(parts, personPart{Kind: "UID", APIVersion: authenticationv1.SchemeGroupVersion.String(), Name: uid})
	}
	if len(parts) > 0 && name == "" {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("requested %v without impersonating a user", references(parts)))
	}
	return parts, nil
}

func extraParts(h http.Header) []personPart {
	var parts []personPart
	for name, values := range h {
		key, ok := strings.CutPrefix(name, authenticationv1.ImpersonateUserExtraHeaderPrefix)
		if !ok {
			continue
		}
		key = strings.ToLower(key)
		if plain, err := url.PathUnescape(key); err == nil {
			key = plain
		}
		for _, v := range values {
			parts = append(parts, personPart{Kind: "UserExtra", APIVersion: authenticationv1.SchemeGroupVersion.String(), Name: v, FieldPath: key})
		}
	}
	return parts
}

func references(parts []personPart) []corev1.ObjectReference {
	out := make([]corev1.ObjectReference, len(parts))
	for i, p := range parts {
		out[i] = corev1.ObjectReference(p)
	}
	return out
}

// attributes are what self must be allowed.
func (p personPart) attributes(self user.Info) authorizer.Attributes {
	a := authorizer.AttributesRecord{User: self, Verb: "impersonate", Namespace: p.Namespace, Name: p.Name, ResourceRequest: true}
	switch p.Kind {
	case "ServiceAccount":
		a.Resource, a.APIVersion = "serviceaccounts", ""
	case "User":
		a.Resource = "users"
	case "Group":
		a.Resource = "groups"
	case "UserExtra":
		a.APIGroup, a.APIVersion, a.Resource, a.Subresource = authenticationv1.GroupName, "v1", "userextras", p.FieldPath
	case "UID":
		a.APIGroup, a.APIVersion, a.Resource = authenticationv1.GroupName, "v1", "uids"
	}
	return a
}

// become makes u have the part.
func (p personPart) become(u *user.DefaultInfo) {
	switch p.Kind {
	case "ServiceAccount":
		u.Name = serviceaccount.MakeUsername(p.Namespace, p.Name)
	case "User":
		u.Name = p.Name
	case "Group":
		u.Groups = append(u.Groups, p.Name)
	case "UserExtra":
		u.Extra[p.FieldPath] = append(u.Extra[p.FieldPath], p.Name)
	case "UID":
		u.UID = p.Name
	}
}

// completeGroups adds the groups that everybody of u's sort is in.
func completeGroups(u *user.DefaultInfo, parts []personPart) {
	if parts[0].Kind == "ServiceAccount" && len(u.Groups) == 0 {
		u.Groups = serviceaccount.MakeGroupNames(parts[0].Namespace)
	}
	switch {
	case u.Name == user.Anonymous:
		if !slices.Contains(u.Groups, user.AllUnauthenticated) {
			u.Groups = append(u.Groups, user.AllUnauthenticated)
		}
	case !slices.Contains(u.Groups, user.AllAuthenticated) && !slices.Contains(u.Groups, user.AllUnauthenticated):
		u.Groups = append(u.Groups, user.AllAuthenticated)
	}
}

func dropImpersonation(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Impersonate-") {
			h.Del(name)
		}
	}
}
