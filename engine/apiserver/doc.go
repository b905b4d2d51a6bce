// Package apiserver is kube-apiserver: the only entrance to the cluster's
// state, over HTTPS for everybody and in process for our own components.
//
// Upstream: cmd/kube-apiserver, pkg/controlplane, and k8s.io/apiserver
// pkg/server and pkg/endpoints.
//
// How it works. An endpoint is one resource or subresource: its storage, its
// kind, its field manager. An endpoint's verbs (create.go, update.go, patch.go,
// ...) work on objects: default, mutating admission, then the registry, which
// calls validating admission back. There are two ways to a verb, and both
// authorize first: As gives our components a client.Interface, with no bytes
// between (local.go); HTTP requests pass the filters of handler.go and are
// decoded, served and encoded by rest.go, answer.go and watch.go. Objects that
// come out of a verb are shared and never changed: encoding works on a shallow
// copy of the outermost struct. Sub-packages: stream (exec, attach,
// port-forward) and review (subject access and token reviews).
//
// What we leave out: CBOR; OpenAPI v2; aggregation, CRDs and webhooks; audit;
// priority and fairness (a plain limit of requests in flight stands in for it);
// the proxy subresources of pods and Services, and of nodes all but their
// /stats/summary; watch over WebSocket; CORS; the export parameter.
// Request timeouts are real time even when the cluster's clock runs faster, for
// they are about the wire. Flags of kubeadm that are parsed but have nothing to
// act on here: allow-privileged (privileged pods are always allowed, and gain
// nothing), proxy-client-* and requestheader-* (no aggregation), kubelet-client-*
// and kubelet-preferred-address-types (kubelets are reached in process), etcd-*
// (etcd is reached at its door), bind-address (who runs the server listens),
// enable-bootstrap-token-auth (package auth has no such tokens yet).
package apiserver
