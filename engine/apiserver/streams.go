package apiserver

// Upstream: pkg/registry/core/pod/rest/subresources.go and pkg/registry/core/pod/strategy.go

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

// pods is the resource that has streams.
func pods() schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: "pods"}
}

// A podStream is a subresource of pods that answers with a stream.
type podStream struct {
	object func() runtime.Object // what discovery says it is about
	open   func(q *request, w http.ResponseWriter, r *http.Request) error
}

var (
	_ rest.Storage = podStream{}
	_ streamer     = podStream{}
)

// New implements rest.Storage.
func (p podStream) New() runtime.Object { return p.object() }

// Destroy implements rest.Storage.
func (p podStream) Destroy() {}

// serve implements streamer.
func (p podStream) serve(q *request, w http.ResponseWriter, r *http.Request) error {
	if err := notCrossSite(r); err != nil {
		return err
	}
	ctx, cancel := q.srv.untilStop(r.Context())
	defer cancel()
	return p.open(q, w, r.WithContext(q.context(ctx)))
}

// stream returns the stream at gvr and subresource.
func (s *Server) stream(gvr schema.GroupVersionResource, sub string) (rest.Storage, bool) {
	if gvr == nodes() && sub == "proxy" {
		return nodeProxy{}, true
	}
	if gvr != pods() {
		return nil, false
	}
	switch sub {
	case "log":
		return podStream{func() runtime.Object { return &corev1.Pod{} }, serveLog}, true
	case "exec":
		return podStream{func() runtime.Object { return &corev1.PodExecOptions{} }, serveExec}, true
	case "attach":
		return podStream{func() runtime.Object { return &corev1.PodAttachOptions{} }, serveAttach}, true
	case "portforward":
		return podStream{func() runtime.Object { return &corev1.PodPortForwardOptions{} }, servePortForward}, true
	}
	return nil, false
}

// parse reads the query into opts, and sets their defaults.
func (q *request) parse(r *http.Request, opts runtime.Object) error {
	if err := api.ParameterCodec().DecodeParameters(r.URL.Query(), corev1.SchemeGroupVersion, opts); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	api.Default(opts)
	return nil
}

// connect asks whether who GETs (as WebSockets must) may also create, and then
// admission.
func (q *request) connect(ctx context.Context, opts runtime.Object) error {
	if q.verb != "create" {
		if err := q.srv.authorize(ctx, q.attributes("create")); err != nil {
			return err
		}
	}
	a := admission.NewAttributesRecord(opts, nil, q.kind, q.ns, q.name, q.gvr, q.sub, admission.Connect, nil, false, q.user)
	if q.srv.admission == nil || !q.srv.admission.Handles(admission.Connect) {
		return nil
	}
	if err := q.mutate(ctx, a); err != nil {
		return err
	}
	if v, ok := q.srv.admission.(admission.ValidationInterface); ok {
		return v.Validate(ctx, a, q.endpoint)
	}
	return nil
}

// pod reads the pod of the request.
func (q *request) pod(ctx context.Context) (*corev1.Pod, error) {
	st, ok := q.srv.serves[where{pods(), ""}].storage.(rest.Getter)
	if !ok {
		return nil, apierrors.NewInternalError(errors.New("pods cannot be read"))
	}
	obj, err := st.Get(ctx, q.name, &metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil, apierrors.NewInternalError(fmt.Errorf("unexpected object type: %#v", obj))
	}
	return pod, nil
}

// kubelet finds the kubelet of the pod's node.
func (q *request) kubelet(pod *corev1.Pod) (Kubelet, error) {
	if pod.Spec.NodeName == "" {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("pod %s does not have a host assigned", pod.Name))
	}
	if q.srv.deps.Kubelet == nil {
		return nil, apierrors.NewServiceUnavailable("no kubelet can be reached")
	}
	k, err := q.srv.deps.Kubelet(pod.Spec.NodeName)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	return k, nil
}

// containerOf is the container called name, or the only one.
func containerOf(pod *corev1.Pod, name string) (string, error) {
	names := containerNames(pod)
	switch {
	case name != "" && !slices.Contains(names, name):
		return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", name, pod.Name))
	case name != "":
		return name, nil
	case len(pod.Spec.Containers) == 1:
		return pod.Spec.Containers[0].Name, nil
	case len(pod.Spec.Containers) == 0:
		return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s", pod.Name))
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: %s", pod.Name, names))
}

// containerNames lists init, app and ephemeral containers, in upstream's order.
func containerNames(pod *corev1.Pod) []string {
	var names []string
	for _, c := range pod.Spec.InitContainers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.Containers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.EphemeralContainers {
		names = append(names, c.Name)
	}
	return names
}
