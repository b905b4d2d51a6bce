package apiserver

// Upstream: k8s.io/kube-openapi pkg/handler3

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kubergarten/engine/api"
)

// openAPI answers below /openapi.
func openAPI(rest string) (http.HandlerFunc, bool) {
	version, doc, _ := strings.Cut(rest, "/")
	switch {
	case version != "v3":
		return nil, false
	case doc == "":
		return serveOpenAPIIndex, true
	}
	gz, hash, ok := api.OpenAPI(doc)
	if !ok {
		return nil, false
	}
	return func(w http.ResponseWriter, r *http.Request) { serveOpenAPI(w, r, doc, gz, hash) }, true
}

func serveOpenAPIIndex(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		URL string `json:"serverRelativeURL"`
	}
	paths := map[string]entry{}
	for name, url := range api.OpenAPIPaths() {
		paths[name] = entry{url}
	}
	writeJSON(w, r, http.StatusOK, map[string]any{"paths": paths})
}

// serveOpenAPI sends one document. A URL with the right hash never changes its
// content, so it may be kept for ever; one with a stale hash is sent on.
func serveOpenAPI(w http.ResponseWriter, r *http.Request, doc string, gz []byte, hash string) {
	h := w.Header()
	h.Set("Vary", "Accept")
	if asked := r.URL.Query().Get("hash"); asked != "" && asked != hash {
		http.Redirect(w, r, api.OpenAPIPaths()[doc], http.StatusMovedPermanently)
		return
	} else if asked != "" {
		h.Set("Cache-Control", "public, immutable, max-age=31536000")
	}
	if !acceptsJSON(r) {
		writeError(w, r, notAcceptable("only the following media types are accepted: application/json"))
		return
	}
	etag := strconv.Quote(hash)
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	if acceptsGzip(r) {
		h.Add("Vary", "Accept-Encoding")
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write(gz)
		return
	}
	plain, err := gunzip(gz)
	if err != nil {
		writeError(w, r, apierrors.NewInternalError(err))
		return
	}
	_, _ = w.Write(plain)
}

func acceptsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "application/json") || strings.Contains(accept, "*/*") || strings.Contains(accept, "application/*")
}

func gunzip(gz []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
