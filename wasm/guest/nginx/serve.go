package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

// An nginx is the running server.
type nginx struct {
	version      string
	out, errs    io.Writer
	file, global string

	mu     sync.Mutex
	config *config
	opened map[string]io.Writer // logs by path
	ports  map[string]context.CancelFunc
	wg     sync.WaitGroup
	ids    atomic.Int64
	active atomic.Int64
	served atomic.Int64
}

// log writes a line to the error log.
func (n *nginx) log(level, format string, a ...any) {
	pid := os.Getpid()
	line := fmt.Sprintf("%s [%s] %d#%d: %s\n", time.Now().Format("2006/01/02 15:04:05"), level, pid, pid, fmt.Sprintf(format, a...))
	io.WriteString(n.logFile(n.current().errorLog, n.errs), line)
}

func (n *nginx) current() *config {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.config
}

// logFile opens a log once. The image links the usual two to the standard
// streams, and so it is where the links are missing.
func (n *nginx) logFile(path string, usual io.Writer) io.Writer {
	n.mu.Lock()
	defer n.mu.Unlock()
	if w := n.opened[path]; w != nil {
		return w
	}
	w := usual
	target, _ := os.Readlink(path)
	_, missing := os.Lstat(path)
	switch {
	case path == "/dev/stdout" || target == "/dev/stdout":
		w = n.out
	case path == "/dev/stderr" || path == "stderr" || target == "/dev/stderr":
		w = n.errs
	case missing != nil && (path == "/var/log/nginx/access.log" || path == "/var/log/nginx/error.log"):
	default:
		f, err := os.OpenFile(prefixed(path), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err == nil {
			w = f
		}
	}
	if n.opened == nil {
		n.opened = map[string]io.Writer{}
	}
	n.opened[path] = w
	return w
}

// serve runs until a signal says to stop.
func (n *nginx) serve() int {
	sigs := make(chan os.Signal, 4)
	signal.Notify(sigs, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1)
	n.ports = map[string]context.CancelFunc{}
	if err := n.listen(n.config); err != nil {
		return 1
	}
	n.writePID()
	n.log("notice", "using the \"poll\" event method")
	n.log("notice", "nginx/%s", n.version)
	n.log("notice", "start worker processes")
	for sig := range sigs {
		switch sig {
		case syscall.SIGHUP:
			n.reload()
		case syscall.SIGUSR1:
			n.mu.Lock()
			n.opened = nil
			n.mu.Unlock()
		case syscall.SIGQUIT:
			n.log("notice", "signal 3 (SIGQUIT) received, shutting down")
			n.stop(true)
			return 0
		default:
			number, name := 15, "SIGTERM"
			if sig == syscall.SIGINT {
				number, name = 2, "SIGINT"
			}
			n.log("notice", "signal %d (%s) received, exiting", number, name)
			n.stop(false)
			return 0
		}
	}
	return 0
}

func (n *nginx) stop(graceful bool) {
	for _, cancel := range n.ports {
		cancel()
	}
	if graceful {
		n.wg.Wait()
	}
	os.Remove(n.current().pid)
	n.log("notice", "exit")
}

func (n *nginx) writePID() {
	pid := n.config.pid
	os.MkdirAll(filepath.Dir(pid), 0o755)
	if err := os.WriteFile(pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil && !errors.Is(err, syscall.EROFS) {
		n.log("emerg", "%v", openError(pid, err))
	}
}

func (n *nginx) reload() {
	n.log("notice", "signal 1 (SIGHUP) received, reconfiguring")
	c, err := load(n.file, n.global)
	if err != nil {
		n.log("emerg", "%v", err)
		return
	}
	if err := n.listen(c); err != nil {
		return
	}
	n.mu.Lock()
	n.config = c
	n.mu.Unlock()
	wanted := addresses(c)
	for addr, cancel := range n.ports {
		if !wanted[addr] {
			cancel()
			delete(n.ports, addr)
		}
	}
}

// addresses are all a configuration listens on; a wildcard has its port alone.
func addresses(c *config) map[string]bool {
	all := map[string]bool{}
	for _, s := range c.servers {
		for _, l := range s.listens {
			_, port, _ := net.SplitHostPort(l.addr)
			if wild := "0.0.0.0:" + port; all[wild] || l.addr == wild {
				for a := range all {
					if _, p, _ := net.SplitHostPort(a); p == port {
						delete(all, a)
					}
				}
				all[wild] = true
				continue
			}
			all[l.addr] = true
		}
	}
	return all
}

// listen opens the addresses that are not open yet.
func (n *nginx) listen(c *config) error {
	for addr := range addresses(c) {
		if n.ports[addr] != nil {
			continue
		}
		l, err := net.Listen("tcp4", addr)
		if err != nil {
			no, text := errnoOf(err)
			if len(n.ports) > 0 {
				n.log("emerg", "bind() to %s failed (%d: %s)", addr, no, text)
			} else {
				fmt.Fprintf(n.errs, "nginx: [emerg] bind() to %s failed (%d: %s)\n", addr, no, text)
			}
			return err
		}
		ctx, cancel := context.WithCancel(context.Background())
		n.ports[addr] = cancel
		s := &httpwire.Server{Handler: n.handle, Bad: n.bad, Idle: c.main.idle}
		n.wg.Go(func() { s.Serve(ctx, l) })
	}
	return nil
}

// bad answers what is no request.
func (n *nginx) bad(w *httpwire.Writer, err error) {
	w.Header.Add("Server", "nginx/"+n.version)
	w.Header.Add("Date", httpwire.Date(time.Now()))
	w.Reason = reasonText(400)
	text := page(400, "400 Bad Request", "nginx/"+n.version)
	if errors.Is(err, httpwire.ErrTooLarge) {
		text = page(400, "400 Request Header Or Cookie Too Large", "nginx/"+n.version)
	}
	w.Answer(400, "text/html", text)
}
