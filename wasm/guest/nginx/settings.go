package main

import (
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// settings reads the directives a block may share with those around it.
func (c *config) settings(l *location, list []*directive) error {
	fresh := map[string]bool{} // lists that this block starts anew
	for _, d := range list {
		for _, a := range d.args {
			if err := knownVariables(d, a, list); err != nil {
				return err
			}
		}
		if err := c.setting(l, d, fresh); err != nil {
			return err
		}
	}
	return nil
}

// first tells whether the directive is its block's first of the name, which
// drops what was inherited.
func first(fresh map[string]bool, name string) bool {
	was := fresh[name]
	fresh[name] = true
	return !was
}

func (c *config) setting(l *location, d *directive, fresh map[string]bool) error {
	switch d.name {
	case "root":
		l.root = prefixed(d.args[0])
	case "alias":
		l.alias = prefixed(d.args[0])
	case "index":
		l.index = d.args
	case "try_files":
		l.try = d.args
	case "autoindex":
		l.auto = d.args[0] == "on"
	case "server_tokens":
		l.tokens = d.args[0] != "off"
	case "default_type":
		l.byType = d.args[0]
	case "charset":
		l.charset = d.args[0]
	case "stub_status":
		l.status = true
	case "internal":
		l.hidden = true
	case "types":
		l.types = map[string]string{}
		for _, t := range d.block {
			for _, ext := range t.args {
				l.types[ext] = t.name
			}
		}
	case "set":
		l.vars = append(l.vars, [2]string{strings.TrimPrefix(d.args[0], "$"), d.args[1]})
	case "add_header":
		if first(fresh, d.name) {
			l.headers = nil
		}
		l.headers = append(l.headers, header{d.args[0], d.args[1], len(d.args) == 3})
	case "proxy_set_header":
		if first(fresh, d.name) {
			l.setHdr = nil
		}
		l.setHdr = append(l.setHdr[:len(l.setHdr):len(l.setHdr)], [2]string{d.args[0], d.args[1]})
	case "proxy_http_version":
		l.version = d.args[0]
	case "access_log":
		return c.accessLog(l, d, fresh)
	case "error_page":
		return l.errorPage(d, fresh)
	case "return":
		return l.returns(d)
	case "proxy_pass":
		return c.proxyPass(l, d)
	case "client_max_body_size":
		n, ok := byteSize(d.args[0])
		if !ok {
			return emerg(d.file, d.line, "%q directive invalid value", d.name)
		}
		l.maxBody = n
	case "keepalive_timeout":
		return seconds(d, &l.idle)
	case "proxy_connect_timeout":
		return seconds(d, &l.connect)
	case "proxy_read_timeout":
		return seconds(d, &l.read)
	}
	return nil
}

// prefixed resolves a path as nginx does, against its prefix.
func prefixed(path string) string {
	if filepath.IsAbs(path) || strings.HasPrefix(path, "$") {
		return path
	}
	return filepath.Join("/etc/nginx", path)
}

func seconds(d *directive, to *time.Duration) error {
	word, unit := d.args[0], time.Second
	for suffix, u := range map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour} {
		if rest, ok := strings.CutSuffix(word, suffix); ok && (suffix != "s" || !strings.HasSuffix(word, "ms")) {
			word, unit = rest, u
			break
		}
	}
	n, err := strconv.Atoi(word)
	if err != nil {
		return emerg(d.file, d.line, "%q directive invalid value", d.name)
	}
	*to = time.Duration(n) * unit
	return nil
}

func byteSize(word string) (int64, bool) {
	factor := int64(1)
	for suffix, f := range map[string]int64{"k": 1 << 10, "m": 1 << 20, "g": 1 << 30} {
		if rest, ok := strings.CutSuffix(strings.ToLower(word), suffix); ok {
			word, factor = rest, f
			break
		}
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n * factor, err == nil
}

func (c *config) accessLog(l *location, d *directive, fresh map[string]bool) error {
	if first(fresh, d.name) {
		l.logs = nil
	}
	if d.args[0] == "off" {
		return nil
	}
	format := "combined"
	if len(d.args) > 1 && !strings.Contains(d.args[1], "=") {
		format = d.args[1]
	}
	if _, ok := c.formats[format]; !ok {
		return emerg(d.file, d.line, "unknown log format %q", format)
	}
	l.logs = append(l.logs, accessLog{d.args[0], format})
	return nil
}

func (l *location) errorPage(d *directive, fresh map[string]bool) error {
	if first(fresh, d.name) {
		l.errors = map[int]errorPage{}
	} else {
		l.errors = maps.Clone(l.errors)
	}
	page := errorPage{uri: d.args[len(d.args)-1]}
	for _, a := range d.args[:len(d.args)-1] {
		if code, ok := strings.CutPrefix(a, "="); ok {
			page.code = -1
			if code != "" {
				page.code, _ = strconv.Atoi(code)
			}
		}
	}
	for _, a := range d.args[:len(d.args)-1] {
		if strings.HasPrefix(a, "=") {
			continue
		}
		code, err := strconv.Atoi(a)
		if err != nil || code < 300 || code > 599 {
			return emerg(d.file, d.line, "invalid value %q", a)
		}
		l.errors[code] = page
	}
	return nil
}

func (l *location) returns(d *directive) error {
	if l.ret != nil {
		return nil // the first one counts
	}
	code, err := strconv.Atoi(d.args[0])
	if err != nil {
		if len(d.args) == 1 && (strings.HasPrefix(d.args[0], "http") || strings.HasPrefix(d.args[0], "$")) {
			l.ret = &answer{302, d.args[0]}
			return nil
		}
		return emerg(d.file, d.line, "invalid return code %q", d.args[0])
	}
	if code < 0 || code > 999 {
		return emerg(d.file, d.line, "invalid return code %q", d.args[0])
	}
	l.ret = &answer{code: code}
	if len(d.args) > 1 {
		l.ret.text = d.args[1]
	}
	return nil
}

func (c *config) proxyPass(l *location, d *directive) error {
	rest, ok := strings.CutPrefix(d.args[0], "http://")
	if !ok {
		if strings.HasPrefix(d.args[0], "https://") {
			return emerg(d.file, d.line, "https protocol requires SSL support")
		}
		return emerg(d.file, d.line, "invalid URL prefix")
	}
	host, path, has := strings.Cut(rest, "/")
	p := &proxy{host: host, path: "/" + path, has: has}
	l.proxy = p
	if c.upstreams[host] != nil || strings.Contains(host, "$") {
		return nil
	}
	p.host = withPort(host)
	name, _, _ := net.SplitHostPort(p.host)
	if _, err := net.LookupHost(name); err != nil {
		return emerg(d.file, d.line, "host not found in upstream %q", host)
	}
	return nil
}

// knownVariables refuses variables there are not.
func knownVariables(d *directive, text string, around []*directive) error {
	if d.name == "location" || d.name == "server_name" || !strings.Contains(text, "$") {
		return nil
	}
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		name := m[1] + m[2]
		if name == "" || isVariable(name) || definedBy(around, name) {
			continue
		}
		return emerg(d.file, d.line, "unknown %q variable", name)
	}
	return nil
}

func definedBy(list []*directive, name string) bool {
	for _, d := range list {
		if d.name == "set" && d.args[0] == "$"+name {
			return true
		}
	}
	_, err := strconv.Atoi(name)
	return err == nil
}

var variable = regexp.MustCompile(`\$(?:\{(\w+)\}|(\w+))`)
