package overview

import (
	"context"
	"sync"
	"time"

	"github.com/a-h/templ"

	"kubergarten/ui/frame"
)

// A scene is the cluster as one identity may list it. A change makes panels
// dirty; a look gives the dirty ones a new version.
type scene struct {
	deps    Deps
	watcher *watcher
	changed func() // set before anything is followed

	mu     sync.Mutex
	synced bool            // all is listed that the panels show
	dirty  map[string]bool // panels

	now      *seen
	versions map[string]int                  // by panel
	painted  map[string]map[string]panelPart // language, panel
}

// A panelPart is a panel as it was last painted.
type panelPart struct {
	version int
	part    frame.Part
}

// panels are the parts of the page that change by themselves.
func panels() []string { return []string{"nodes", "plane", "work", "news"} }

// Look takes in what the informers have, if a panel is dirty and they have all.
func (s *scene) Look(context.Context) {
	dirty := s.take()
	if len(dirty) == 0 {
		return
	}
	for name := range dirty {
		s.versions[name]++
	}
	before := s.now
	s.now = s.watcher.see(dirty["news"])
	if before != nil && !dirty["news"] {
		s.now.records = before.records
	}
}

// take empties the dirty panels, once all is listed.
func (s *scene) take() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.synced {
		return nil
	}
	dirty := s.dirty
	s.dirty = map[string]bool{}
	return dirty
}

// Paint renders the panels of which a language has an old version. Until all is
// listed there are none: the page stays as it was opened.
func (s *scene) Paint(ctx context.Context, lang string) frame.Painting {
	if s.now == nil {
		return frame.Painting{All: func() []frame.Part { return nil }}
	}
	painted := s.painted[lang]
	if painted == nil {
		painted = map[string]panelPart{}
		s.painted[lang] = painted
	}
	var all, changed []frame.Part
	for _, name := range panels() {
		if painted[name].version != s.versions[name] {
			html := frame.Paint(ctx, panel(name, s.now, s.deps.Clock.Now()))
			painted[name] = panelPart{s.versions[name], frame.Part{Target: "overview-" + name, HTML: html}}
			changed = append(changed, painted[name].part)
		}
		all = append(all, painted[name].part)
	}
	return frame.Painting{All: func() []frame.Part { return all }, Changed: changed}
}

func panel(name string, s *seen, now time.Time) templ.Component {
	switch name {
	case "nodes":
		return nodesPanel(s)
	case "plane":
		return planePanel(s)
	case "work":
		return workPanel(s)
	}
	return newsPanel(s, now)
}
