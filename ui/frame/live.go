package frame

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
)

// A Part is the new self of the element with id Target: HTML renders one
// element with that id, and the browser morphs the old one into it.
type Part struct {
	Target string
	HTML   templ.Component
}

// A Source sends parts for as long as a tab looks at its page: it returns when
// ctx ends. q is the query of Page.Live. send keeps the parts and returns at
// once; it may be called from any goroutine until the source returns. The
// context carries the Visitor. A tab that lost its connection starts the source
// anew, and so does a source that failed because the API server was away: it first
// sends everything.
type Source func(ctx context.Context, q url.Values, send func(...Part)) error

// Pace of a stream.
const (
	// interval lies between two messages at least.
	interval = 200 * time.Millisecond
	// heartbeat is how often a sign of life goes out, so that a dead peer is
	// noticed, and how often the visitor's session is looked at.
	heartbeat = 15 * time.Second
	// patience is how long a peer may take to accept a message.
	patience = 30 * time.Second
)

// Live registers a source of parts under name, which must be free.
func (f *Frame) Live(name string, s Source) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, taken := f.sources[name]; taken || name == "" || name == "none" {
		panic(fmt.Sprintf("live source %q is registered twice or has no name", name))
	}
	f.sources[name] = s
}

// Stream is the tab's event stream: GET /live/{source}. The source "none" sends
// nothing and only tells whether the server is there. A page that says as whom it
// was loaded ("as") gets no parts of another user's. The stream ends with the
// visitor's session.
func (f *Frame) Stream(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("source")
	f.mu.RLock()
	source, ok := f.sources[name]
	f.mu.RUnlock()
	if !ok && name != "none" {
		http.NotFound(w, r)
		return
	}
	q := r.URL.Query()
	if as := q.Get("as"); q.Has("as") && as != From(r.Context()).User.GetName() {
		http.Error(w, "another user is logged in now", http.StatusConflict)
		return
	}
	q.Del("as")
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	b := newBatch()
	failed := make(chan error)
	if ok {
		done := make(chan struct{})
		defer func() { stop(); <-done }()
		go func() {
			defer close(done)
			tell := func(err error) {
				select {
				case failed <- err:
				case <-ctx.Done():
				}
			}
			tell(f.keep(ctx, func() error { return source(ctx, q, b.add) }, tell))
		}()
	}
	newStream(w, f, From(ctx).Login).serve(ctx, b, failed)
}

// ended tells whether err is only the end of the visit.
func ended(ctx context.Context, err error) bool {
	return err == nil || ctx.Err() != nil || errors.Is(err, context.Canceled)
}
