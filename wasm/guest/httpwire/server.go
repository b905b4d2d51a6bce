package httpwire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// A Writer answers one request.
type Writer struct {
	Header Header
	Reason string // what follows the code, if not StatusText's
	Code   int    // once started
	Sent   int64  // bytes of body
	bw     *bufio.Writer
	req    *Request
	close  bool
	chunk  bool
}

// Start sends status and headers. length is the body's, -1 if unknown.
func (w *Writer) Start(code int, length int64) {
	if w.Code != 0 {
		return
	}
	w.Code = code
	bare := code == 204 || code == 304
	switch {
	case length >= 0 && !bare:
		w.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	case length >= 0 || bare:
	case w.req.Proto == "HTTP/1.0":
		w.close = true
	default:
		w.Header.Set("Transfer-Encoding", "chunked")
		w.chunk = true
	}
	if !w.req.keepAlive() {
		w.close = true
	}
	if w.close {
		w.Header.Set("Connection", "close")
	} else if w.req.Proto == "HTTP/1.0" {
		w.Header.Set("Connection", "keep-alive")
	}
	if w.Reason == "" {
		w.Reason = StatusText(code)
	}
	io.WriteString(w.bw, "HTTP/1.1 "+strconv.Itoa(code)+" "+w.Reason+"\r\n")
	for _, f := range w.Header {
		io.WriteString(w.bw, f.Name+": "+f.Value+"\r\n")
	}
	io.WriteString(w.bw, "\r\n")
}

// Write sends a part of the body; HEAD has none.
func (w *Writer) Write(p []byte) (int, error) {
	w.Start(200, -1)
	if w.req.Method == "HEAD" || len(p) == 0 {
		return len(p), nil
	}
	w.Sent += int64(len(p))
	if !w.chunk {
		return w.bw.Write(p)
	}
	io.WriteString(w.bw, strconv.FormatInt(int64(len(p)), 16)+"\r\n")
	n, err := w.bw.Write(p)
	if err == nil {
		_, err = io.WriteString(w.bw, "\r\n")
	}
	return n, err
}

// Flush sends what is buffered.
func (w *Writer) Flush() error { return w.bw.Flush() }

// CloseAfter ends the connection after this answer.
func (w *Writer) CloseAfter() { w.close = true }

// Answer sends a whole answer.
func (w *Writer) Answer(code int, contentType, text string) {
	w.Header.Set("Content-Type", contentType)
	w.Start(code, int64(len(text)))
	io.WriteString(w, text)
}

func (w *Writer) finish() error {
	w.Start(200, 0)
	if w.chunk && w.req.Method != "HEAD" {
		io.WriteString(w.bw, "0\r\n\r\n")
	}
	return w.bw.Flush()
}

// Date is the time as HTTP writes it.
func Date(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }

// A Handler answers requests.
type Handler func(w *Writer, r *Request)

// A Server serves connections until its context ends.
type Server struct {
	Handler Handler
	Bad     func(w *Writer, err error) // answers what is no request; nil: 400
	Idle    time.Duration              // how long a connection may wait for its next request; 0: 75 s

	mu   sync.Mutex
	idle map[net.Conn]bool // value: waits for a request
}

// Serve accepts connections until ctx ends; then it closes the idle ones and
// waits for the others.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.idle = map[net.Conn]bool{}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	var wg sync.WaitGroup
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
				var timeout net.Error
				if errors.As(err, &timeout) && timeout.Timeout() {
					continue
				}
				return err
			}
			s.closeIdle()
			wg.Wait()
			return nil
		}
		wg.Go(func() { s.conn(ctx, conn) })
	}
}

func (s *Server) closeIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn, idle := range s.idle {
		if idle {
			conn.Close()
		}
	}
}

func (s *Server) mark(conn net.Conn, idle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle[conn] = idle
}

// conn serves the requests of one connection.
func (s *Server) conn(ctx context.Context, conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.idle, conn)
		s.mu.Unlock()
	}()
	wait := s.Idle
	if wait == 0 {
		wait = 75 * time.Second
	}
	br, bw := bufio.NewReaderSize(conn, 2048), bufio.NewWriterSize(conn, 4096)
	for ctx.Err() == nil {
		s.mark(conn, true)
		conn.SetReadDeadline(time.Now().Add(wait))
		if _, err := br.Peek(1); err != nil {
			return
		}
		s.mark(conn, false)
		req, err := ReadRequest(br)
		if err != nil {
			s.refuse(bw, err)
			return
		}
		conn.SetReadDeadline(time.Time{})
		req.Remote, req.Local = conn.RemoteAddr().String(), conn.LocalAddr().String()
		if !s.one(ctx, req, br, bw) {
			return
		}
	}
}

// one answers a request and tells whether the connection goes on.
func (s *Server) one(ctx context.Context, req *Request, br *bufio.Reader, bw *bufio.Writer) bool {
	if req.Header.Has("Expect", "100-continue") {
		io.WriteString(bw, "HTTP/1.1 100 Continue\r\n\r\n")
		bw.Flush()
	}
	w := &Writer{bw: bw, req: req, close: ctx.Err() != nil}
	s.Handler(w, req)
	if err := w.finish(); err != nil || w.close {
		return false
	}
	_, err := io.Copy(io.Discard, io.LimitReader(req.Body, 256<<10))
	if n, _ := req.Body.Read(make([]byte, 1)); n > 0 {
		return false // more than anyone reads only to drop it
	}
	return err == nil
}

func (s *Server) refuse(bw *bufio.Writer, err error) {
	if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooLarge) {
		return
	}
	w := &Writer{bw: bw, req: &Request{Method: "GET", Proto: "HTTP/1.0"}, close: true}
	if s.Bad != nil {
		s.Bad(w, err)
	} else {
		w.Answer(400, "text/plain; charset=utf-8", "400 Bad Request")
	}
	w.finish()
}
