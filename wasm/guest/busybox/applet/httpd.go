package applet

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

func httpd(p *Proc) int {
	o, _, ok := p.getopt("fvip:h:c:u:r:")
	if !ok {
		return 1
	}
	home, port := ".", "80"
	if o.has('h') {
		home = o.value('h')
	}
	if o.has('p') {
		port = o.value('p')
	}
	if err := os.Chdir(home); err != nil {
		return p.failed(err, "can't change directory to '%s'", home)
	}
	if !o.has('f') && !o.has('i') {
		return p.daemonize()
	}
	if !strings.Contains(port, ":") {
		port = ":" + port
	}
	l, err := net.Listen("tcp", port)
	if err != nil {
		return p.failed(err, "bind")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s := &httpwire.Server{Handler: func(w *httpwire.Writer, r *httpwire.Request) {
		p.serveFile(w, r)
		if o.has('v') {
			p.fail2("[%s]: url:%s\n[%s]: response:%d", r.Remote, r.Target, r.Remote, w.Code)
		}
	}}
	if err := s.Serve(ctx, l); err != nil {
		return p.failed(err, "accept")
	}
	return 0
}

// daemonize starts the same again in the background and leaves.
func (p *Proc) daemonize() int {
	cmd := exec.Command("httpd", append([]string{"-f"}, p.Args...)...)
	for i, a := range cmd.Args {
		if a == "-h" && i+1 < len(cmd.Args) {
			cmd.Args[i+1] = "."
		}
	}
	if err := cmd.Start(); err != nil {
		return p.cannotRun("httpd", err)
	}
	time.Sleep(20 * time.Millisecond) // let it bind, as the real one has before it forks
	return 0
}

// serveFile answers with a file below the working directory.
func (p *Proc) serveFile(w *httpwire.Writer, r *httpwire.Request) {
	w.CloseAfter()
	w.Header.Add("Date", httpwire.Date(time.Now()))
	if r.Method != "GET" && r.Method != "HEAD" {
		httpdError(w, 501, "The requested method is not recognized")
		return
	}
	name := "." + path.Clean("/"+r.Path)
	fi, err := os.Stat(name)
	if err == nil && fi.IsDir() {
		if !strings.HasSuffix(r.Path, "/") {
			w.Header.Add("Location", r.Path+"/")
			httpdError(w, 302, "")
			return
		}
		name = filepath.Join(name, "index.html")
		fi, err = os.Stat(name)
	}
	f, oerr := os.Open(name)
	if err != nil || oerr != nil {
		httpdError(w, 404, "The requested URL was not found")
		return
	}
	defer f.Close()
	w.Header.Add("Content-Type", httpdType(name))
	w.Header.Add("Last-Modified", httpwire.Date(fi.ModTime()))
	w.Start(200, fi.Size())
	if r.Method == "GET" {
		io.Copy(w, f)
	}
}

func httpdError(w *httpwire.Writer, code int, text string) {
	title := fmt.Sprintf("%d %s", code, httpwire.StatusText(code))
	w.Answer(code, "text/html", fmt.Sprintf("<HTML><HEAD><TITLE>%s</TITLE></HEAD>\n<BODY><H1>%s</H1>\n%s\n</BODY></HTML>\n", title, title, text))
}

func httpdType(name string) string {
	switch filepath.Ext(name) {
	case ".html", ".htm":
		return "text/html"
	case ".txt", ".h", ".c", ".cc", ".cpp":
		return "text/plain"
	case ".css":
		return "text/css"
	case ".js":
		return "application/javascript"
	case ".json":
		return "application/json"
	case ".xml":
		return "text/xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}
