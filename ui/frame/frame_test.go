package frame

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/a-h/templ"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
)

const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`

func newFrame() *Frame { return newFrameAt(clocktesting.NewFakeClock(time.Unix(0, 0))) }

func newFrameAt(c clock.WithTickerAndDelayedExecution) *Frame {
	return New(Config{Clock: c, Log: slog.New(slog.DiscardHandler)})
}

// ask is a request of a visitor named so.
func ask(t *testing.T, method, path string, header ...string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r.WithContext(With(t.Context(), &Visitor{User: &user.DefaultInfo{Name: hostile}, Lang: "en", Theme: "dark"}))
}

func TestAPageOfHostileNamesIsInert(t *testing.T) {
	w := httptest.NewRecorder()
	newFrame().Page(w, ask(t, "GET", "/x?q="+"%22%3E%3Cscript%3E"), Page{
		Title: hostile, Nav: hostile, Live: hostile + "?" + hostile,
		Body: templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "<p>body</p>")
			return err
		}),
	})
	page := w.Body.String()
	for _, bad := range []string{"<script>alert", "<img", "onerror=alert(2)>\"", `"><script>`} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, want := range []string{"<p>body</p>", `data-theme="dark"`, `lang="en"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("a page of a visitor may be cached")
	}
}

func TestFail(t *testing.T) {
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "web", errors.New(hostile))
	for name, tt := range map[string]struct {
		htmx   bool
		status int
		err    error
		want   int
		says   string
	}{
		"page":            {false, 404, errors.New("no such thing"), 404, "No such thing."},
		"toast":           {true, 422, errors.New("not so"), 422, "Not so."},
		"the API's own":   {true, 0, forbidden, 403, "is forbidden"},
		"no API server":   {false, 0, fmt.Errorf("dial: %w", syscall.ECONNREFUSED), 503, "does not answer right now"},
		"empty":           {true, 0, errors.New(""), 500, "did not work"},
		"already a stop":  {true, 0, errors.New("Done!"), 500, "Done!<"},
		"expired in page": {true, 0, apierrors.NewUnauthorized("x"), 401, "Log in again"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t, "POST", "/")
			if tt.htmx {
				r.Header.Set("HX-Request", "true")
			}
			w := httptest.NewRecorder()
			newFrame().Fail(w, r, tt.status, tt.err)
			if w.Code != tt.want || !strings.Contains(w.Body.String(), tt.says) || strings.Contains(w.Body.String(), "<script>alert") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if tt.htmx != (w.Header().Get("HX-Retarget") == "#kg-toasts") {
				t.Errorf("aimed at %q", w.Header().Get("HX-Retarget"))
			}
		})
	}
}

func TestASessionThatIsOver(t *testing.T) {
	for name, tt := range map[string]struct {
		r      *http.Request
		status int
		header string
		value  string
	}{
		"page":      {ask(t, "GET", "/r/v1.pods?a=b"), 303, "Location", "/login?next=%2Fr%2Fv1.pods%3Fa%3Db"},
		"htmx":      {ask(t, "POST", "/x", "HX-Request", "true"), 401, "HX-Trigger", "kg:login"},
		"form":      {ask(t, "POST", "/x"), 401, "Location", ""},
		"script":    {ask(t, "GET", "/live/x", "Sec-Fetch-Dest", "empty"), 401, "Location", ""},
		"WebSocket": {ask(t, "GET", "/terminal/ws", "Upgrade", "websocket"), 401, "Location", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			newFrame().Login(w, tt.r)
			if w.Code != tt.status || w.Header().Get(tt.header) != tt.value {
				t.Errorf("%d, %s: %q", w.Code, tt.header, w.Header().Get(tt.header))
			}
		})
	}
}

func TestABrokenPageIsNoHalfPage(t *testing.T) {
	w := httptest.NewRecorder()
	newFrame().Page(w, ask(t, "GET", "/"), Page{Body: templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("no more")
	})})
	if w.Code != 500 || strings.Contains(w.Body.String(), "half") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
