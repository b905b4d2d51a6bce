package lessons

import (
	"context"
	"io"
	"sync"
)

// maxLogs is how many containers a lesson may read at a time.
const maxLogs = 16

// A logBook follows the logs that a lesson's checks ask for. The first question
// finds nothing yet; what comes evaluates the checks again.
type logBook struct {
	w    *watcher
	mu   sync.Mutex
	by   map[[2]string]*logTail // by pod and container
	full bool                   // there was no room for a log in this evaluation
}

// A logTail is the end of one container's log.
type logTail struct {
	data   []byte
	wanted bool   // asked for in this evaluation
	open   bool   // being followed
	stop   func() // ends that
	seen   uint64 // the change for which it was opened last
	tried  bool
}

func newLogBook(w *watcher) *logBook { return &logBook{w: w, by: map[[2]string]*logTail{}} }

// begin begins an evaluation.
func (b *logBook) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.full = false
	for _, t := range b.by {
		t.wanted = false
	}
}

// read returns what is known of a log.
func (b *logBook) read(pod, container string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := [2]string{pod, container}
	t := b.by[key]
	if t == nil {
		if len(b.by) >= maxLogs {
			b.full = true
			return ""
		}
		t = &logTail{stop: func() {}}
		b.by[key] = t
	}
	t.wanted = true
	return string(t.data)
}

// forget drops the logs that were not asked for: their pods may be gone. mu is
// held.
func (b *logBook) forget() {
	for key, t := range b.by {
		if t.wanted {
			continue
		}
		t.stop()
		delete(b.by, key)
		if b.full {
			b.w.poke() // now there is room
		}
	}
}

// fetch follows the logs that were asked for and are not followed. One that has
// ended is opened again after the next change: its container may have come back.
func (b *logBook) fetch() {
	b.w.mu.Lock()
	events := b.w.events
	b.w.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget()
	for key, t := range b.by {
		if b.w.t.cfg.Probe == nil || t.open || (t.tried && t.seen == events) {
			continue
		}
		t.open, t.tried, t.seen = true, true, events
		ctx, stop := context.WithCancel(b.w.ctx)
		t.stop = stop
		b.w.t.wg.Go(func() {
			defer stop()
			b.follow(ctx, key, t)
		})
	}
}

// follow reads one log from its beginning until it ends.
func (b *logBook) follow(ctx context.Context, key [2]string, t *logTail) {
	defer b.closed(t)
	defer func() { _ = recover() }() // the reader is not ours
	w := b.w
	r, err := w.t.cfg.Probe.Logs(ctx, w.lesson.Namespace, key[0], key[1], true)
	if err != nil {
		return
	}
	defer r.Close()
	defer context.AfterFunc(ctx, func() { r.Close() })()
	b.mu.Lock()
	t.data = nil
	b.mu.Unlock()
	_, _ = io.Copy(tailWriter{b, t}, r)
}

func (b *logBook) closed(t *logTail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t.open = false
}

// A tailWriter keeps the end of what is written, and has it evaluated.
type tailWriter struct {
	book *logBook
	tail *logTail
}

// Write implements io.Writer.
func (w tailWriter) Write(p []byte) (int, error) {
	w.book.mu.Lock()
	w.tail.data = append(w.tail.data, p...)
	if over := len(w.tail.data) - maxOutput; over > 0 {
		w.tail.data = append([]byte(nil), w.tail.data[over:]...)
	}
	w.book.mu.Unlock()
	w.book.w.poke()
	return len(p), nil
}
