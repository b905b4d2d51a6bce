package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/responsewriters/writers.go

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/storage"

	"kubergarten/engine/api"
)

// gzipFrom is the size from which answers are compressed for those who can.
const gzipFrom = 128 * 1024

// send encodes obj, whose kind is set, and writes it. It encodes first, so that
// what cannot be encoded is an error and not half an answer.
func send(w http.ResponseWriter, r *http.Request, code int, info runtime.SerializerInfo, obj runtime.Object) error {
	var b bytes.Buffer
	if err := info.Serializer.Encode(obj, &b); err != nil {
		return apierrors.NewInternalError(fmt.Errorf("encode %T: %w", obj, err))
	}
	write(w, r, code, info.MediaType, b.Bytes())
	return nil
}

// write sends the bytes, compressed if that pays.
func write(w http.ResponseWriter, r *http.Request, code int, mediaType string, data []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	if len(data) < gzipFrom || !acceptsGzip(r) {
		w.WriteHeader(code)
		_, _ = w.Write(data) // the client is gone: nobody is left to tell
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Add("Vary", "Accept-Encoding")
	w.WriteHeader(code)
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	_, _ = z.Write(data)
	_ = z.Close()
}

func acceptsGzip(r *http.Request) bool {
	for token := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(token) == "gzip" {
			return true
		}
	}
	return false
}

// writeError answers with err as a Status, in the media type the client wants.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if d := status.Details; d != nil && d.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(d.RetryAfterSeconds)))
	}
	_, info, nerr := negotiation.NegotiateOutputMediaType(r, api.Codecs(), negotiation.DefaultEndpointRestrictions)
	if nerr != nil {
		writeJSON(w, r, int(status.Code), status)
		return
	}
	_ = send(w, r, int(status.Code), info, status) // a Status can always be encoded
}

// writeJSON answers with v as indented JSON, whatever the client wants.
func writeJSON(w http.ResponseWriter, r *http.Request, code int, v any) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, r, code, "application/json", data)
}

// statusOf is err as clients are told of it. It is the one place where errors
// become answers.
func statusOf(err error) *metav1.Status {
	var known apierrors.APIStatus
	switch {
	case errors.As(err, &known):
		s := known.Status()
		return complete(&s)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		s := apierrors.NewTimeoutError(fmt.Sprintf("request did not complete within requested timeout - %s", err), 0).Status()
		return complete(&s)
	}
	code := int32(http.StatusInternalServerError)
	if storage.IsConflict(err) {
		code = http.StatusConflict
	}
	return complete(&metav1.Status{Status: metav1.StatusFailure, Code: code, Reason: metav1.StatusReasonUnknown, Message: err.Error()})
}

func complete(s *metav1.Status) *metav1.Status {
	if s.Status == "" {
		s.Status = metav1.StatusFailure
	}
	if s.Code == 0 && s.Status == metav1.StatusFailure {
		s.Code = http.StatusInternalServerError
	} else if s.Code == 0 {
		s.Code = http.StatusOK
	}
	s.SetGroupVersionKind(statusKind())
	return s
}
