package vfs

import (
	"slices"
	"strings"
	"syscall"
)

// What Linux allows.
const (
	maxPath  = 4096
	maxName  = 255
	maxLinks = 40
)

// pos is where a path leads: a file, and the way to it.
type pos struct {
	n     node
	in    *mount // the mount it belongs to
	trie  *mount // its own place in the trie of mount points, or nil
	up    *pos   // nil at the root
	label string // its name in up
}

// names is the path from the root.
func (p *pos) names() []string {
	var out []string
	for ; p.up != nil; p = p.up {
		out = append(out, p.label)
	}
	slices.Reverse(out)
	return out
}

// path is names as a string.
func (p *pos) path() string { return "/" + strings.Join(p.names(), "/") }

// root is where a view's paths begin.
func (v *View) root() *pos {
	v.fs.mu.RLock()
	defer v.fs.mu.RUnlock()
	return &pos{n: v.fs.mount.root, in: v.fs.mount, trie: v.fs.mount}
}

// step goes from a directory to a name in it.
func (v *View) step(at *pos, name string) (*pos, error) {
	next := &pos{in: at.in, up: at, label: name}
	if at.trie != nil {
		v.fs.mu.RLock()
		if m := at.trie.below[name]; m != nil {
			next.trie = m
			if m.root != nil {
				next.n, next.in = m.root, m
			}
		}
		v.fs.mu.RUnlock()
	}
	if next.n != nil {
		return next, nil
	}
	var err error
	next.n, err = at.n.lookup(name)
	return next, err
}

// walked is where a walk has ended.
type walked struct {
	dir   *pos   // the directory of the last name; nil if the walk failed before
	name  string // the last name; "" when the path ends in the root, "." or ".."
	dots  string // that end, if it is one
	at    *pos   // the file; nil if there is none
	slash bool   // the path ended in a slash: it must be a directory's
	err   error  // ENOENT with dir set: only the last name is missing
}

// walk resolves a path. A last symbolic link is followed if follow is set, or
// if the path ends in a slash.
func (v *View) walk(path string, follow bool) walked {
	w := walked{slash: strings.HasSuffix(path, "/")}
	if w.at, w.err = v.start(path); w.err != nil {
		return w
	}
	rest, links := path, 0
	for {
		var name string
		if name, rest = cutName(rest); name == "" {
			return w
		}
		last := rest == ""
		if w.advance(v, name, last); w.err != nil {
			return w
		}
		if w.at.n.kind() != ModeSymlink || last && !follow && !w.slash || isMagic(w.at.n) {
			continue
		}
		links++
		if rest = w.expand(v, rest, links); w.err != nil {
			return w
		}
	}
}

// advance takes one step.
func (w *walked) advance(v *View, name string, last bool) {
	at := w.at
	w.dir, w.name, w.dots, w.at = nil, "", "", nil
	switch w.err = v.maySearch(at); {
	case w.err != nil:
	case name == ".":
		w.at, w.dots = at, name
	case name == "..":
		w.at, w.dots = at, name
		if at.up != nil {
			w.at = at.up
		}
	case len(name) > maxName:
		w.err = syscall.ENAMETOOLONG
	default:
		var next *pos
		if next, w.err = v.step(at, name); w.err == nil {
			w.at = next
		}
		if w.err == nil || last {
			w.dir, w.name = at, name
		}
	}
}

// expand puts a symbolic link's target before the rest of the path, and goes
// back to where it begins.
func (w *walked) expand(v *View, rest string, links int) string {
	target, err := w.at.n.readlink(v.pid)
	switch {
	case links > maxLinks:
		err = syscall.ELOOP
	case err == nil && target == "":
		err = syscall.ENOENT
	case len(target)+len(rest) >= maxPath:
		err = syscall.ENAMETOOLONG
	}
	if err != nil {
		w.dir, w.name, w.at, w.err = nil, "", nil, err
		return ""
	}
	w.at = w.at.up
	if target[0] == '/' {
		w.at = v.root()
	}
	if rest != "" {
		target += "/" + rest
	}
	return target
}

// start is where a walk of path begins.
func (v *View) start(path string) (*pos, error) {
	switch {
	case path == "":
		return nil, syscall.ENOENT
	case len(path) > maxPath:
		return nil, syscall.ENAMETOOLONG
	case strings.IndexByte(path, 0) >= 0:
		return nil, syscall.EINVAL
	case path[0] == '/' || v.base == nil:
		return v.root(), nil
	}
	return v.base, nil
}

// maySearch checks that names can be looked up in at.
func (v *View) maySearch(at *pos) error {
	if at.n.kind() != ModeDir {
		return syscall.ENOTDIR
	}
	return v.cred.may(at.n, mayExec)
}

// cutName splits the first name off a path; rest is empty after the last.
func cutName(p string) (name, rest string) {
	name, rest, _ = strings.Cut(strings.TrimLeft(p, "/"), "/")
	return name, strings.TrimLeft(rest, "/")
}
