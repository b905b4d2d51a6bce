package overview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/trace"
	"kubergarten/ui/frame"
	"kubergarten/ui/text"
)

func TestFollowSendsAPodThatAppears(t *testing.T) {
	api := clienttest.New(node("node-1"))
	ctx, stop := context.WithCancel(frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}, API: api, Lang: text.English}))
	defer stop()
	parts := make(chan frame.Part, 1000)
	done := make(chan error, 1)
	d := Deps{Clock: clock.RealClock{}, Trace: trace.New(clocktesting.NewFakePassiveClock(noon), 10)}
	follow := d.follow(frame.NewGallery(d.Clock))
	go func() {
		done <- follow(ctx, nil, func(all ...frame.Part) {
			for _, p := range all {
				parts <- p
			}
		})
	}()
	api.Add(running("default", "fresh", "node-1"))
	for p := range parts {
		var html bytes.Buffer
		if err := p.HTML.Render(ctx, &html); err != nil {
			t.Fatal(err)
		}
		if p.Target == "overview-nodes" && strings.Contains(html.String(), "fresh") {
			break
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A counting API counts the visitors that ask which nodes they may list.
type counting struct {
	client.Interface
	asked *atomic.Int32
}

func (c counting) List(ctx context.Context, at client.Target, opts metav1.ListOptions) (runtime.Object, error) {
	if at.Resource == "nodes" && opts.Limit == 1 {
		c.asked.Add(1)
	}
	return c.Interface.List(ctx, at, opts)
}

func TestTabsOfOneIdentityShareAView(t *testing.T) {
	follow := Deps{Clock: clock.RealClock{}}.follow(frame.NewGallery(clock.RealClock{}))
	var views atomic.Int32
	var tabs sync.WaitGroup
	look := func(name, lang string) (all map[string]string, stop func()) {
		api := counting{clienttest.New(node("node-1")), &views}
		ctx, stop := context.WithCancel(frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: name}, API: api, Lang: lang}))
		parts := make(chan frame.Part, 1000)
		tabs.Go(func() {
			_ = follow(ctx, nil, func(all ...frame.Part) {
				for _, p := range all {
					parts <- p
				}
			})
		})
		all = map[string]string{}
		for len(all) < len(panels()) {
			p := <-parts
			var html strings.Builder
			if err := p.HTML.Render(ctx, &html); err != nil {
				t.Error(err)
			}
			all[p.Target] = html.String()
		}
		return all, stop
	}
	english, stop1 := look("ann", text.English)
	chinese, stop2 := look("ann", text.Chinese)
	_, stop3 := look("ann", text.English) // in a language that is painted
	for _, name := range panels() {
		if target := "overview-" + name; english[target] == "" || english[target] == chinese[target] {
			t.Errorf("%s in English and in Chinese:\n%s\n%s", target, english[target], chinese[target])
		}
	}
	if n := views.Load(); n != 1 {
		t.Errorf("%d views for one identity", n)
	}
	_, stop4 := look("bob", text.English)
	if n := views.Load(); n != 2 {
		t.Errorf("%d views for two identities", n)
	}
	for _, stop := range []func(){stop1, stop2, stop3, stop4} {
		stop()
	}
	tabs.Wait()
}

// TestNothingIsPaintedBeforeAllIsListed: a page that has just been opened is not
// overwritten with an empty one.
func TestNothingIsPaintedBeforeAllIsListed(t *testing.T) {
	ctx, stop := context.WithCancel(frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}, API: clienttest.New(node("node-1"))}))
	s, err := newScene(ctx, Deps{Clock: clock.RealClock{}})
	if err != nil {
		t.Fatal(err)
	}
	paint := func() []frame.Part {
		s.Look(ctx)
		return s.Paint(ctx, text.English).All()
	}
	if early := paint(); len(early) > 0 {
		t.Errorf("%d panels of nothing", len(early))
	}
	changed, done := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		done <- s.Follow(ctx, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	}()
	first := paint()
	for ; len(first) == 0; first = paint() {
		<-changed
	}
	if html := frame.Paint(ctx, first[0].HTML).HTML(); len(first) != len(panels()) || !strings.Contains(html, "node-1") {
		t.Errorf("the first %d panels begin with\n%s", len(first), html)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestPaintRendersWhatIsDirty: a panel is rendered once for each language, and
// again only when it was touched.
func TestPaintRendersWhatIsDirty(t *testing.T) {
	ctx := frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}, API: clienttest.New(node("node-1"))})
	s, err := newScene(ctx, Deps{Clock: clock.RealClock{}})
	if err != nil {
		t.Fatal(err)
	}
	s.changed, s.synced = func() {}, true
	targets := func(lang string) (all, changed int) {
		s.Look(ctx)
		p := s.Paint(text.With(ctx, lang), lang)
		return len(p.All()), len(p.Changed)
	}
	for _, tt := range []struct {
		lang    string
		touch   []string
		changed int
	}{
		{text.English, nil, 4},
		{text.English, nil, 0},
		{text.English, []string{"news"}, 1},
		{text.Chinese, nil, 4},
		{text.Chinese, []string{"nodes", "work"}, 2},
		{text.English, nil, 2},
		{text.Chinese, nil, 0},
	} {
		if len(tt.touch) > 0 {
			s.touch(tt.touch...)
		}
		if all, changed := targets(tt.lang); all != 4 || changed != tt.changed {
			t.Errorf("after %v, %d panels in %s, %d rendered", tt.touch, all, tt.lang, changed)
		}
	}
}

func TestAPanicEndsItsViewOnly(t *testing.T) {
	follow := Deps{Clock: clock.RealClock{}}.follow(frame.NewGallery(clock.RealClock{}))
	ctx := frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}}) // without an API
	if err := follow(ctx, nil, func(...frame.Part) {}); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("got %v", err)
	}
}

// TestAfterABadTime: who looked at the cluster while the API server was away, or
// while something was refused, sees it when that is over.
func TestAfterABadTime(t *testing.T) {
	for name, bad := range map[string]error{
		"away":    fmt.Errorf("dial: %w", syscall.ECONNREFUSED),
		"refused": apierrors.NewForbidden(corev1.Resource("nodes"), "", errors.New("no")),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var good atomic.Bool
				api := clienttest.New(node("node-1"))
				api.OnCall = func(_ string, at client.Target, _ runtime.Object) error {
					if good.Load() || at.Resource != "nodes" {
						return nil
					}
					return bad
				}
				ctx, stop := context.WithCancel(frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}, API: api}))
				follow := Deps{Clock: clock.RealClock{}}.follow(frame.NewGallery(clock.RealClock{}))
				var seen atomic.Bool
				done := make(chan error, 1)
				look := func() {
					done <- follow(ctx, nil, func(parts ...frame.Part) {
						for _, p := range parts {
							seen.Store(seen.Load() || strings.Contains(frame.Paint(ctx, p.HTML).HTML(), "node-1"))
						}
					})
				}
				go look()
				synctest.Wait()
				good.Store(true)
				time.Sleep(2 * time.Minute) // of the bubble's time
				if err := <-done; seen.Load() || !errors.Is(err, bad) && !errors.Is(err, frame.ErrAgain) {
					t.Fatalf("before: the node is seen: %v; %v", seen.Load(), err)
				}
				go look()
				time.Sleep(time.Minute)
				if !seen.Load() {
					t.Error("the node is not seen")
				}
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
