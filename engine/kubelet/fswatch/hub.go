package fswatch

// Upstream: pkg/kubelet/config/file_linux.go

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// A Hub watches directories for all who ask.
type Hub struct {
	mu      sync.Mutex
	watcher *fsnotify.Watcher // nil while nothing is watched
	dirs    map[string]map[*watch]struct{}
}

type watch struct{ changed func(name string) }

// New returns a hub that watches nothing.
func New() *Hub { return &Hub{dirs: map[string]map[*watch]struct{}{}} }

// Watch calls changed with the path of what changed in dir, until stop is
// called. changed must not block and must not call the hub.
func (h *Hub) Watch(dir string, changed func(name string)) (stop func(), err error) {
	dir = filepath.Clean(dir)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.open(); err != nil {
		return nil, err
	}
	if len(h.dirs[dir]) == 0 {
		if err := h.watcher.Add(dir); err != nil {
			h.shut()
			return nil, fmt.Errorf("watch %s: %w", dir, err)
		}
		h.dirs[dir] = map[*watch]struct{}{}
	}
	w := &watch{changed}
	h.dirs[dir][w] = struct{}{}
	return sync.OnceFunc(func() { h.remove(dir, w) }), nil
}

func (h *Hub) remove(dir string, w *watch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.dirs[dir], w)
	if len(h.dirs[dir]) == 0 {
		delete(h.dirs, dir)
		_ = h.watcher.Remove(dir) // gone already, if the directory is
	}
	h.shut()
}

// open makes the watcher. mu is held.
func (h *Hub) open() error {
	if h.watcher != nil {
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch files: %w", err)
	}
	h.watcher = w
	go h.run(w)
	return nil
}

// shut closes the watcher if nothing is watched. mu is held.
func (h *Hub) shut() {
	if len(h.dirs) == 0 && h.watcher != nil {
		_ = h.watcher.Close()
		h.watcher = nil
	}
}

func (h *Hub) run(w *fsnotify.Watcher) {
	for {
		select {
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			h.tell(e.Name)
		case _, ok := <-w.Errors:
			if !ok {
				return
			}
			h.tellAll() // events were lost
		}
	}
}

func (h *Hub) tell(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, dir := range []string{filepath.Dir(name), name} {
		for w := range h.dirs[dir] {
			w.changed(name)
		}
	}
}

func (h *Hub) tellAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for dir, all := range h.dirs {
		for w := range all {
			w.changed(dir)
		}
	}
}
