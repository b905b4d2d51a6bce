package apiserver

// Upstream: pkg/registry/core/node/rest/proxy.go, pkg/kubelet/server/stats/handler.go

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
)

// nodes is the resource that has a proxy to its kubelets.
func nodes() schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
}

// A nodeProxy passes requests to a node's kubelet, which answers to
// /stats/summary alone.
type nodeProxy struct{}

var (
	_ rest.Storage = nodeProxy{}
	_ streamer     = nodeProxy{}
)

// New implements rest.Storage.
func (nodeProxy) New() runtime.Object { return &corev1.NodeProxyOptions{} }

// Destroy implements rest.Storage.
func (nodeProxy) Destroy() {}

// serve implements streamer.
func (nodeProxy) serve(q *request, w http.ResponseWriter, r *http.Request) error {
	st, ok := q.srv.serves[where{nodes(), ""}].storage.(rest.Getter)
	if !ok || q.srv.deps.Kubelet == nil {
		return apierrors.NewServiceUnavailable("no kubelet can be reached")
	}
	if _, err := st.Get(q.context(r.Context()), q.name, &metav1.GetOptions{}); err != nil {
		return err
	}
	k, err := q.srv.deps.Kubelet(q.name)
	if err != nil {
		return apierrors.NewServiceUnavailable(err.Error())
	}
	return proxyTo(k, behindProxy(infoOf(r).Parts), w, r)
}

// behindProxy is the path that the kubelet is asked for: what follows
// nodes/NAME/proxy.
func behindProxy(parts []string) string {
	return path.Clean("/" + strings.Join(parts[min(3, len(parts)):], "/"))
}

// proxyTo answers as the kubelet's HTTP server does.
func proxyTo(k Kubelet, at string, w http.ResponseWriter, r *http.Request) error {
	switch {
	case at != "/stats/summary":
		http.NotFound(w, r)
		return nil
	case r.Method != http.MethodGet:
		http.Error(w, "405: Method Not Allowed", http.StatusMethodNotAllowed)
		return nil
	}
	summary, err := k.Summary(r.Context())
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(summary)
}
