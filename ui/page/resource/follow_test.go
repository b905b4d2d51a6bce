package resource

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
	"kubergarten/ui/text"
)

// A wire is an API server without a network.
type wire func(*http.Request) (status int, body io.Reader)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := w(r)
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{},
		Body: io.NopCloser(body), Request: r,
	}, nil
}

// client speaks through the wire.
func (w wire) client(t *testing.T) *kube.Client {
	t.Helper()
	c, err := kube.New(&rest.Config{Host: "http://api", Transport: w})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// silence is a body in which nothing comes until the request ends.
func silence(r *http.Request) io.Reader {
	body, in := io.Pipe()
	context.AfterFunc(r.Context(), func() { in.Close() })
	return body
}

const forbidden = `{"kind": "Status", "status": "Failure", "message": "no", "reason": "Forbidden", "code": 403}`

// TestWhoMayOnlyGetAsksOnce: of an object that may be read but not watched, the
// page asks once, and then waits for the end.
func TestWhoMayOnlyGetAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads, lists atomic.Int32
		api := wire(func(r *http.Request) (int, io.Reader) {
			if !strings.HasSuffix(r.URL.Path, "/pods/web") {
				lists.Add(1)
				return http.StatusForbidden, strings.NewReader(forbidden)
			}
			if reads.Add(1) > 1 {
				<-r.Context().Done() // the loop, if there is one, rests here
			}
			return http.StatusOK, strings.NewReader(`{"kind": "Pod", "metadata": {"name": "web"}}`)
		})
		pod := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"), Namespace: "default", Name: "web"}
		d := &detailScene{subject: subject{Target: pod, client: api.client(t)}, clock: clock.RealClock{}}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Follow(ctx, func() {}) }()
		synctest.Wait()
		if reads.Load() != 1 || lists.Load() != 2 {
			t.Errorf("%d reads and %d lists", reads.Load(), lists.Load())
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestALogIsAskedForAgain: a pod that changes while its log is refused has the
// log asked for again, however late the refusal comes.
func TestALogIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		again := make(chan struct{})
		api := wire(func(r *http.Request) (int, io.Reader) {
			switch {
			case r.FormValue("watch") != "":
				return http.StatusOK, silence(r)
			case !strings.HasSuffix(r.URL.Path, "/log"): // the list, which tells of the change
				return http.StatusOK, strings.NewReader(`{"kind": "Table", "rows": [{"object": {"metadata": {"name": "web"}}}]}`)
			case asked.Add(1) == 1:
				synctest.Wait() // until the change has been told
				return http.StatusBadRequest, strings.NewReader("ContainerCreating")
			}
			close(again)
			return http.StatusOK, silence(r)
		})
		s := &logScene{client: api.client(t), clock: clock.RealClock{}, query: url.Values{"namespace": {"default"}, "name": {"web"}}, tail: &logTail{}}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Follow(ctx, func() {}) }()
		select {
		case <-again:
		case <-time.After(time.Hour):
			t.Error("the log was asked for once")
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestALogIsNotBlanked: a page that was opened with a log keeps it until as much
// is there again, and a log that has said nothing yet leaves the page alone.
func TestALogIsNotBlanked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, say := io.Pipe()
		api := wire(func(r *http.Request) (int, io.Reader) {
			if !strings.HasSuffix(r.URL.Path, "/log") {
				return http.StatusForbidden, strings.NewReader(forbidden)
			}
			context.AfterFunc(r.Context(), func() { say.Close() })
			return http.StatusOK, log
		})
		s := &logScene{
			client: api.client(t), clock: clock.RealClock{}, tail: &logTail{}, painted: map[string]logState{},
			query: url.Values{"namespace": {"default"}, "name": {"web"}},
		}
		ctx, stop := context.WithCancel(text.With(t.Context(), text.English))
		done := make(chan error, 1)
		go func() { done <- s.Follow(ctx, func() {}) }()
		paint := func() (html string) {
			synctest.Wait()
			s.Look(ctx)
			p := s.Paint(ctx, text.English)
			for _, part := range p.All() {
				html += frame.Paint(ctx, part.HTML).HTML()
			}
			if (html != "") != (len(p.Changed) > 0) {
				t.Errorf("%d parts have changed of %q", len(p.Changed), html)
			}
			return html
		}
		write := func(line string) { _, _ = io.WriteString(say, line) }
		if early := paint(); early != "" {
			t.Errorf("of nothing: %s", early)
		}
		write("one\n")
		if early := paint(); early != "" {
			t.Errorf("in the middle of what there was: %s", early)
		}
		write("two\n")
		time.Sleep(settling)
		if html := paint(); !strings.Contains(html, "one\ntwo\n") {
			t.Errorf("at last: %s", html)
		}
		write("three\n")
		if html := paint(); !strings.Contains(html, "three\n") {
			t.Errorf("and then: %s", html)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
