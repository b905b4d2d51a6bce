package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/discovery

import (
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"kubergarten/engine/api"
)

// discoveryGroup is the API group of aggregated discovery.
const discoveryGroup = "apidiscovery.k8s.io"

// aggregated allows Accept clauses that ask for aggregated discovery, and no
// others: who wants anything else gets the legacy documents.
type aggregated struct{}

var _ negotiation.EndpointRestrictions = aggregated{}

// AllowsMediaTypeTransform implements negotiation.EndpointRestrictions.
func (aggregated) AllowsMediaTypeTransform(_, _ string, as *schema.GroupVersionKind) bool {
	return as != nil && as.Group == discoveryGroup && as.Kind == "APIGroupDiscoveryList" && (as.Version == "v2" || as.Version == "v2beta1")
}

// AllowsServerVersion implements negotiation.EndpointRestrictions.
func (aggregated) AllowsServerVersion(string) bool { return false }

// AllowsStreamSchema implements negotiation.EndpointRestrictions.
func (aggregated) AllowsStreamSchema(s string) bool { return s == "watch" }

// discovery answers below /api and /apis.
func (s *Server) discovery(prefix, rest string) (http.HandlerFunc, bool) {
	legacy := prefix == "api"
	if rest == "" {
		return func(w http.ResponseWriter, r *http.Request) { s.serveDiscovery(w, r, legacy) }, true
	}
	obj := s.discovered(legacy, rest)
	if obj == nil {
		return nil, false
	}
	return func(w http.ResponseWriter, r *http.Request) { sendPlain(w, r, obj) }, true
}

// discovered is the document of a group, or of a group and version.
func (s *Server) discovered(legacy bool, rest string) runtime.Object {
	group, version, hasVersion := strings.Cut(rest, "/")
	if legacy {
		group, version, hasVersion = "", rest, true
	}
	if hasVersion {
		if list, ok := api.ResourceList(schema.GroupVersion{Group: group, Version: version}); ok {
			return withKind(list, schema.GroupVersionKind{Version: "v1", Kind: "APIResourceList"})
		}
		return nil
	}
	for _, g := range api.Groups().Groups {
		if g.Name == group {
			return withKind(&g, schema.GroupVersionKind{Version: "v1", Kind: "APIGroup"})
		}
	}
	return nil
}

// serveDiscovery answers /api and /apis.
func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request, legacy bool) {
	opts, ok := negotiation.NegotiateMediaTypeOptions(r.Header.Get("Accept"), api.Codecs().SupportedMediaTypes(), aggregated{})
	switch {
	case ok && opts.Convert != nil && opts.Convert.Version == "v2":
		sendAggregated(w, r, opts, api.Discovery(legacy))
	case ok && opts.Convert != nil:
		sendAggregated(w, r, opts, api.DiscoveryV2Beta1(legacy))
	case legacy:
		sendPlain(w, r, withKind(s.apiVersions(r), schema.GroupVersionKind{Version: "v1", Kind: "APIVersions"}))
	default:
		sendPlain(w, r, withKind(api.Groups(), schema.GroupVersionKind{Version: "v1", Kind: "APIGroupList"}))
	}
}

// apiVersions says what /api has, and where the server is.
func (s *Server) apiVersions(r *http.Request) *metav1.APIVersions {
	addr := r.Host
	if s.cfg.AdvertiseAddress.IsValid() {
		addr = net.JoinHostPort(s.cfg.AdvertiseAddress.String(), strconv.Itoa(s.cfg.SecurePort))
	}
	return &metav1.APIVersions{
		Versions:                   []string{"v1"},
		ServerAddressByClientCIDRs: []metav1.ServerAddressByClientCIDR{{ClientCIDR: "0.0.0.0/0", ServerAddress: addr}},
	}
}

// sendAggregated sends the list with an ETag. The answer's media type repeats
// the kind: clients take an answer without it for the legacy document.
func sendAggregated(w http.ResponseWriter, r *http.Request, opts negotiation.MediaTypeOptions, list runtime.Object) {
	data, err := json.Marshal(list)
	if err != nil {
		writeError(w, r, err)
		return
	}
	etag := strconv.Quote(fmt.Sprintf("%X", sha512.Sum512(data)))
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Vary", "Accept")
	h.Set("Cache-Control", "public")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	info, as := opts.Accepted, *opts.Convert
	info.MediaType += ";g=" + as.Group + ";v=" + as.Version + ";as=" + as.Kind
	if err := send(w, r, http.StatusOK, info, withKind(list, as)); err != nil {
		writeError(w, r, err)
	}
}

// sendPlain sends obj, whose kind is set, in the media type the client wants.
func sendPlain(w http.ResponseWriter, r *http.Request, obj runtime.Object) {
	_, info, err := negotiation.NegotiateOutputMediaType(r, api.Codecs(), negotiation.DefaultEndpointRestrictions)
	if err == nil {
		err = send(w, r, http.StatusOK, info, obj)
	}
	if err != nil {
		writeError(w, r, err)
	}
}
