package apiserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	//lint:ignore SA1019 what client-go's dialers return
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
)

// newStreams is a harness with a kubelet, and pods web (one container) and two.
func newStreams(t *testing.T) *harness {
	h := newHarness(t, func(_ *Config, d *Deps) { devKubelet(d) })
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	two := strings.Replace(strings.Replace(podJSON, `"name":"web"`, `"name":"two"`, 1), `"containers":[`, `"initContainers":[{"name":"i","image":"x"}],"containers":[{"name":"a","image":"x"},`, 1)
	h.call("POST", podsPath, two).want(t, 201, "")
	h.call("POST", podsPath, strings.Replace(strings.Replace(podJSON, `"name":"web"`, `"name":"pending"`, 1), `"nodeName":"node-1",`, "", 1)).want(t, 201, "")
	return h
}

func (h *harness) rest() *rest.Config {
	return &rest.Config{
		Host: h.http.URL, BearerToken: "alice", APIPath: "/api",
		ContentConfig: rest.ContentConfig{GroupVersion: &corev1.SchemeGroupVersion, NegotiatedSerializer: scheme.Codecs.WithoutConversion()},
	}
}

func (h *harness) streamURL(sub string, opts map[string][]string) *url.URL {
	u, _ := url.Parse(h.http.URL + podsPath + "/web/" + sub)
	u.RawQuery = url.Values(opts).Encode()
	return u
}

// executors are the two ways of kubectl.
func (h *harness) executors(t *testing.T, sub string, opts map[string][]string) map[string]remotecommand.Executor {
	t.Helper()
	u := h.streamURL(sub, opts)
	ws, err := remotecommand.NewWebSocketExecutor(h.rest(), "GET", u.String())
	if err != nil {
		t.Fatal(err)
	}
	sp, err := remotecommand.NewSPDYExecutor(h.rest(), "POST", u)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]remotecommand.Executor{"websocket v5": ws, "spdy": sp}
}

func TestExec(t *testing.T) {
	h := newStreams(t)
	for _, c := range []struct {
		name           string
		opts           map[string][]string
		stdin          string
		stdout, stderr string
		code           int
		errorText      string
		sub            string
	}{
		{name: "echo", opts: map[string][]string{"command": {"echo", "a", "b"}, "stdout": {"1"}}, stdout: "[a b] c false\n"},
		{name: "stdin to its end", opts: map[string][]string{"command": {"cat"}, "stdin": {"true"}, "stdout": {"true"}}, stdin: "hello", stdout: "hello"},
		{name: "exit code", opts: map[string][]string{"command": {"exit"}, "stdout": {"1"}, "stderr": {"1"}}, stderr: "bye\n", code: 7, errorText: "command terminated with exit code 7"},
		{name: "terminal", opts: map[string][]string{"command": {"echo"}, "stdout": {"1"}, "tty": {"1"}, "stdin": {"1"}}, stdout: "[] c true\n"},
		{name: "error", opts: map[string][]string{"command": {"frog"}, "stdout": {"1"}}, errorText: "Internal error occurred: error executing command in container: no such command: frog"},
		{name: "attach", sub: "attach", opts: map[string][]string{"stdout": {"1"}}, stdout: "attached to c\n"},
	} {
		if c.sub == "" {
			c.sub = "exec"
		}
		for name, e := range h.executors(t, c.sub, c.opts) {
			t.Run(c.name+" over "+name, func(t *testing.T) {
				var out, errOut bytes.Buffer
				o := remotecommand.StreamOptions{Stdout: &out, Tty: c.opts["tty"] != nil}
				if c.opts["stdin"] != nil {
					o.Stdin = strings.NewReader(c.stdin)
				}
				if c.opts["stderr"] != nil {
					o.Stderr = &errOut
				}
				err := e.StreamWithContext(t.Context(), o)
				if out.String() != c.stdout || errOut.String() != c.stderr {
					t.Errorf("stdout %q stderr %q", out.String(), errOut.String())
				}
				var exit utilexec.CodeExitError
				if errors.As(err, &exit) && exit.Code != c.code || fmt.Sprint(err) != c.errorText && (err != nil || c.errorText != "") {
					t.Errorf("error %v", err)
				}
			})
		}
	}
}

// sizes says once how large the terminal is.
type sizes chan remotecommand.TerminalSize

func (s sizes) Next() *remotecommand.TerminalSize {
	size, ok := <-s
	if !ok {
		return nil
	}
	return &size
}

func TestTerminalSize(t *testing.T) {
	h := newStreams(t)
	for name, e := range h.executors(t, "exec", map[string][]string{"command": {"size"}, "stdin": {"1"}, "stdout": {"1"}, "tty": {"1"}}) {
		t.Run(name, func(t *testing.T) {
			in, w := io.Pipe()
			defer w.Close()
			queue := make(sizes, 1)
			queue <- remotecommand.TerminalSize{Width: 80, Height: 24}
			var out bytes.Buffer
			err := e.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdin: in, Stdout: &out, Tty: true, TerminalSizeQueue: queue})
			close(queue)
			if err != nil || out.String() != "80x24\n" {
				t.Errorf("%q %v", out.String(), err)
			}
		})
	}
}

func TestPortForward(t *testing.T) {
	h := newStreams(t)
	u := h.streamURL("portforward", nil)
	rt, upgrader, err := spdy.RoundTripperFor(h.rest())
	if err != nil {
		t.Fatal(err)
	}
	tunnel, err := portforward.NewSPDYOverWebsocketDialer(u, h.rest())
	if err != nil {
		t.Fatal(err)
	}
	dialers := map[string]func() (httpstream.Connection, error){
		"spdy": func() (httpstream.Connection, error) {
			c, _, err := spdy.NewDialer(upgrader, &http.Client{Transport: rt}, "POST", u).Dial(portforward.PortForwardProtocolV1Name)
			return c, err
		},
		"spdy through a websocket": func() (httpstream.Connection, error) {
			c, _, err := tunnel.Dial(portforward.PortForwardProtocolV1Name)
			return c, err
		},
	}
	for name, dial := range dialers {
		t.Run(name, func(t *testing.T) {
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for i, port := range []string{"80", "8080"} {
				header := http.Header{}
				header.Set(corev1.PortHeader, port)
				header.Set(corev1.PortForwardRequestIDHeader, fmt.Sprint(i))
				header.Set(corev1.StreamType, corev1.StreamTypeError)
				errs, err := conn.CreateStream(header)
				if err != nil {
					t.Fatal(err)
				}
				errs.Close()
				header.Set(corev1.StreamType, corev1.StreamTypeData)
				data, err := conn.CreateStream(header)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintln(data, "hello")
				if line, err := bufio.NewReader(data).ReadString('\n'); line != port+": hello\n" {
					t.Errorf("%q %v", line, err)
				}
			}
		})
	}
}

func TestStreamErrors(t *testing.T) {
	h := newStreams(t)
	for _, c := range []struct {
		name, path string
		code       int
		message    string
	}{
		{"which container", "/two/log", 400, "a container name must be specified for pod two, choose one of: [i a c]"},
		{"no such container", "/web/log?container=x", 400, "container x is not valid for pod web"},
		{"no such pod", "/x/log", 404, `pods "x" not found`},
		{"previous", "/web/log?previous=true", 400, `previous terminated container "c" in pod "web" not found`},
		{"tail", "/web/log?tailLines=-1", 422, `PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0`},
		{"limit", "/web/log?limitBytes=0", 422, `PodLogOptions "web" is invalid: limitBytes: Invalid value: 0: must be greater than 0`},
		{"both sinces", "/web/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z", 422, "PodLogOptions \"web\" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"},
		{"exec without streams", "/web/exec?command=x", 400, "you must specify at least 1 of stdin, stdout, stderr"},
		{"exec of pending", "/pending/exec?command=x&stdout=1", 400, "pod pending does not have a host assigned"},
		{"exec without upgrade", "/web/exec?command=echo&stdout=1", 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.call("GET", podsPath+c.path, "")
			if a.code != c.code || c.message != "" && a.field(t, "message") != c.message {
				t.Errorf("%d %s", a.code, a.body)
			}
		})
	}
	if a := h.call("GET", podsPath+"/web/log", ""); a.body != "log of default/web c\n" || a.header.Get("Content-Type") != "text/plain" {
		t.Errorf("%v %q", a.header, a.body)
	}
	if a := h.call("GET", podsPath+"/pending/log", ""); a.code != http.StatusNoContent {
		t.Errorf("%d", a.code)
	}
}

func TestFollowEndsWithTheClient(t *testing.T) {
	h := newStreams(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "GET", h.http.URL+podsPath+"/web/log?follow=true", nil)
	r.Header.Set("Authorization", "Bearer alice")
	resp, err := h.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); line != "log of default/web c\n" {
		t.Errorf("%q %v", line, err)
	}
	cancel()
	resp.Body.Close() // httptest.Server.Close waits for the handler
}
