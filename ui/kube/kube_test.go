package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
)

func TestParseGVR(t *testing.T) {
	for text, want := range map[string]schema.GroupVersionResource{
		"v1.pods":                    {Version: "v1", Resource: "pods"},
		"apps.v1.deployments":        {Group: "apps", Version: "v1", Resource: "deployments"},
		"discovery.k8s.io.v1.things": {Group: "discovery.k8s.io", Version: "v1", Resource: "things"},
	} {
		got, err := ParseGVR(text)
		if err != nil || got != want || FormatGVR(got) != text {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "pods", ".", "..", "v1.", ".v1.pods", "v1.a/b", "v1.a%2fb"} {
		if got, err := ParseGVR(text); !apierrors.IsBadRequest(err) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

// FuzzPath: no name leads to another path than the one that is meant.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"v1.pods", "apps.v1.deployments", "..", "v1.a%2e", "x/../y", "a?b#c", "\x00"} {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, gvr, namespace, name string) {
		r, err := ParseGVR(gvr)
		if err != nil {
			return
		}
		at, err := Target{GroupVersionResource: r, Namespace: namespace, Name: name}.path()
		if err != nil {
			return
		}
		want := 3
		for _, more := range []int{len(r.Group), 2 * len(namespace), len(name)} {
			if more > 0 {
				want++
			}
		}
		if namespace != "" {
			want++
		}
		parts := strings.Split(at[1:], "/")
		if len(parts) != want || strings.ContainsAny(at, "?#") {
			t.Errorf("%q %q %q is at %s", gvr, namespace, name, at)
		}
		for _, p := range parts {
			if p == "" || p == "." || p == ".." {
				t.Errorf("%q %q %q is at %s", gvr, namespace, name, at)
			}
		}
	})
}

func TestQuote(t *testing.T) {
	for s, want := range map[string]string{
		"web": "web", "deployment/web": "deployment/web", "": "''", "=x": "'=x'", "a b": "'a b'", "it's": `'it'\''s'`, "$(reboot)": "'$(reboot)'",
		"标签": "'标签'", "a\nb": `$'a\012b'`, "turned\u202e": `$'turned\342\200\256'`,
	} {
		if got := Quote(s); got != want {
			t.Errorf("%q becomes %s, not %s", s, got, want)
		}
	}
}

// FuzzQuote: a shell makes of the word what it was made of.
func FuzzQuote(f *testing.F) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		f.Skip("bash is not here")
	}
	for _, s := range []string{"a", "it's", "$(x)`y`\\", "\n\t\r", "\u202e\x1b[31m", "-n", "!!", "~", "{a,b}*?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "\x00") {
			return // no argument can hold it
		}
		cmd := exec.Command(bash, "--norc", "-c", "printf %s "+Quote(s))
		cmd.Env = []string{"LC_ALL=C"}
		out, err := cmd.Output()
		if err != nil || string(out) != s {
			t.Errorf("%q is read as %q: %v", s, out, err)
		}
	})
}

func TestCommand(t *testing.T) {
	k := Kind{GroupVersionResource: schema.GroupVersionResource{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"}, Singular: "endpointslice"}
	if got := Command(append([]string{"get", k.Object("web;ls")}, In("a")...)...); got != "kubectl get 'endpointslices.discovery.k8s.io/web;ls' -n a" {
		t.Error(got)
	}
	if In("") != nil {
		t.Error("no namespace is a flag")
	}
}

const table = `{"kind": "Table", "metadata": {"resourceVersion": "%d"}, "columnDefinitions": [{"name": "Name"}, {"name": "Count"}],
	"rows": [{"cells": ["%s", %d], "object": {"metadata": {"name": "%[2]s", "uid": "%[2]s"}}}]}`

// FuzzTable: what the API server gives does not break the page.
func FuzzTable(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(table, 1, "a", 12345678901234567)))
	f.Add([]byte(`{"kind": "Table", "rows": [{"cells": ["a\nb", null, {}, 1.50], "object": {}}]}`))
	f.Add([]byte(`{"kind": "PodList"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := parseTable(data)
		if err != nil {
			return
		}
		for _, r := range got.Rows {
			for _, c := range r.Cells {
				if strings.Contains(c, "\n") {
					t.Errorf("a cell of several lines: %q", c)
				}
			}
			got.Cell(r, "Name")
		}
	})
}

func TestTheNumbersOfATable(t *testing.T) {
	got, err := parseTable([]byte(`{"kind": "Table", "rows": [{"cells": [12345678901234567, 1.50, "a\nb", null, true], "object": {}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if cells := strings.Join(got.Rows[0].Cells, "|"); cells != "12345678901234567|1.50|a...||true" {
		t.Error(cells)
	}
}

// ask is what a client says of an answer.
func ask(t *testing.T, answer http.HandlerFunc) error {
	t.Helper()
	s := httptest.NewServer(answer)
	defer s.Close()
	c, err := New(&rest.Config{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Get(t.Context(), Target{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, Namespace: "a", Name: "b"})
	return err
}

func TestRefusals(t *testing.T) {
	err := ask(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"kind": "Status", "status": "Failure", "message": "no, ann", "reason": "Forbidden", "code": 403}`)
	})
	if !apierrors.IsForbidden(err) || err.Error() != "no, ann" {
		t.Errorf("the API server's words become %v", err)
	}
	if err := ask(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<h1>out of order", http.StatusInternalServerError)
	}); err == nil || !strings.Contains(err.Error(), "<h1>out of order") {
		t.Errorf("another's words become %v", err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("a redirect is followed with %v", r.Header) }))
	defer elsewhere.Close()
	if err := ask(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }); err == nil {
		t.Error("a redirect is an answer")
	}
	if err := ask(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") }); err == nil {
		t.Error("a list is an object")
	}
	if _, err := New(nil); !apierrors.IsUnauthorized(err) {
		t.Errorf("without a credential: %v", err)
	}
}

// A flow is an API server whose watches end.
type flow struct {
	lists, watches int
	stop           func()
}

func (f *flow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("watch") == "" {
		f.lists++
		fmt.Fprintf(w, table, f.lists*10, "listed", f.lists)
		return
	}
	f.watches++
	event := func(kind, object string) {
		_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": json.RawMessage(object)})
	}
	switch f.watches {
	case 1:
		event("ADDED", fmt.Sprintf(table, 11, "added", 1))
		event("MODIFIED", fmt.Sprintf(table, 12, "listed", 7))
		event("BOOKMARK", fmt.Sprintf(table, 13, "", 0))
		event("DELETED", fmt.Sprintf(table, 14, "added", 1))
	case 2: // a version that is too old
		event("ERROR", `{"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410}`)
	case 3: // cut off
		_, _ = w.Write([]byte(`{"type": "ADDED", "obj`))
	default:
		f.stop()
		<-r.Context().Done()
	}
}

// TestFollow: a table that is followed is as the events say, and a watch that
// ends is taken up again after a while.
func TestFollow(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := httptest.NewServer(&flow{stop: stop})
	defer s.Close()
	c, err := New(&rest.Config{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	clk := testclock.NewFakeClock(time.Now())
	var said []string
	done := make(chan error, 1)
	go func() {
		done <- c.Follow(ctx, clk, Target{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}}, Options{}, func(now *Table, _ *Event) {
			var rows []string
			for _, r := range now.Rows {
				rows = append(rows, strings.Join(r.Cells, "="))
			}
			said = append(said, strings.Join(rows, ","))
		})
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			want := "listed=1|added=1,listed=1|added=1,listed=7|listed=7|listed=2|listed=3|listed=4"
			if got := strings.Join(said, "|"); got != want {
				t.Errorf("it was\n%s\nnot\n%s", got, want)
			}
			return
		case <-time.After(time.Millisecond): // of the test's time, not of the clock's
			if clk.HasWaiters() {
				clk.Step(longestWait)
			}
		}
	}
}

// TestACutTableStaysCut: a list that was cut does not grow by what lies behind
// the cut, whatever happens there.
func TestACutTableStaysCut(t *testing.T) {
	rows := func(names string) (all []*Row) {
		for _, name := range strings.Fields(names) {
			all = append(all, &Row{Meta: metav1.ObjectMeta{Name: name}})
		}
		return all
	}
	for _, tt := range []struct {
		name, before string
		more         bool
		kind         watch.EventType
		row, after   string
		stillMore    bool
	}{
		{"behind the cut", "a c e", true, watch.Modified, "f", "a c e", true},
		{"new behind the cut", "a c", true, watch.Added, "f", "a c", true},
		{"before the cut", "a c e", true, watch.Added, "b", "a b c", true},
		{"the last row", "a c e", true, watch.Modified, "e", "a c e", true},
		{"gone", "a c e", true, watch.Deleted, "c", "a e", true},
		{"gone behind the cut", "a c e", true, watch.Deleted, "f", "a c e", true},
		{"room", "a c", false, watch.Added, "f", "a c f", false},
		{"one too many", "a c e", false, watch.Added, "f", "a c e", true},
	} {
		now := &Table{Rows: rows(tt.before), More: tt.more}
		got := now.after(Event{tt.kind, &Table{Rows: rows(tt.row)}}, 3)
		var names []string
		for _, r := range got.Rows {
			names = append(names, r.Meta.Name)
		}
		if strings.Join(names, " ") != tt.after || got.More != tt.stillMore {
			t.Errorf("%s: %v, more: %v", tt.name, names, got.More)
		}
	}
}

// TestACutTableIsListedAgain: when half of what was shown has gone, what lay
// behind the cut comes forward.
func TestACutTableIsListedAgain(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	lists := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("watch") != "" {
			fmt.Fprintf(w, `{"type": "DELETED", "object": %s}`, fmt.Sprintf(table, 2, "a", 1))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		if lists++; lists == 2 {
			stop()
		}
		fmt.Fprint(w, `{"kind": "Table", "metadata": {"continue": "x"}, "rows": [{"object": {"metadata": {"name": "a"}}}, {"object": {"metadata": {"name": "b"}}}]}`)
	}))
	defer s.Close()
	c, err := New(&rest.Config{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	pods := Target{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}}
	if err := c.Follow(ctx, clock.RealClock{}, pods, Options{Limit: 2}, func(*Table, *Event) {}); err != nil || lists != 2 {
		t.Errorf("%d lists, %v", lists, err)
	}
}

// TestFollowEnds: a refusal is final.
func TestFollowEnds(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"kind": "Status", "status": "Failure", "message": "no", "reason": "Forbidden", "code": 403}`)
	}))
	defer s.Close()
	c, err := New(&rest.Config{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Follow(t.Context(), testclock.NewFakeClock(time.Now()), Target{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"}}, Options{}, func(*Table, *Event) {})
	if !apierrors.IsForbidden(err) {
		t.Errorf("it ends with %v", err)
	}
}

func TestRefused(t *testing.T) {
	gr := schema.GroupResource{Resource: "pods"}
	for _, err := range []error{apierrors.NewForbidden(gr, "a", nil), apierrors.NewNotFound(gr, "a"), apierrors.NewUnauthorized("no")} {
		if !refused(err) {
			t.Errorf("asks again after %v", err)
		}
	}
	for _, err := range []error{errors.New("reset"), apierrors.NewResourceExpired("old"), apierrors.NewTooManyRequests("slow", 1), apierrors.NewInternalError(errors.New("x"))} {
		if refused(err) {
			t.Errorf("gives up after %v", err)
		}
	}
}
