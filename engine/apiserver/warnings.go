package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/filters/warning.go

import (
	"net/http"
	"sync"
	"unicode/utf8"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/warning"
)

// What warnings may take of the header, in runes: all together, and one each
// once that is exceeded.
const (
	maxWarnings    = 4 * 1024
	maxLongWarning = 256
)

// warned sends what is warned of during the request in Warning headers.
func warned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &warnings{header: w.Header()}
		next.ServeHTTP(w, r.WithContext(warning.WithWarningRecorder(r.Context(), rec)))
	})
}

type warnings struct {
	mu     sync.Mutex
	header http.Header
	seen   map[string]bool
	runes  int
}

var _ warning.Recorder = (*warnings)(nil)

// AddWarning implements warning.Recorder: each text once, within the limits.
func (w *warnings) AddWarning(agent, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if text == "" || w.seen[text] || w.runes >= maxWarnings {
		return
	}
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	w.seen[text] = true
	if n := utf8.RuneCountInString(text); w.runes+n > maxWarnings && n > maxLongWarning {
		text = string([]rune(text)[:maxLongWarning])
	}
	if h, err := utilnet.NewWarningHeader(299, agent, text); err == nil {
		w.runes += utf8.RuneCountInString(text)
		w.header.Add("Warning", h)
	}
}
