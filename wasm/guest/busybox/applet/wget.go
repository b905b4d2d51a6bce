package applet

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

// A fetch is one run of wget.
type fetch struct {
	p       *Proc
	o       options
	limit   time.Duration
	headers []string
	post    []byte
}

// A target is a parsed URL.
type target struct{ host, port, path, user string }

func wget(p *Proc) int {
	o, urls, ok := p.getopt("cqSsO:o:P:U:T:t:Y:nhVH:d:f:N", "spider=s", "output-document=O", "quiet=q", "server-response=S", "header=H", "post-data=d", "post-file=f",
		"timeout=T", "user-agent=U", "directory-prefix=P", "continue=c", "tries=t", "no-check-certificate=N", "no-verbose=n", "proxy=Y", "output-file=o")
	if !ok {
		return 1
	}
	if len(urls) == 0 {
		return p.help(1)
	}
	f := &fetch{p: p, o: o, limit: 900 * time.Second, headers: o.values['H']}
	if o.has('T') {
		d, ok := duration(o.value('T'))
		if !ok {
			return p.fail("invalid number '%s'", o.value('T'))
		}
		f.limit = d
	}
	if o.has('d') {
		f.post = []byte(o.value('d'))
	}
	if o.has('f') {
		text, err := readAll(p, o.value('f'))
		if err != nil {
			return p.cannotOpen(o.value('f'), err)
		}
		f.post = []byte(text)
	}
	for _, u := range urls {
		if !f.get(u) {
			return 1
		}
	}
	return 0
}

func parseURL(u string) (t target, ok bool) {
	if rest, found := strings.CutPrefix(u, "http://"); found {
		u = rest
	} else if strings.Contains(u, "://") {
		return t, false
	}
	host, path, _ := strings.Cut(u, "/")
	if h, q, found := strings.Cut(host, "?"); found {
		host, path = h, "?"+q
	} else if i := strings.IndexByte(path, '#'); i >= 0 {
		path = path[:i]
	}
	if user, h, found := strings.Cut(host, "@"); found {
		t.user, host = user, h
	}
	t.host, t.port, t.path = host, "80", "/"+path
	if h, port, err := net.SplitHostPort(host); err == nil {
		t.host, t.port = h, port
	}
	return t, t.host != ""
}

// note prints progress, unless -q.
func (f *fetch) note(format string, a ...any) {
	if !f.o.has('q') {
		f.p.fail2(strings.TrimSuffix(format, "\n"), a...)
	}
}

func (f *fetch) get(url string) bool {
	for range 10 {
		t, ok := parseURL(url)
		if !ok {
			f.p.fail("not an http or ftp url: %s", url)
			return false
		}
		next, ok := f.once(t)
		if next == "" {
			return ok
		}
		url = absoluteURL(t, next)
	}
	f.p.fail("too many redirections")
	return false
}

func absoluteURL(t target, next string) string {
	switch {
	case strings.Contains(next, "://"):
		return next
	case strings.HasPrefix(next, "/"):
		return "http://" + net.JoinHostPort(t.host, t.port) + next
	}
	return "http://" + net.JoinHostPort(t.host, t.port) + path.Join(path.Dir(t.path), next)
}

// once sends one request; next is where a redirection leads.
func (f *fetch) once(t target) (next string, ok bool) {
	conn, ok := f.connect(t)
	if !ok {
		return "", false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(f.limit))
	method := f.send(conn, t)
	resp, err := httpwire.ReadResponse(bufio.NewReaderSize(conn, 4096), method)
	if err != nil {
		if isTimeout(err) {
			f.p.fail("download timed out")
		} else {
			f.p.fail("error getting response")
		}
		return "", false
	}
	if f.o.has('S') {
		f.p.fail2("  %s %s", resp.Proto, resp.Status)
		for _, h := range resp.Header {
			f.p.fail2("  %s: %s", h.Name, h.Value)
		}
	}
	switch {
	case resp.Code/100 == 3 && resp.Code != 304 && resp.Header.Get("Location") != "":
		return resp.Header.Get("Location"), true
	case resp.Code/100 != 2:
		f.p.fail("server returned error: %s %s", resp.Proto, resp.Status)
		return "", false
	case f.o.has('s'):
		f.note("remote file exists")
		return "", true
	}
	return "", f.save(t, conn, resp)
}

func (f *fetch) connect(t target) (net.Conn, bool) {
	addrs, err := lookup(t.host)
	if err != nil || len(addrs) == 0 {
		f.p.fail("bad address '%s'", t.host)
		return nil, false
	}
	addr := addrs[0].Unmap().String()
	f.note("Connecting to %s (%s)", hostPort(t), net.JoinHostPort(addr, t.port))
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(addr, t.port), f.limit)
	if err == nil {
		return conn, true
	}
	if isTimeout(err) && f.o.has('T') {
		f.p.fail("download timed out")
	} else {
		f.p.fail("can't connect to remote host (%s): %s", addr, reason(err))
	}
	return nil, false
}

func hostPort(t target) string {
	if t.port == "80" {
		return t.host
	}
	return net.JoinHostPort(t.host, t.port)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (f *fetch) send(w io.Writer, t target) (method string) {
	method = "GET"
	switch {
	case f.post != nil:
		method = "POST"
	case f.o.has('s'):
		method = "HEAD"
	}
	agent := "Wget"
	if f.o.has('U') {
		agent = f.o.value('U')
	}
	var b strings.Builder
	given := strings.ToLower("\n" + strings.Join(f.headers, "\n"))
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, t.path)
	for _, h := range [][2]string{{"Host", hostPort(t)}, {"User-Agent", agent}, {"Connection", "close"}} {
		if !strings.Contains(given, "\n"+strings.ToLower(h[0])+":") {
			fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
		}
	}
	if t.user != "" {
		fmt.Fprintf(&b, "Authorization: Basic %s\r\n", base64.StdEncoding.EncodeToString([]byte(t.user)))
	}
	for _, h := range f.headers {
		b.WriteString(h + "\r\n")
	}
	if f.post != nil {
		if !strings.Contains(given, "\ncontent-type:") {
			b.WriteString("Content-Type: application/x-www-form-urlencoded\r\n")
		}
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(f.post))
	}
	b.WriteString("\r\n")
	io.WriteString(w, b.String())
	w.Write(f.post)
	return method
}

// save writes the body where -O says, or to a file named as the URL's end.
func (f *fetch) save(t target, conn net.Conn, resp *httpwire.Response) bool {
	name := f.o.value('O')
	if name == "" {
		p, _, _ := strings.Cut(t.path, "?")
		if name = path.Base(p); strings.HasSuffix(p, "/") || name == "/" || name == "." {
			name = "index.html"
		}
		if dir := f.o.value('P'); dir != "" {
			os.MkdirAll(dir, 0o777)
			name = filepath.Join(dir, name)
		}
	}
	out, shown := io.Writer(f.p.Out), name
	if name == "-" {
		f.note("writing to stdout")
	} else {
		flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if !f.o.has('O') {
			flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
		}
		file, err := os.OpenFile(name, flags, 0o666)
		if err != nil {
			f.p.cannotOpen(name, err)
			return false
		}
		defer file.Close()
		out = file
		f.note("saving to '%s'", name)
	}
	n, err := f.stream(out, conn, resp.Body)
	if err != nil {
		if isTimeout(err) {
			f.p.fail("download timed out")
		} else {
			f.p.fail("connection closed prematurely")
		}
		return false
	}
	f.p.flush()
	f.note("%s", progressLine(path.Base(shown), n))
	if name == "-" {
		f.note("written to stdout")
	} else {
		f.note("'%s' saved", name)
	}
	return true
}

// stream copies the body; the time limit is for each read.
func (f *fetch) stream(out io.Writer, conn net.Conn, body io.Reader) (total int64, err error) {
	buf := make([]byte, 16<<10)
	for {
		conn.SetDeadline(time.Now().Add(f.limit))
		n, err := body.Read(buf)
		if _, werr := out.Write(buf[:n]); werr != nil {
			return total, werr
		}
		f.p.flush()
		total += int64(n)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// progressLine is the bar as it stands at the end.
func progressLine(name string, n int64) string {
	size := fmt.Sprintf("%5d ", n)
	if n >= 100000 {
		size = fmt.Sprintf("%5s", human(n))
	}
	return fmt.Sprintf("%-20.20s 100%% |%s| %s 0:00:00 ETA", name, strings.Repeat("*", 32), size)
}
