package overview

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/a-h/templ"

	"kubergarten/ui/frame"
	"kubergarten/ui/text"
)

// pace is the least time between two paintings: of a hundred changes in a row,
// the tabs get the outcome of the last.
const pace = 100 * time.Millisecond

// panels are the parts of the page that change by themselves.
func panels() []string { return []string{"nodes", "plane", "work", "news"} }

// paint paints what is dirty, until ctx ends.
func (v *view) paint(ctx context.Context, w *watcher) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.changed:
		}
		v.repaint(ctx, w)
		rest := v.deps.Clock.NewTimer(pace)
		select {
		case <-ctx.Done():
			rest.Stop()
			return
		case <-rest.C():
		}
	}
}

// repaint renders each dirty panel once for each language that is looked at,
// and sends it to the tabs of that language.
func (v *view) repaint(ctx context.Context, w *watcher) {
	dirty, langs := v.take()
	s := w.see(slices.Contains(dirty, "news"))
	for _, lang := range langs {
		var parts []frame.Part
		for _, name := range dirty {
			parts = append(parts, render(text.With(ctx, lang), name, panel(name, s, v.deps.Clock.Now())))
		}
		v.show(lang, parts)
	}
}

// take empties the dirty panels and tells the languages that are looked at.
// What was painted in another language is forgotten, for it is out of date now.
func (v *view) take() (dirty, langs []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	seen := map[string]bool{}
	for t := range v.tabs {
		seen[t.lang] = true
	}
	maps.DeleteFunc(v.painted, func(lang string, _ map[string]frame.Part) bool { return !seen[lang] })
	dirty = slices.Sorted(maps.Keys(v.dirty))
	clear(v.dirty)
	return dirty, slices.Sorted(maps.Keys(seen))
}

// show keeps parts for those who come later, and sends them to who is here.
func (v *view) show(lang string, parts []frame.Part) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.painted[lang] == nil {
		v.painted[lang] = map[string]frame.Part{}
	}
	for _, p := range parts {
		v.painted[lang][p.Target] = p
	}
	for t := range v.tabs {
		if t.lang == lang {
			t.send(parts...)
		}
	}
}

// render renders a panel once, for all tabs.
func render(ctx context.Context, name string, c templ.Component) frame.Part {
	var html bytes.Buffer
	err := c.Render(ctx, &html)
	return frame.Part{Target: "overview-" + name, HTML: templ.ComponentFunc(func(_ context.Context, out io.Writer) error {
		if err != nil {
			return err
		}
		_, err := out.Write(html.Bytes())
		return err
	})}
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
