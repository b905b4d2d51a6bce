package httpwire

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// A Response is an answer as a client read it.
type Response struct {
	Proto, Status string // "HTTP/1.1", "404 Not Found"
	Code          int
	Header        Header
	Body          io.Reader
	Length        int64 // -1 if unknown
}

// ReadResponse reads an answer up to its body. method is the request's.
func ReadResponse(r *bufio.Reader, method string) (*Response, error) {
	for {
		line, err := readLine(r)
		if err != nil {
			return nil, unexpected(err)
		}
		proto, status, ok := strings.Cut(line, " ")
		if !ok || !strings.HasPrefix(proto, "HTTP/1.") || len(status) < 3 {
			return nil, ErrMalformed
		}
		resp := &Response{Proto: proto, Status: status}
		if resp.Code, err = strconv.Atoi(status[:3]); err != nil {
			return nil, ErrMalformed
		}
		if resp.Header, err = readHeader(r); err != nil {
			return nil, err
		}
		if resp.Code/100 == 1 {
			continue
		}
		if method == "HEAD" || resp.Code == 204 || resp.Code == 304 {
			resp.Body = strings.NewReader("")
			return resp, nil
		}
		resp.Body, resp.Length, err = body(r, resp.Header, true)
		return resp, err
	}
}

// StatusText is the reason that belongs to a code.
func StatusText(code int) string {
	switch code {
	case 200:
		return "OK"
	case 201:
		return "Created"
	case 202:
		return "Accepted"
	case 204:
		return "No Content"
	case 206:
		return "Partial Content"
	case 301:
		return "Moved Permanently"
	case 302:
		return "Found"
	case 303:
		return "See Other"
	case 304:
		return "Not Modified"
	case 307:
		return "Temporary Redirect"
	case 308:
		return "Permanent Redirect"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 413:
		return "Request Entity Too Large"
	case 416:
		return "Requested Range Not Satisfiable"
	case 418:
		return "I'm a teapot"
	case 429:
		return "Too Many Requests"
	case 500:
		return "Internal Server Error"
	case 501:
		return "Not Implemented"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	case 504:
		return "Gateway Timeout"
	}
	return "Status " + strconv.Itoa(code)
}
