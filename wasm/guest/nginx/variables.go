package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// isVariable tells whether nginx has a variable of that name.
func isVariable(name string) bool {
	for _, p := range []string{"http_", "arg_", "cookie_", "sent_http_", "upstream_http_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return slices.Contains(strings.Fields(`args body_bytes_sent bytes_sent connection connection_requests content_length content_type document_root
		document_uri host hostname is_args msec nginx_version pid pipe proxy_add_x_forwarded_for proxy_host proxy_port query_string remote_addr
		remote_port remote_user request request_body request_completion request_filename request_id request_length request_method request_time
		request_uri scheme server_addr server_name server_port server_protocol status time_iso8601 time_local upstream_addr upstream_status
		upstream_response_time uri`), name)
}

// expand replaces the variables in a text.
func (x *exchange) expand(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		return x.variable(strings.Trim(m, "${}"))
	})
}

func (x *exchange) variable(name string) string {
	r := x.r
	if n, err := strconv.Atoi(name); err == nil {
		if n < len(x.captures) {
			return x.captures[n]
		}
		return ""
	}
	for i := len(x.loc.vars) - 1; i >= 0; i-- {
		if v := x.loc.vars[i]; v[0] == name {
			saved := x.loc
			copied := *x.loc
			copied.vars = copied.vars[:i]
			x.loc = &copied
			value := x.expand(v[1])
			x.loc = saved
			return value
		}
	}
	if h, ok := strings.CutPrefix(name, "http_"); ok {
		return r.Header.Get(strings.ReplaceAll(h, "_", "-"))
	}
	if h, ok := strings.CutPrefix(name, "sent_http_"); ok {
		return x.w.Header.Get(strings.ReplaceAll(h, "_", "-"))
	}
	if a, ok := strings.CutPrefix(name, "arg_"); ok {
		return r.QueryValue(a)
	}
	remoteHost, remotePort, _ := net.SplitHostPort(r.Remote)
	localHost, localPort, _ := net.SplitHostPort(r.Local)
	switch name {
	case "remote_addr":
		return remoteHost
	case "remote_port":
		return remotePort
	case "server_addr":
		return localHost
	case "server_port":
		return localPort
	case "server_name":
		if len(x.server.names) > 0 {
			return x.server.names[0]
		}
		return ""
	case "server_protocol":
		return r.Proto
	case "scheme":
		return "http"
	case "request":
		return r.Method + " " + r.Target + " " + r.Proto
	case "request_method":
		return r.Method
	case "request_uri":
		return r.Target
	case "uri", "document_uri":
		return x.uri
	case "args", "query_string":
		return r.Query
	case "is_args":
		if r.Query != "" {
			return "?"
		}
		return ""
	case "host":
		return x.host()
	case "hostname":
		h, _ := os.Hostname()
		return h
	case "status":
		return strconv.Itoa(x.w.Code)
	case "body_bytes_sent", "bytes_sent":
		return strconv.FormatInt(x.w.Sent, 10)
	case "content_length":
		return r.Header.Get("Content-Length")
	case "content_type":
		return r.Header.Get("Content-Type")
	case "time_local":
		return x.start.Format("02/Jan/2006:15:04:05 -0700")
	case "time_iso8601":
		return x.start.Format("2006-01-02T15:04:05-07:00")
	case "msec":
		return fmt.Sprintf("%.3f", float64(x.start.UnixMilli())/1000)
	case "request_time":
		return fmt.Sprintf("%.3f", time.Since(x.start).Seconds())
	case "document_root":
		return x.loc.root
	case "request_filename":
		return x.file(x.uri)
	case "nginx_version":
		return x.n.version
	case "pid":
		return strconv.Itoa(os.Getpid())
	case "connection":
		return strconv.Itoa(x.id)
	case "request_id":
		return fmt.Sprintf("%016x%016x", x.start.UnixNano(), x.id)
	case "proxy_add_x_forwarded_for":
		if have := r.Header.Get("X-Forwarded-For"); have != "" {
			return have + ", " + remoteHost
		}
		return remoteHost
	case "proxy_host":
		if x.loc.proxy != nil {
			return strings.TrimSuffix(x.loc.proxy.host, ":80")
		}
	case "upstream_addr":
		return x.upstream
	case "upstream_status":
		return x.upstreamStatus
	}
	return ""
}

// host is the request's host without its port, or the server's name.
func (x *exchange) host() string {
	h := strings.ToLower(x.r.Header.Get("Host"))
	if name, _, err := net.SplitHostPort(h); err == nil {
		h = name
	}
	if h == "" && len(x.server.names) > 0 {
		h = x.server.names[0]
	}
	return h
}
