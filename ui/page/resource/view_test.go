package resource

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/a-h/templ"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"

	"kubergarten/ui/component"
	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// A counter is a scene that counts how often it is looked at.
type counter struct {
	changed chan func()
	looks   int
	broken  atomic.Bool
}

func (c *counter) follow(ctx context.Context, changed func()) error {
	c.changed <- changed
	<-ctx.Done()
	return nil
}

func (c *counter) look(context.Context) {
	c.looks++
	if c.broken.Load() {
		panic("out of order")
	}
}

func (c *counter) paint(_ context.Context, lang string) painting {
	part := func(what string) []frame.Part {
		return []frame.Part{{Target: fmt.Sprintf("%s-%s-%d", what, lang, c.looks), HTML: templ.NopComponent}}
	}
	return painting{func() []frame.Part { return part("all") }, part("new")}
}

// visit looks at a scene as somebody, until stop is called.
func visit(t *testing.T, g *gallery, name, lang string, set func(context.Context) (scene, error)) (got chan string, ended chan error, stop func()) {
	ctx, stop := context.WithCancel(frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: name}, Lang: lang}))
	got, ended = make(chan string, 100), make(chan error, 1)
	go func() {
		ended <- g.look(ctx, "thing", func(parts ...frame.Part) {
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
		g := newGallery(clock.RealClock{})
		c, made := &counter{changed: make(chan func(), 9)}, 0
		set := func(context.Context) (scene, error) { made++; return c, nil }
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
		_, _, bobStop := visit(t, g, "bob", "en", func(context.Context) (scene, error) { return other, nil })
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
		g := newGallery(clock.RealClock{})
		c := &counter{changed: make(chan func(), 9)}
		c.broken.Store(true)
		_, ended, stop := visit(t, g, "ann", "en", func(context.Context) (scene, error) { return c, nil })
		defer stop()
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("it ends with %v", err)
		}
	})
}

// TestIdentity: who differs in anything that the API server looks at is another.
func TestIdentity(t *testing.T) {
	of := func(u user.DefaultInfo) string { return identity(&frame.Visitor{User: &u}) }
	all := []string{
		of(user.DefaultInfo{Name: "a"}), of(user.DefaultInfo{Name: "b"}), of(user.DefaultInfo{Name: "a", UID: "1"}), of(user.DefaultInfo{Name: "a", Groups: []string{"1"}}),
		of(user.DefaultInfo{Name: "a", Extra: map[string][]string{"k": {"v"}}}), of(user.DefaultInfo{Name: "a", Extra: map[string][]string{"k": {"w"}}}),
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("two are one: %q", all)
	}
}

// TestBlocks: whatever comes and goes, each row is in one block, in order, and a
// block does not grow for ever.
func TestBlocks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := listScene{painted: map[string]*paintedList{}}
	row := func(n int) *kube.Row { return &kube.Row{Meta: metav1.ObjectMeta{Name: fmt.Sprintf("%04d", n)}} }
	var rows []*kube.Row
	for step := range 2000 {
		r := row(rnd.IntN(300))
		i, found := slices.BinarySearchFunc(rows, r, kube.ByName)
		rows = slices.Clone(rows)
		if found && (rnd.IntN(3) > 0 || step > 1500) {
			rows = slices.Delete(rows, i, i+1)
		} else if !found && step < 1700 {
			rows = slices.Insert(rows, i, r)
		}
		s.newest = &kube.Table{Rows: rows}
		s.look(t.Context())
		if !slices.Equal(slices.Concat(s.blocks...), rows) {
			t.Fatalf("step %d: the blocks hold other rows", step)
		}
		for _, b := range s.blocks {
			if len(b) > 3*blockLength {
				t.Fatalf("step %d: a block of %d", step, len(b))
			}
		}
	}
	if s.division > 200 {
		t.Errorf("the rows were divided %d times", s.division)
	}
}

// TestLogTail keeps the last lines.
func TestLogTail(t *testing.T) {
	l := &logTail{}
	l.begin()
	for n := range longestLog + newest + 1 {
		l.add(fmt.Sprint(n))
	}
	s := l.state()
	if len(s.Lines) != longestLog || !s.Cut || s.Lines[0] != fmt.Sprint(newest+1) || s.lost != newest+1 {
		t.Errorf("%d lines from %s, %d lost", len(s.Lines), s.Lines[0], s.lost)
	}
	s.newer = 2
	if got := s.tail(); got != "549\n550\n" || !strings.HasSuffix(s.head(), "\n548\n") {
		t.Errorf("the tail is %q", got)
	}
	l.begin()
	if s := l.state(); len(s.Lines) > 0 || s.Cut {
		t.Error("a log that begins anew has lines")
	}
}

func TestWordStatus(t *testing.T) {
	for word, want := range map[string]string{
		"Running": component.OK, "Completed": component.Off, "Pending": component.Busy, "Init:0/2": component.Busy, "Init:Error": component.Bad, "Init:CrashLoopBackOff": component.Bad,
		"ErrImagePull": component.Bad, "OOMKilled": component.Bad, "Ready,SchedulingDisabled": component.Warn, "NotReady": component.Bad, "Terminating": component.Busy, "Active": component.OK,
		"whatever": "", "CreateContainerConfigError": component.Bad, "ExitCode:3": component.Bad,
	} {
		if got := wordStatus(word); got != want {
			t.Errorf("%s is %q, not %q", word, got, want)
		}
	}
}

func TestReadyStatus(t *testing.T) {
	table := &kube.Table{Columns: []kube.Column{{Name: "Ready"}, {Name: "Desired"}, {Name: "Status"}}}
	for _, tt := range []struct{ ready, desired, status, want string }{
		{"1/1", "", "Running", component.OK},
		{"0/1", "", "Running", component.Warn},
		{"0/0", "", "", component.Off},
		{"0/1", "", "Completed", ""},
		{"2", "3", "", component.Warn},
		{"3", "3", "", component.OK},
		{"0", "0", "", component.Off},
		{"x", "3", "", ""},
	} {
		row := &kube.Row{Cells: []string{tt.ready, tt.desired, tt.status}}
		if got := cellStatus(table, row, 0); got != tt.want {
			t.Errorf("%v is %q", tt, got)
		}
	}
}
