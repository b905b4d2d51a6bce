package apiserver

import (
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"

	"kubergarten/engine/api"
	"kubergarten/engine/trace"
)

// namespaces is the one resource whose objects are named by the URL's namespace.
func namespaces() schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
}

// schemaless stands where an error has no resource to name.
func schemaless() (none schema.GroupResource) { return none }

// authorized lets pass what the user may do.
func (s *Server) authorized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, who := infoOf(r), authorizer.AttributesRecord{}
		who.User, _ = genericrequest.UserFrom(r.Context())
		who.Verb, who.Path, who.ResourceRequest = info.Verb, info.Path, info.IsResourceRequest
		who.APIGroup, who.APIVersion, who.Resource, who.Subresource = info.APIGroup, info.APIVersion, info.Resource, info.Subresource
		who.Namespace, who.Name = info.Namespace, info.Name
		who = withSelectors(who, info.LabelSelector, info.FieldSelector)
		if err := s.authorize(r.Context(), who); err != nil {
			w.Header().Set("X-Content-Type-Options", "nosniff")
			writeError(w, r, err)
			return
		}
		if info.IsResourceRequest && isWrite(info.Verb) {
			s.emit(r, trace.Authorized, who.User.GetName()+" may "+info.Verb)
		}
		next.ServeHTTP(w, r)
	})
}

// route finds who answers.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if info := infoOf(r); info.IsResourceRequest {
		s.serveResource(w, r, info)
		return
	}
	if h, ok := s.others(r.URL.Path); ok {
		h(w, r)
		return
	}
	http.NotFound(w, r)
}

// serveResource hands the request to the verb of its endpoint.
func (s *Server) serveResource(w http.ResponseWriter, r *http.Request, info *genericrequest.RequestInfo) {
	gv := schema.GroupVersion{Group: info.APIGroup, Version: info.APIVersion}
	e, ok := s.serves[where{gv.WithResource(info.Resource), info.Subresource}]
	switch {
	case ok && len(info.Parts) <= parts(info):
	case !known(gv):
		http.NotFound(w, r)
		return
	default:
		writeError(w, r, notServed())
		return
	}
	q := &request{endpoint: e, ns: info.Namespace, name: info.Name, verb: info.Verb, manager: managerOfAgent(r.UserAgent())}
	q.user, _ = genericrequest.UserFrom(r.Context())
	if err := q.reachable(info); err != nil {
		writeError(w, r, err)
		return
	}
	q.serve(w, r)
}

// parts is how many path elements, from the resource on, the endpoint has. What
// follows "proxy" is for who is asked.
func parts(info *genericrequest.RequestInfo) int {
	if info.Subresource == "proxy" {
		return len(info.Parts)
	}
	if info.Subresource != "" {
		return 3
	}
	return 2
}

// reachable refuses URLs that the endpoint does not have, as go-restful's
// routes do upstream.
func (q *request) reachable(info *genericrequest.RequestInfo) error {
	named := len(info.Parts) > 1
	switch {
	case q.gvr == namespaces():
	case !q.namespaced && q.ns != "":
		return notServed()
	case q.namespaced && q.ns == "" && named:
		return notServed()
	case q.namespaced && q.ns == "" && q.verb != "list" && q.verb != "watch":
		return notAllowed()
	}
	if named != (q.verb != "create" && q.verb != "list" && q.verb != "deletecollection") && q.sub == "" && q.verb != "watch" {
		return notAllowed()
	}
	if !q.has(q.verb) {
		return notAllowed()
	}
	return nil
}

// known reports whether the API has the group and version.
func known(gv schema.GroupVersion) bool {
	for _, r := range api.Resources() {
		if r.Group == gv.Group && r.Version == gv.Version {
			return true
		}
	}
	return false
}

// notServed is upstream's word for a path that leads nowhere.
func notServed() error {
	return apierrors.NewGenericServerResponse(http.StatusNotFound, "", schemaless(), "", "", 0, false)
}

// notAllowed is upstream's word for a verb that a path does not have.
func notAllowed() error {
	return apierrors.NewGenericServerResponse(http.StatusMethodNotAllowed, "", schemaless(), "", "", 0, false)
}

// managerOfAgent is who a client is, if it does not say: "kubectl" of
// "kubectl/v1.32.4 (linux/amd64)".
func managerOfAgent(agent string) string {
	name, _, _ := strings.Cut(agent, "/")
	return printable(name, 128)
}
