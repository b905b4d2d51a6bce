package frame

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
	clocktesting "k8s.io/utils/clock/testing"
)

// part is an element with a text.
func part(id, text string) Part {
	return Part{id, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := fmt.Fprintf(w, "<p id=%q>%s</p>", id, templ.EscapeString(text))
		return err
	})}
}

// A tab reads a stream.
type tab struct {
	t     *testing.T
	clock *clocktesting.FakeClock
	body  io.ReadCloser
	lines *bufio.Scanner
}

// look opens a tab that looks at source.
func look(t *testing.T, source Source) *tab {
	t.Helper()
	return lookAs(t, &Visitor{}, source)
}

// lookAs opens a tab of a visitor.
func lookAs(t *testing.T, v *Visitor, source Source) *tab {
	t.Helper()
	c := clocktesting.NewFakeClock(time.Unix(0, 0))
	f := newFrameAt(c)
	f.Live("test", source)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live/{source}", func(w http.ResponseWriter, r *http.Request) {
		f.Stream(w, r.WithContext(With(r.Context(), v)))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(stop)
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+"/live/test?namespace=x", nil)
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return &tab{t, c, res.Body, bufio.NewScanner(res.Body)}
}

// line is the next line that is not empty.
func (b *tab) line() string {
	b.t.Helper()
	for b.lines.Scan() {
		if l := b.lines.Text(); l != "" {
			return l
		}
	}
	b.t.Fatalf("the stream has ended: %v", b.lines.Err())
	return ""
}

// message is the next message with parts.
func (b *tab) message() (parts [][2]string) {
	b.t.Helper()
	data := ""
	for data == "" {
		data, _ = strings.CutPrefix(b.line(), "data: ")
		if strings.HasPrefix(data, ":") {
			data = ""
		}
	}
	if err := json.Unmarshal([]byte(data), &parts); err != nil {
		b.t.Fatalf("%s: %v", data, err)
	}
	return parts
}

// passing lets time pass, d by d, until read has read what it waits for: the
// stream may still be on its way to its timer at the first of these steps.
func (b *tab) passing(d time.Duration, read func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				b.clock.Step(d)
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	read()
}

func TestTheNewestPartWins(t *testing.T) {
	more, sent := make(chan []Part), make(chan struct{})
	b := look(t, func(ctx context.Context, q url.Values, send func(...Part)) error {
		if q.Get("namespace") != "x" {
			return fmt.Errorf("query is %v", q)
		}
		for {
			select {
			case <-ctx.Done():
				return nil
			case parts := <-more:
				for _, p := range parts {
					send(p)
				}
				sent <- struct{}{}
			}
		}
	})
	give := func(parts ...Part) { more <- parts; <-sent }

	give(part("a", "1"))
	if d := cmp.Diff([][2]string{{"a", `<p id="a">1</p>`}}, b.message()); d != "" {
		t.Fatal(d)
	}
	// Now the stream rests: what comes meanwhile is one message of the newest.
	for i := range 100 {
		give(part("a", fmt.Sprint("a", i)), part("b", fmt.Sprint("b", i)))
	}
	var got [][2]string
	b.passing(interval, func() { got = b.message() })
	if d := cmp.Diff([][2]string{{"a", `<p id="a">a99</p>`}, {"b", `<p id="b">b99</p>`}}, got); d != "" {
		t.Fatal(d)
	}
	// What has not changed is not sent again.
	give(part("a", "a99"), part("b", "<script>"))
	b.passing(interval, func() { got = b.message() })
	if d := cmp.Diff([][2]string{{"b", `<p id="b">&lt;script&gt;</p>`}}, got); d != "" {
		t.Fatal(d)
	}
}

func TestAtMostFiveMessagesASecond(t *testing.T) {
	if interval < time.Second/5 {
		t.Errorf("messages may follow each other after %v", interval)
	}
}

func TestAnIdleStreamTellsThatItLives(t *testing.T) {
	b := look(t, func(ctx context.Context, _ url.Values, _ func(...Part)) error { <-ctx.Done(); return nil })
	if got := b.line(); got != ": hello" {
		t.Fatalf("first line %q", got)
	}
	b.passing(heartbeat, func() {
		if got := b.line(); got != ": still here" {
			t.Fatalf("after a while %q", got)
		}
	})
}

// A pass is a session under the test's hand.
type pass struct {
	gone chan struct{}
	over atomic.Bool
	used atomic.Bool
}

func (p *pass) ID() string            { return "pass" }
func (p *pass) Gone() <-chan struct{} { return p.gone }
func (p *pass) Alive(used bool) bool {
	if used {
		p.used.Store(true)
	}
	return !p.over.Load()
}

// TestAStreamEndsWithTheSession: at once when the visitor logs out, and at the
// next beat when it is over with time, however much there is to send.
func TestAStreamEndsWithTheSession(t *testing.T) {
	for name, end := range map[string]func(*pass){
		"logged out": func(p *pass) { close(p.gone) },
		"over":       func(p *pass) { p.over.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			p := &pass{gone: make(chan struct{})}
			b := lookAs(t, &Visitor{Login: p}, func(ctx context.Context, _ url.Values, send func(...Part)) error {
				for n := 0; ; n++ {
					send(part("a", fmt.Sprint(n)))
					select {
					case <-ctx.Done():
						return nil
					case <-time.After(time.Millisecond):
					}
				}
			})
			b.message()
			end(p)
			b.passing(interval, func() {
				for b.lines.Scan() {
				}
			})
			if b.lines.Err() != nil || p.used.Load() {
				t.Errorf("it ends with %v; the session was prolonged: %v", b.lines.Err(), p.used.Load())
			}
		})
	}
}

func TestAFailedSourceIsToldAndDoesNotEndTheStream(t *testing.T) {
	for name, source := range map[string]Source{
		"error": func(context.Context, url.Values, func(...Part)) error { return errors.New("pods is\nforbidden") },
		"panic": func(context.Context, url.Values, func(...Part)) error { panic("oh") },
	} {
		t.Run(name, func(t *testing.T) {
			b := look(t, source)
			b.line() // hello
			if got := b.line(); got != "event: failed" {
				t.Fatalf("got %q", got)
			}
			if got := b.line(); !strings.HasPrefix(got, "data: ") || len(got) < 10 {
				t.Fatalf("got %q", got)
			}
			b.passing(heartbeat, func() {
				if got := b.line(); got != ": still here" {
					t.Fatalf("got %q", got)
				}
			})
		})
	}
}

func TestTheSourceEndsWithItsTab(t *testing.T) {
	gone := make(chan struct{})
	b := look(t, func(ctx context.Context, _ url.Values, _ func(...Part)) error {
		<-ctx.Done()
		close(gone)
		return ctx.Err()
	})
	b.line()
	b.body.Close()
	select {
	case <-gone:
	case <-time.After(30 * time.Second):
		t.Fatal("the source goes on for a tab that is closed")
	}
}

func TestAnUnknownSource(t *testing.T) {
	f := newFrame()
	r := httptest.NewRequest("GET", "/live/no", nil)
	r.SetPathValue("source", "no")
	w := httptest.NewRecorder()
	f.Stream(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
}

func FuzzBatch(f *testing.F) {
	f.Add([]byte("abcabc"))
	f.Fuzz(func(t *testing.T, targets []byte) {
		b, want := newBatch(), map[string]string{}
		for i, target := range targets {
			b.add(part(string(target), fmt.Sprint(i)))
			want[string(target)] = fmt.Sprint(i)
		}
		got := b.take()
		if len(got) != len(want) || len(b.take()) != 0 {
			t.Fatalf("%d parts for %d elements", len(got), len(want))
		}
		for _, p := range got {
			var html strings.Builder
			_ = p.HTML.Render(t.Context(), &html)
			if !strings.Contains(html.String(), ">"+want[p.Target]+"<") {
				t.Fatalf("%q is %s, not the newest", p.Target, html.String())
			}
		}
	})
}

func TestAPageOfAnotherUserGetsNothing(t *testing.T) {
	f := newFrame()
	for as, want := range map[string]int{"ann": http.StatusOK, "bob": http.StatusConflict} {
		ctx, stop := context.WithCancel(With(t.Context(), &Visitor{User: &user.DefaultInfo{Name: "ann"}}))
		stop() // the stream ends as soon as it has begun
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(ctx, "GET", "/live/none?as="+as, nil)
		r.SetPathValue("source", "none")
		if f.Stream(w, r); w.Code != want {
			t.Errorf("as %s: %d, want %d", as, w.Code, want)
		}
	}
}
