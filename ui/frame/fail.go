package frame

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"syscall"
	"unicode"
	"unicode/utf8"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kubergarten/ui/component"
)

// Fail answers with one clear sentence: in the layout, or as a toast to htmx.
// With status 0 the error tells its own. An error of the API server keeps its
// words, for they are what kubectl prints too; a credential that is no longer
// good asks to log in again.
func (f *Frame) Fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	if status == 0 {
		status = statusOf(err)
	}
	if apierrors.IsUnauthorized(err) || status == http.StatusUnauthorized {
		f.Login(w, r)
		return
	}
	say := Sentence(r.Context(), err)
	if IsHTMX(r) {
		f.toast(w, r, status, component.Bad, say)
		return
	}
	title := titleOf(r.Context(), status)
	f.render(w, r, status, Page{Title: title, Body: component.Empty(title, say)})
}

// Login answers a request whose session is over: htmx is told to ask for a
// login in place, so that nothing typed is lost; a page goes to the login; what
// a script fetched gets a plain 401.
func (f *Frame) Login(w http.ResponseWriter, r *http.Request) {
	switch {
	case IsHTMX(r):
		w.Header().Set("HX-Trigger", "kg:login")
		f.toast(w, r, http.StatusUnauthorized, component.Warn, T(r.Context(), "fail.unauthorized"))
	case r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Dest") != "empty" && r.Header.Get("Upgrade") == "":
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
	default:
		http.Error(w, T(r.Context(), "fail.unauthorized"), http.StatusUnauthorized)
	}
}

// Sentence says err in one clear sentence that begins large and ends in a stop.
func Sentence(ctx context.Context, err error) string {
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, context.DeadlineExceeded) {
		return T(ctx, "fail.unreachable")
	}
	s := err.Error()
	if s == "" {
		return T(ctx, "fail.failed-title")
	}
	first, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[n:]
	if last, _ := utf8.DecodeLastRuneInString(s); !unicode.IsPunct(last) {
		s += "."
	}
	return s
}

func statusOf(err error) int {
	var api apierrors.APIStatus
	switch {
	case errors.As(err, &api) && api.Status().Code != 0:
		return int(api.Status().Code)
	case errors.Is(err, syscall.ECONNREFUSED):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func titleOf(ctx context.Context, status int) string {
	switch status {
	case http.StatusNotFound:
		return T(ctx, "fail.not-found-title")
	case http.StatusForbidden:
		return T(ctx, "fail.forbidden-title")
	}
	return T(ctx, "fail.failed-title")
}
