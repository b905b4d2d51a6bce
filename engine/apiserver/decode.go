package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/rest.go

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/warning"

	"kubergarten/engine/api"
)

// maxBody bounds a request's body, in bytes.
const maxBody = 3 << 20

// maxDepth bounds how deep a JSON document nests.
const maxDepth = 100

// readBody reads the whole body, if it is not too large.
func readBody(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxBody {
		return nil, apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("limit is %d", maxBody))
	}
	return data, nil
}

// tooDeep refuses JSON made to exhaust a parser's stack. It counts brackets
// outside of strings. (The YAML parser has limits of its own, also on aliases.)
func tooDeep(data []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return apierrors.NewBadRequest(fmt.Sprintf("the request body nests deeper than %d levels", maxDepth))
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// decode reads the body as an object of the endpoint's kind, with defaults.
func (q *request) decode(r *http.Request, body []byte, validation string) (runtime.Object, error) {
	info, err := negotiation.NegotiateInputSerializer(r, false, api.Codecs())
	if err != nil {
		return nil, err
	}
	if info.MediaType == runtime.ContentTypeJSON {
		if err := tooDeep(body); err != nil {
			return nil, err
		}
	}
	s := info.Serializer
	if validation != metav1.FieldValidationIgnore {
		s = info.StrictSerializer
	}
	kind, into := q.kind, q.storage.New()
	obj, gvk, err := api.Codecs().DecoderToVersion(s, q.kind.GroupVersion()).Decode(body, &kind, into)
	if err != nil {
		strict, ok := runtime.AsStrictDecodingError(err)
		if !ok || obj == nil || validation != metav1.FieldValidationWarn {
			return nil, q.undecodable(err, gvk, body)
		}
		warnStrict(r.Context(), strict.Errors())
	}
	if got := gvk.GroupVersion(); got != q.kind.GroupVersion() {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("the API version in the data (%s) does not match the expected API version (%s)", got, q.kind.GroupVersion()))
	}
	return obj, nil
}

// undecodable words why a body is not an object of the endpoint's kind.
func (q *request) undecodable(err error, gvk *schema.GroupVersionKind, body []byte) error {
	if gvk != nil && gvk.Kind != "" {
		return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, q.kind.Kind, err))
	}
	return apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): %v (%s)", q.kind.Kind, err, summary(body)))
}

// summary is the beginning of a body, readable.
func summary(body []byte) string {
	const max = 30
	show, more := body, ""
	if len(body) > max {
		show, more = body[:max], " ..."
	}
	switch {
	case len(body) == 0:
		return "<empty>"
	case body[0] == '{':
		return string(show) + more
	}
	return hex.EncodeToString(show) + more
}

// warnStrict tells the client of unknown and duplicate fields.
func warnStrict(ctx context.Context, errs []error) {
	for _, err := range errs {
		for _, w := range yamlWarnings(err.Error()) {
			warning.AddWarning(ctx, "", w)
		}
	}
}

// yamlWarnings splits the YAML parser's list of complaints.
func yamlWarnings(s string) []string {
	list, ok := strings.CutPrefix(strings.TrimPrefix(s, "error converting YAML to JSON: "), "yaml: unmarshal errors:\n")
	if !ok {
		return []string{s}
	}
	lines := strings.Split(list, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

// jsonInfo is how JSON is read and written.
func jsonInfo() runtime.SerializerInfo {
	info, _ := runtime.SerializerInfoForMediaType(api.Codecs().SupportedMediaTypes(), runtime.ContentTypeJSON)
	return info
}
