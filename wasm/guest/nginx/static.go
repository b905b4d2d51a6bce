package main

import (
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"kubergarten/wasm/guest/httpwire"
)

// file is where a URI lies.
func (x *exchange) file(uri string) string {
	l := x.loc
	if l.alias != "" {
		rest := uri
		if l.re == nil {
			rest = strings.TrimPrefix(uri, l.path)
		} else {
			rest = ""
		}
		return x.expand(l.alias) + rest
	}
	return strings.TrimSuffix(x.expand(l.root), "/") + uri
}

// static answers with a file, or a directory's index.
func (x *exchange) static() {
	if x.r.Method != "GET" && x.r.Method != "HEAD" {
		x.fail(405)
		return
	}
	name := x.file(x.uri)
	if strings.HasSuffix(x.uri, "/") {
		x.directory(name)
		return
	}
	fi, err := os.Stat(name)
	if err == nil && fi.IsDir() {
		x.w.Header.Set("Location", "http://"+x.authority()+x.uri+"/"+x.variable("is_args")+x.r.Query)
		x.plainError(301)
		return
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(name)
	}
	if err != nil {
		x.openFailed(name, err)
		return
	}
	defer f.Close()
	x.content(f, fi, name)
}

func (x *exchange) openFailed(name string, err error) {
	n, text := errnoOf(err)
	x.log("error", "open() %q failed (%d: %s)", name, n, text)
	if errors.Is(err, fs.ErrPermission) {
		x.fail(403)
		return
	}
	x.fail(404)
}

func (x *exchange) directory(name string) {
	fi, err := os.Stat(name)
	if err != nil || !fi.IsDir() {
		if err == nil {
			err = syscall.ENOTDIR
		}
		n, text := errnoOf(err)
		if len(x.loc.index) > 0 {
			name = filepath.Join(name, x.loc.index[0])
		}
		x.log("error", "%q is not found (%d: %s)", name, n, text)
		x.fail(404)
		return
	}
	for _, index := range x.loc.index {
		index = x.expand(index)
		if strings.HasPrefix(index, "/") {
			x.uri = index
			x.route()
			return
		}
		if fi, err := os.Stat(filepath.Join(name, index)); err == nil && !fi.IsDir() {
			x.uri += index
			x.route()
			return
		}
	}
	if x.loc.auto {
		x.autoindex(name)
		return
	}
	x.log("error", "directory index of %q is forbidden", name)
	x.fail(403)
}

func (x *exchange) tryFiles() {
	last := len(x.loc.try) - 1
	for _, t := range x.loc.try[:last] {
		uri := x.expand(t)
		name := x.file(uri)
		fi, err := os.Stat(strings.TrimSuffix(name, "/"))
		if err == nil && fi.IsDir() == strings.HasSuffix(name, "/") {
			x.uri = uri
			x.static()
			return
		}
	}
	fallback := x.expand(x.loc.try[last])
	if code, ok := strings.CutPrefix(fallback, "="); ok {
		n, _ := strconv.Atoi(code)
		x.fail(n)
		return
	}
	x.uri, _, _ = strings.Cut(fallback, "?")
	x.route()
}

// mime is a file's type by its extension.
func (x *exchange) mime(name string) string {
	if t := x.loc.types[strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))]; t != "" {
		return t
	}
	return x.loc.byType
}

// content sends a file, whole or the range that is asked for, or says that the
// client has it.
func (x *exchange) content(f io.ReadSeeker, fi fs.FileInfo, name string) {
	modified := httpwire.Date(fi.ModTime())
	etag := fmt.Sprintf(`"%x-%x"`, fi.ModTime().Unix(), fi.Size())
	h := &x.w.Header
	if x.fresh(modified, etag) {
		h.Set("Last-Modified", modified)
		h.Set("ETag", etag)
		x.begin(304, "", 0)
		return
	}
	from, length, ok := x.byteRange(fi.Size(), modified, etag)
	if !ok {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", fi.Size()))
		x.plainError(416)
		return
	}
	h.Set("Content-Type", x.mime(name))
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	h.Set("Last-Modified", modified)
	h.Set("Connection", "keep-alive")
	h.Set("ETag", etag)
	code := 200
	if length != fi.Size() {
		code = 206
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, from+length-1, fi.Size()))
	} else {
		h.Set("Accept-Ranges", "bytes")
	}
	x.begin(code, x.mime(name), length)
	if x.r.Method == "HEAD" {
		return
	}
	f.Seek(from, io.SeekStart)
	io.CopyN(x.w, f, length)
}

// fresh tells whether the client's copy is the one there is.
func (x *exchange) fresh(modified, etag string) bool {
	if x.status != 0 {
		return false
	}
	if none := x.r.Header.Get("If-None-Match"); none != "" {
		for _, t := range strings.Split(none, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == etag || t == "*" {
				return true
			}
		}
		return false
	}
	return x.r.Header.Get("If-Modified-Since") == modified
}

// byteRange reads a Range of one part; of several, or one that is no range,
// the whole file is the answer. ok is false if it lies beyond the file.
func (x *exchange) byteRange(size int64, modified, etag string) (from, length int64, ok bool) {
	spec, found := strings.CutPrefix(x.r.Header.Get("Range"), "bytes=")
	if cond := x.r.Header.Get("If-Range"); cond != "" && cond != etag && cond != modified {
		found = false
	}
	if !found || strings.Contains(spec, ",") || x.status != 0 {
		return 0, size, true
	}
	a, b, dash := strings.Cut(spec, "-")
	first, err1 := strconv.ParseInt(a, 10, 64)
	last, err2 := strconv.ParseInt(b, 10, 64)
	switch {
	case !dash || a != "" && err1 != nil || b != "" && err2 != nil || a == "" && b == "":
		return 0, size, true
	case a == "":
		if last == 0 {
			return 0, 0, false
		}
		last = min(last, size)
		return size - last, last, true
	case first >= size:
		return 0, 0, false
	case b == "" || last >= size:
		last = size - 1
	}
	if last < first {
		return 0, size, true
	}
	return first, last - first + 1, true
}

// autoindex lists a directory.
func (x *exchange) autoindex(name string) {
	entries, err := os.ReadDir(name)
	if err != nil {
		x.openFailed(name, err)
		return
	}
	var b strings.Builder
	uri := html.EscapeString(x.uri)
	fmt.Fprintf(&b, "<html>\r\n<head><title>Index of %s</title></head>\r\n<body>\r\n<h1>Index of %s</h1><hr><pre><a href=\"../\">../</a>\r\n", uri, uri)
	for _, dirs := range []bool{true, false} {
		for _, e := range entries {
			fi, err := e.Info()
			if err != nil || e.IsDir() != dirs || strings.HasPrefix(e.Name(), ".") {
				continue
			}
			shown, size := e.Name(), strconv.FormatInt(fi.Size(), 10)
			if dirs {
				shown, size = shown+"/", "-"
			}
			fmt.Fprintf(&b, "<a href=\"%s\">%s</a>%s %s %19s\r\n", html.EscapeString(shown), html.EscapeString(shown),
				strings.Repeat(" ", max(0, 50-len(shown))), fi.ModTime().UTC().Format("02-Jan-2006 15:04"), size)
		}
	}
	b.WriteString("</pre><hr></body>\r\n</html>\r\n")
	x.send(200, "text/html", b.String())
}
