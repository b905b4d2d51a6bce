package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubergarten/wasm/guest/httpwire"
)

// TestConfigErrors holds the refusals to nginx's words.
func TestConfigErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown", "http {\n  nosuch on;\n}", `unknown directive "nosuch" in FILE:2`},
		{"not here", "http { listen 80; }", `"listen" directive is not allowed here in FILE:1`},
		{"arguments", "http { server { root; } }", `invalid number of arguments in "root" directive in FILE:1`},
		{"no semicolon", "http { server { root /a } }", `unexpected "}" in FILE:1`},
		{"no end", "http { server {", `unexpected end of file, expecting "}" in FILE:1`},
		{"end", "}", `unexpected "}" in FILE:1`},
		{"no block", "events;", `directive "events" has no opening "{" in FILE:1`},
		{"block", "pid { }", `directive "pid" is not terminated by ";" in FILE:1`},
		{"log format", "http { access_log /a nosuch; }", `unknown log format "nosuch" in FILE:1`},
		{"variable", "http { server { return 200 $nosuch; } }", `unknown "nosuch" variable in FILE:1`},
		{"code", "http { server { return abc; } }", `invalid return code "abc" in FILE:1`},
		{"port", "http { server { listen 99999; } }", `invalid port in "99999" of the "listen" directive in FILE:1`},
		{"scheme", "http { server { location / { proxy_pass x; } } }", `invalid URL prefix in FILE:1`},
		{"upstream", "http { upstream u { } }", `no servers are inside upstream in FILE:1`},
		{"include", "include /no/such.conf;", `open() "/no/such.conf" failed (2: No such file or directory) in FILE:1`},
		{"quote", "pid 'x", `unexpected end of file, expecting "'" in FILE:1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := write(t, "nginx.conf", tt.text)
			_, err := load(name, "")
			if got := strings.ReplaceAll(fmt.Sprint(err), name, "FILE"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestArguments(t *testing.T) {
	var out, errs bytes.Buffer
	t.Setenv("NGINX_VERSION", "1.27.4")
	if code := run([]string{"-v"}, &out, &errs); code != 0 || errs.String() != "nginx version: nginx/1.27.4\n" {
		t.Errorf("%d %q", code, errs.String())
	}
	errs.Reset()
	name := write(t, "c", "events {}")
	if code := run([]string{"-t", "-c", name}, &out, &errs); code != 0 || errs.String() != fmt.Sprintf("nginx: the configuration file %s syntax is ok\nnginx: configuration file %s test is successful\n", name, name) {
		t.Errorf("%d %q", code, errs.String())
	}
	errs.Reset()
	if code := run([]string{"-x"}, &out, &errs); code != 1 || errs.String() != "nginx: invalid option: \"-x\"\n" {
		t.Errorf("%d %q", code, errs.String())
	}
}

// A site is a running nginx with files to serve.
type site struct {
	addr string
	logs locked
}

type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newSite serves on a free port what the server block says; ROOT is a
// directory with files, PORT the port.
func newSite(t *testing.T, block string) *site {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"index.html": "<h1>home</h1>\n", "a.txt": "0123456789", "d/index.html": "dir\n", "e/x": "x", "50x.html": "sorry\n"} {
		os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755)
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		stamp := time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)
		os.Chtimes(filepath.Join(root, name), stamp, stamp)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	text := strings.NewReplacer("ROOT", root, "PORT", port).Replace("error_log stderr; http { types { text/html html; text/plain txt; } access_log /dev/stdout; " + block + " }")
	s := &site{addr: l.Addr().String()}
	n := &nginx{version: "1.27.4", out: &s.logs, errs: &s.logs}
	if n.config, err = load(write(t, "nginx.conf", text), "daemon off;"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { (&httpwire.Server{Handler: n.handle, Bad: n.bad}).Serve(ctx, l); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

// ask sends a request and returns the answer as it came.
func (s *site) ask(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	io.WriteString(conn, strings.ReplaceAll(request, "\n", "\r\n")+"\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestStatic(t *testing.T) {
	s := newSite(t, "server { listen PORT; server_name localhost; root ROOT; error_page 500 502 /50x.html; location = /secret { return 403; } location /old { return 301 /new; } location ~ \\.php$ { return 500; } location /t { default_type text/plain; return 200 'hi $remote_addr\n'; } location /f/ { try_files $uri /a.txt; } location /ls/ { alias ROOT/e/; autoindex on; } }")
	for _, tt := range []struct{ name, request, status, has string }{
		{"index", "GET / HTTP/1.1\nHost: h", "200 OK", "\r\n\r\n<h1>home</h1>\n"},
		{"headers", "GET /a.txt HTTP/1.1\nHost: h", "200 OK", "Content-Type: text/plain\r\nContent-Length: 10\r\nLast-Modified: Sat, 03 Feb 2024 04:05:06 GMT\r\nConnection: close\r\nETag: \"65bdbb72-a\"\r\nAccept-Ranges: bytes\r\n"},
		{"server", "GET /a.txt HTTP/1.1\nHost: h", "200 OK", "Server: nginx/1.27.4\r\n"},
		{"head", "HEAD /a.txt HTTP/1.1\nHost: h", "200 OK", "Content-Length: 10"},
		{"missing", "GET /no HTTP/1.1\nHost: h", "404 Not Found", "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.27.4</center>\r\n</body>\r\n</html>\r\n"},
		{"directory", "GET /d HTTP/1.1\nHost: h", "301 Moved Permanently", "Location: http://h/d/\r\n"},
		{"directory index", "GET /d/ HTTP/1.1\nHost: h", "200 OK", "dir\n"},
		{"no index", "GET /e/ HTTP/1.1\nHost: h", "403 Forbidden", "<title>403 Forbidden</title>"},
		{"outside", "GET /../../etc/passwd HTTP/1.1\nHost: h", "404 Not Found", ""},
		{"post", "POST / HTTP/1.1\nHost: h", "405 Not Allowed", "<title>405 Not Allowed</title>"},
		{"no host", "GET / HTTP/1.1", "400 Bad Request", ""},
		{"range", "GET /a.txt HTTP/1.1\nHost: h\nRange: bytes=2-4", "206 Partial Content", "Content-Range: bytes 2-4/10\r\n"},
		{"last bytes", "GET /a.txt HTTP/1.1\nHost: h\nRange: bytes=-3", "206 Partial Content", "\r\n\r\n789"},
		{"beyond", "GET /a.txt HTTP/1.1\nHost: h\nRange: bytes=50-", "416 Requested Range Not Satisfiable", "Content-Range: bytes */10"},
		{"not modified", "GET /a.txt HTTP/1.1\nHost: h\nIf-Modified-Since: Sat, 03 Feb 2024 04:05:06 GMT", "304 Not Modified", ""},
		{"same etag", "GET /a.txt HTTP/1.1\nHost: h\nIf-None-Match: \"65bdbb72-a\"", "304 Not Modified", ""},
		{"return code", "GET /secret HTTP/1.1\nHost: h", "403 Forbidden", ""},
		{"redirect", "GET /old HTTP/1.1\nHost: h", "301 Moved Permanently", "Location: http://h/new\r\n"},
		{"error page", "GET /x.php HTTP/1.1\nHost: h", "500 Internal Server Error", "\r\n\r\nsorry\n"},
		{"text", "GET /t HTTP/1.1\nHost: h", "200 OK", "\r\n\r\nhi 127.0.0.1\n"},
		{"try_files", "GET /f/none HTTP/1.1\nHost: h", "200 OK", "0123456789"},
		{"autoindex", "GET /ls/ HTTP/1.1\nHost: h", "200 OK", "<h1>Index of /ls/</h1>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.ask(t, tt.request)
			if !strings.HasPrefix(got, "HTTP/1.1 "+tt.status+"\r\n") || !strings.Contains(got, tt.has) {
				t.Errorf("want %s, %q\n%s", tt.status, tt.has, got)
			}
		})
	}
	for _, want := range []string{
		`"GET /a.txt HTTP/1.1" 200 10 "-" "-"`, `"GET /no HTTP/1.1" 404 153 `,
		`/no" failed (2: No such file or directory), client: 127.0.0.1, server: localhost, request: "GET /no HTTP/1.1", host: "h"`,
		`/e/" is forbidden, client: `,
	} {
		if !strings.Contains(s.logs.String(), want) {
			t.Errorf("no %q in\n%s", want, s.logs.String())
		}
	}
}

func TestProxy(t *testing.T) {
	back := newSite(t, `server { listen PORT; location / { return 200 "$request_method $request_uri $http_host $http_x_real_ip"; } }`)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	front := newSite(t, strings.NewReplacer("BACK", back.addr, "GONE", gone.Addr().String()).Replace(`upstream u { server GONE; server BACK; }
		server { listen PORT; location /api/ { proxy_pass http://BACK/v1/; proxy_set_header X-Real-IP $remote_addr; }
		location /u { proxy_pass http://u; proxy_set_header Host $host; } location /gone { proxy_pass http://GONE; } }`))
	for _, tt := range []struct{ request, status, body string }{
		{"GET /api/x?y=1 HTTP/1.1\nHost: h", "200 OK", "GET /v1/x?y=1 " + back.addr + " 127.0.0.1"},
		{"GET /u HTTP/1.1\nHost: h:80", "200 OK", "GET /u h "},
		{"GET /gone HTTP/1.1\nHost: h", "502 Bad Gateway", "<title>502 Bad Gateway</title>"},
	} {
		got := front.ask(t, tt.request)
		if !strings.HasPrefix(got, "HTTP/1.1 "+tt.status) || !strings.Contains(got, tt.body) {
			t.Errorf("%s: want %s %q\n%s", tt.request, tt.status, tt.body, got)
		}
	}
	if want := "connect() failed (111: Connection refused) while connecting to upstream"; !strings.Contains(front.logs.String(), want) {
		t.Errorf("no %q in\n%s", want, front.logs.String())
	}
}

func TestVirtualServers(t *testing.T) {
	s := newSite(t, "server { listen PORT; return 200 first; } server { listen PORT; server_name a.example; return 200 a; } server { listen PORT; server_name *.b.example; return 200 b; }")
	for host, want := range map[string]string{"a.example": "a", "x.b.example:99": "b", "other": "first"} {
		if got := s.ask(t, "GET / HTTP/1.1\nHost: "+host); !strings.HasSuffix(got, "\r\n\r\n"+want) {
			t.Errorf("%s: %s", host, got)
		}
	}
}

func TestChoose(t *testing.T) {
	c, err := load(write(t, "c", `http { server { location / {} location = /x {} location ^~ /static/ {} location ~ \.png$ {} location /api {} } }`), "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, uri := range []string{"/", "/x", "/x/", "/static/a.png", "/a.png", "/api/b", "/api/b.png"} {
		l, _ := choose(c.servers[0].locations, uri)
		got[uri] = strings.TrimSpace(l.kind + " " + l.path)
	}
	want := map[string]string{"/": "/", "/x": "= /x", "/x/": "/", "/static/a.png": "^~ /static/", "/a.png": `~ \.png$`, "/api/b": "/api", "/api/b.png": `~ \.png$`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// FuzzConfig: whatever the file says, reading it ends and never panics.
func FuzzConfig(f *testing.F) {
	f.Add("http { server { listen 80; location ~ ^/(a|b)$ { return 200 '$1'; } } }")
	f.Add("events { } \"unterminated")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "include") || strings.Contains(text, "proxy_pass") {
			return
		}
		_, _ = load(write(t, "f", text), "")
	})
}
