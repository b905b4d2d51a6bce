package apiserver

import (
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metainternalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metainternalscheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/warning"
)

// A streamer is storage that answers with a stream of its own: logs, exec.
type streamer interface {
	serve(q *request, w http.ResponseWriter, r *http.Request) error
}

// serve answers the request; what kind of answer the client wants is settled
// first, so that nothing is done that cannot be told.
func (q *request) serve(w http.ResponseWriter, r *http.Request) {
	warning.AddWarning(r.Context(), "", q.outdated)
	if err := q.answer(w, r); err != nil {
		writeError(w, r, err)
	}
}

// answer writes the answer, or returns an error before anything is written.
func (q *request) answer(w http.ResponseWriter, r *http.Request) error {
	if st, ok := q.storage.(streamer); ok {
		return st.serve(q, w, r)
	}
	out, err := q.accepts(r)
	if err != nil {
		return err
	}
	if q.verb == "watch" {
		return q.serveWatch(w, r, out)
	}
	code, obj, err := q.do(r)
	if err != nil {
		return err
	}
	return out.write(w, r, code, obj)
}

// do carries out the verb.
func (q *request) do(r *http.Request) (code int, obj runtime.Object, err error) {
	switch q.verb {
	case "get":
		obj, err = q.doGet(r)
	case "list":
		obj, err = q.doList(r)
	case "create":
		code = http.StatusCreated
		obj, err = q.doCreate(r)
	case "update":
		code, obj, err = q.doUpdate(r)
	case "patch":
		code, obj, err = q.doPatch(r)
	case "delete":
		code, obj, err = q.doDelete(r)
	case "deletecollection":
		obj, err = q.doDeleteCollection(r)
	default:
		err = notAllowed()
	}
	if code == 0 {
		code = http.StatusOK
	}
	return code, obj, err
}

// options reads into from the query.
func options(query url.Values, into runtime.Object) error {
	if err := metainternalscheme.ParameterCodec.DecodeParameters(query, metav1.SchemeGroupVersion, into); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	return nil
}

func (q *request) doGet(r *http.Request) (runtime.Object, error) {
	var opts metav1.GetOptions
	if err := options(r.URL.Query(), &opts); err != nil {
		return nil, err
	}
	return q.get(r.Context(), &opts)
}

func (q *request) doList(r *http.Request) (runtime.Object, error) {
	var opts metainternalversion.ListOptions
	if err := options(r.URL.Query(), &opts); err != nil {
		return nil, err
	}
	return q.list(r.Context(), &opts)
}

func (q *request) doCreate(r *http.Request) (runtime.Object, error) {
	var opts metav1.CreateOptions
	obj, err := q.body(r, &opts, func() string { return opts.FieldValidation })
	if err != nil {
		return nil, err
	}
	return q.create(r.Context(), obj, &opts)
}

func (q *request) doUpdate(r *http.Request) (int, runtime.Object, error) {
	var opts metav1.UpdateOptions
	obj, err := q.body(r, &opts, func() string { return opts.FieldValidation })
	if err != nil {
		return 0, nil, err
	}
	out, created, err := q.update(r.Context(), obj, &opts)
	return codeOf(created), out, err
}

// body reads the query into opts and the body into an object.
func (q *request) body(r *http.Request, opts runtime.Object, validation func() string) (runtime.Object, error) {
	if err := options(r.URL.Query(), opts); err != nil {
		return nil, err
	}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	return q.decode(r, body, fieldValidation(validation()))
}

func (q *request) doPatch(r *http.Request) (int, runtime.Object, error) {
	pt := patchType(r)
	if pt == "" {
		return 0, nil, negotiation.NewUnsupportedMediaTypeError(patchTypes())
	}
	var opts metav1.PatchOptions
	if err := options(r.URL.Query(), &opts); err != nil {
		return 0, nil, err
	}
	data, err := readBody(r)
	if err != nil {
		return 0, nil, err
	}
	out, created, err := q.patch(r.Context(), pt, data, &opts)
	return codeOf(created), out, err
}

// patchType is the body's media type, or empty if it is not a patch's.
func patchType(r *http.Request) types.PatchType {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	for _, t := range patchTypes() {
		if t == media {
			return types.PatchType(t)
		}
	}
	return ""
}

func codeOf(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (q *request) doDelete(r *http.Request) (int, runtime.Object, error) {
	opts, err := deleteOptions(r)
	if err != nil {
		return 0, nil, err
	}
	out, gone, err := q.delete(r.Context(), opts)
	code := http.StatusOK
	//lint:ignore SA1019 old clients set it
	if !gone && opts.OrphanDependents != nil && !*opts.OrphanDependents {
		code = http.StatusAccepted
	}
	return code, out, err
}

func (q *request) doDeleteCollection(r *http.Request) (runtime.Object, error) {
	var list metainternalversion.ListOptions
	if err := options(r.URL.Query(), &list); err != nil {
		return nil, err
	}
	opts, err := deleteOptions(r)
	if err != nil {
		return nil, err
	}
	return q.deleteCollection(r.Context(), opts, &list)
}

// deleteOptions are in the body, or, if that is empty, in the query.
func deleteOptions(r *http.Request) (*metav1.DeleteOptions, error) {
	opts := &metav1.DeleteOptions{}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return opts, options(r.URL.Query(), opts)
	}
	info, err := negotiation.NegotiateInputSerializer(r, false, metainternalscheme.Codecs)
	if err != nil {
		return nil, err
	}
	kind := metav1.SchemeGroupVersion.WithKind("DeleteOptions")
	obj, _, err := metainternalscheme.Codecs.DecoderToVersion(info.Serializer, kind.GroupVersion()).Decode(body, &kind, opts)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if obj != runtime.Object(opts) {
		return nil, apierrors.NewBadRequest("decoded object cannot be converted to DeleteOptions")
	}
	return opts, nil
}
