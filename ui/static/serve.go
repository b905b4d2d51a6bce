package static

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// A License is a package in the bundles, with the words it asks to keep.
type License struct {
	Name, Version, Licence, Home, Text string
}

// Licenses are those of all packages in the bundles.
func Licenses() ([]License, error) {
	data, err := Read("licences.json")
	if err != nil {
		return nil, err
	}
	var all []License
	return all, json.Unmarshal(data, &all)
}

// A Server serves the static files, each compressed once, at its first use.
type Server struct {
	mu     sync.Mutex
	packed map[string]packed
}

type packed struct{ plain, gzip []byte }

// NewServer returns a server that has compressed nothing yet.
func NewServer() *Server { return &Server{packed: map[string]packed{}} }

// ServeHTTP serves GET /static/{hash}/{name...}. Of another build than this it
// knows nothing: a page that is older than the server is to be loaded anew.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	file, ok := s.file(name)
	if r.PathValue("hash") != hash() || !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", contentType(name))
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if len(file.gzip) < len(body) && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.gzip
	}
	_, _ = w.Write(body)
}

func (s *Server) file(name string) (packed, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.packed[name]; ok {
		return p, true
	}
	plain, err := Read(name)
	if err != nil {
		return packed{}, false
	}
	p := packed{plain, compress(plain)}
	s.packed[name] = p
	return p, true
}

func compress(plain []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = z.Write(plain)
	_ = z.Close()
	return b.Bytes()
}

// contentType does not ask the machine's own list of types, which may be wrong.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}
