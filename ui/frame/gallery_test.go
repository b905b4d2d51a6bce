package frame

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/a-h/templ"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"
)

// A counter is a scene that counts how often it is looked at.
type counter struct {
	changed chan func()
	looks   int
	broken  atomic.Bool
}

func (c *counter) Follow(ctx context.Context, changed func()) error {
	c.changed <- changed
	<-ctx.Done()
	return nil
}

func (c *counter) Look(context.Context) {
	c.looks++
	if c.broken.Load() {
		panic("out of order")
	}
}

func (c *counter) Paint(_ context.Context, lang string) Painting {
	part := func(what string) []Part {
		return []Part{{Target: fmt.Sprintf("%s-%s-%d", what, lang, c.looks), HTML: templ.NopComponent}}
	}
	return Painting{All: func() []Part { return part("all") }, Changed: part("new")}
}

// visit looks at a scene as somebody, until stop is called.
func visit(t *testing.T, g *Gallery, name, lang string, set func(context.Context) (Scene, error)) (got chan string, ended chan error, stop func()) {
	ctx, stop := context.WithCancel(With(t.Context(), &Visitor{User: &user.DefaultInfo{Name: name}, Lang: lang}))
	got, ended = make(chan string, 100), make(chan error, 1)
	go func() {
		ended <- g.Look(ctx, "thing", func(parts ...Part) {
			for _, p := range parts {
				got <- p.Target
			}
		}, set)
	}()
	return got, ended, stop
}

// TestGallery: tabs of one identity share a view, each in its language; another
// identity has its own; the last to leave ends it.
func TestGallery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGallery(clock.RealClock{})
		c, made := &counter{changed: make(chan func(), 9)}, 0
		set := func(context.Context) (Scene, error) { made++; return c, nil }
		ann, annEnded, annStop := visit(t, g, "ann", "en", set)
		synctest.Wait()
		too, _, tooStop := visit(t, g, "ann", "zh-CN", set)
		if got := <-ann; got != "all-en-1" {
			t.Errorf("the first tab gets %s", got)
		}
		if got := <-too; got != "all-zh-CN-2" {
			t.Errorf("the second gets %s", got)
		}
		if got := <-ann; got != "new-en-2" {
			t.Errorf("the first gets %s when the second comes", got)
		}
		(<-c.changed)()
		if got := <-too; got != "new-zh-CN-3" || made != 1 {
			t.Errorf("the second gets %s of %d scenes", got, made)
		}
		other := &counter{changed: make(chan func(), 9)}
		_, _, bobStop := visit(t, g, "bob", "en", func(context.Context) (Scene, error) { return other, nil })
		synctest.Wait()
		if len(g.views) != 2 {
			t.Errorf("ann and bob have %d views", len(g.views))
		}
		for _, stop := range []func(){tooStop, annStop, bobStop} {
			stop()
		}
		if err := <-annEnded; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(g.views) != 0 {
			t.Errorf("%d views are left", len(g.views))
		}
	})
}

// TestAViewThatPanics ends alone, and its tabs are told.
func TestAViewThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGallery(clock.RealClock{})
		c := &counter{changed: make(chan func(), 9)}
		c.broken.Store(true)
		_, ended, stop := visit(t, g, "ann", "en", func(context.Context) (Scene, error) { return c, nil })
		defer stop()
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("it ends with %v", err)
		}
	})
}
