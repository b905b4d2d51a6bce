package main

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A config is what the directives say.
type config struct {
	servers   []*server
	upstreams map[string]*upstream
	formats   map[string]string
	errorLog  string
	pid       string
	main      *location // http's settings
}

// A server is one virtual server.
type server struct {
	listens   []listen
	names     []string
	locations []*location
	self      *location // its settings where no location matches
}

type listen struct {
	addr      string // host:port
	byDefault bool
}

// A location holds the settings for a part of the URLs; what it does not say
// it has from the block around it.
type location struct {
	kind    string // "", "=", "^~", "~", "~*"
	path    string
	re      *regexp.Regexp
	nested  []*location
	root    string
	alias   string
	index   []string
	try     []string
	auto    bool
	tokens  bool
	errors  map[int]errorPage
	types   map[string]string
	byType  string // default_type
	charset string
	ret     *answer
	headers []header
	proxy   *proxy
	setHdr  [][2]string
	vars    [][2]string
	logs    []accessLog
	status  bool // stub_status
	hidden  bool // internal
	maxBody int64
	idle    time.Duration
	connect time.Duration
	read    time.Duration
	version string // of HTTP towards upstreams
}

type answer struct {
	code int
	text string
}

type header struct {
	name, value string
	always      bool
}

type errorPage struct {
	uri  string
	code int // 0: the original one, -1: the page's own
}

type accessLog struct{ path, format string }

// A proxy is proxy_pass.
type proxy struct {
	host string // host:port or an upstream's name
	path string // replaces the location's prefix, if hasPath
	has  bool
}

// An upstream is a group of servers, taken in turn.
type upstream struct {
	servers []string
	next    int
}

const mainFormat = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`

// load reads and checks a configuration.
func load(name, global string) (*config, error) {
	list, err := parseFile(name)
	if err != nil {
		return nil, err
	}
	g := &lexer{text: global, file: "command line", line: 0}
	if global != "" && !strings.HasSuffix(strings.TrimSpace(global), ";") {
		g.text += ";"
	}
	more, err := g.block(false)
	if err != nil {
		return nil, err
	}
	list = append(more, list...)
	if err := check(list, "main", rules()); err != nil {
		return nil, err
	}
	c := &config{
		upstreams: map[string]*upstream{}, formats: map[string]string{"combined": mainFormat},
		errorLog: "/var/log/nginx/error.log", pid: "/run/nginx.pid",
		main: &location{
			root: "/usr/share/nginx/html", index: []string{"index.html"}, tokens: true, byType: "text/plain", errors: map[int]errorPage{},
			types: map[string]string{"html": "text/html", "gif": "image/gif", "jpg": "image/jpeg"}, maxBody: 1 << 20,
			logs: []accessLog{{"/var/log/nginx/access.log", "combined"}}, idle: 75 * time.Second, connect: time.Minute, read: time.Minute, version: "1.0",
		},
	}
	return c, c.top(list)
}

func (c *config) top(list []*directive) error {
	for _, d := range list {
		switch d.name {
		case "error_log":
			c.errorLog = d.args[0]
		case "pid":
			c.pid = d.args[0]
		case "http":
			if err := c.http(d.block); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *config) http(list []*directive) error {
	for _, d := range list {
		switch d.name {
		case "upstream":
			u := &upstream{}
			for _, s := range d.block {
				if s.name == "server" && len(s.args) > 0 {
					u.servers = append(u.servers, withPort(s.args[0]))
				}
			}
			if len(u.servers) == 0 {
				return emerg(d.file, d.line, "no servers are inside upstream")
			}
			c.upstreams[d.args[0]] = u
		case "log_format":
			c.formats[d.args[0]] = strings.Join(d.args[1:], "")
		}
	}
	if err := c.settings(c.main, list); err != nil {
		return err
	}
	for _, d := range list {
		if d.name == "server" {
			if err := c.server(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err != nil {
		return net.JoinHostPort(host, "80")
	}
	return host
}

func (c *config) server(d *directive) error {
	s := &server{self: inherit(c.main)}
	if err := c.settings(s.self, d.block); err != nil {
		return err
	}
	for _, x := range d.block {
		switch x.name {
		case "listen":
			l, err := parseListen(x)
			if err != nil {
				return err
			}
			if l.addr != "" {
				s.listens = append(s.listens, l)
			}
		case "server_name":
			s.names = append(s.names, x.args...)
		case "location":
			l, err := c.location(x, s.self)
			if err != nil {
				return err
			}
			s.locations = append(s.locations, l)
		}
	}
	if len(s.listens) == 0 {
		s.listens = []listen{{addr: "0.0.0.0:80"}}
	}
	c.servers = append(c.servers, s)
	return nil
}

// parseListen reads 80, 127.0.0.1:80, [::]:80; those of IPv6 are left to the
// pods' network, which has none.
func parseListen(d *directive) (listen, error) {
	text := d.args[0]
	l := listen{byDefault: slices.Contains(d.args[1:], "default_server") || slices.Contains(d.args[1:], "default")}
	for _, a := range d.args[1:] {
		switch a {
		case "ssl", "http2", "quic":
			return l, emerg(d.file, d.line, "the %q parameter requires a module that is not built in", a)
		}
	}
	if strings.HasPrefix(text, "[") {
		return listen{}, nil
	}
	if _, err := strconv.Atoi(text); err == nil {
		text = "0.0.0.0:" + text
	} else if !strings.Contains(text, ":") {
		text += ":80"
	}
	host, port, err := net.SplitHostPort(strings.Replace(text, "*:", "0.0.0.0:", 1))
	n, perr := strconv.Atoi(port)
	if err != nil || perr != nil || n < 1 || n > 65535 {
		return l, emerg(d.file, d.line, "invalid port in %q of the \"listen\" directive", d.args[0])
	}
	l.addr = net.JoinHostPort(host, port)
	return l, nil
}

// inherit is a location that has what the block around it says.
func inherit(from *location) *location {
	l := *from
	l.kind, l.path, l.re, l.nested, l.ret, l.proxy, l.alias, l.try, l.status, l.hidden = "", "", nil, nil, nil, nil, "", nil, false, false
	l.vars = slices.Clone(from.vars)
	return &l
}

func (c *config) location(d *directive, around *location) (*location, error) {
	l := inherit(around)
	l.path = d.args[0]
	if len(d.args) == 2 {
		l.kind, l.path = d.args[0], d.args[1]
	}
	switch l.kind {
	case "", "=", "^~":
	case "~", "~*":
		expr := l.path
		if l.kind == "~*" {
			expr = "(?i)" + expr
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, emerg(d.file, d.line, "pcre2_compile() failed: %v in %q", err, l.path)
		}
		l.re = re
	default:
		return nil, emerg(d.file, d.line, "invalid location modifier %q", l.kind)
	}
	if err := c.settings(l, d.block); err != nil {
		return nil, err
	}
	for _, x := range d.block {
		if x.name == "location" {
			n, err := c.location(x, l)
			if err != nil {
				return nil, err
			}
			l.nested = append(l.nested, n)
		}
	}
	return l, nil
}
