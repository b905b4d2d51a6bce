package applet

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A copier is one run of cp, or mv's copy across file systems.
type copier struct {
	p                         *Proc
	recurse, keep, links      bool
	force, hard, soft, update bool
	refuse, verbose           bool
	top                       fs.FileInfo // the destination, not to be copied into itself
}

func cp(p *Proc) int {
	o, names, ok := p.getopt("arRPLHpfinlsTudDvct:x", "recursive=r", "archive=a", "force=f", "preserve=p", "no-clobber=n", "verbose=v", "parents=_", "target-directory=t")
	if !ok {
		return 1
	}
	c := &copier{
		p: p, recurse: o.has('r') || o.has('R') || o.has('a'), keep: o.has('p') || o.has('a'),
		links: o.has('P') || o.has('d') || o.has('a') || (o.has('r') || o.has('R')) && !o.has('L') && !o.has('H'),
		force: o.has('f'), hard: o.has('l'), soft: o.has('s'), update: o.has('u'), refuse: o.has('n'), verbose: o.has('v'),
	}
	return p.eachTarget(o, names, c.copy)
}

// eachTarget works out where each source of cp, mv or ln goes.
func (p *Proc) eachTarget(o options, names []string, do func(from, to string) error) int {
	dir := o.value('t')
	if dir == "" {
		if len(names) < 2 {
			return p.help(1)
		}
		dir, names = names[len(names)-1], names[:len(names)-1]
		fi, err := os.Stat(dir)
		isDir := err == nil && fi.IsDir() && !o.has('T')
		if !isDir {
			if len(names) > 1 || strings.HasSuffix(dir, "/") && err != nil && p.Name != "cp" && p.Name != "mv" {
				return p.fail("can't stat '%s': %s", dir, notDirectory(err))
			}
			return p.report(do(names[0], dir))
		}
	}
	status := 0
	for _, name := range names {
		if p.report(do(name, filepath.Join(dir, filepath.Base(name)))) != 0 {
			status = 1
		}
	}
	return status
}

func notDirectory(err error) string {
	if err == nil {
		return "Not a directory"
	}
	return reason(err)
}

// errSaid is an error whose message is out already.
var errSaid = errors.New("said")

func (p *Proc) report(err error) int {
	if err == nil {
		return 0
	}
	if !errors.Is(err, errSaid) {
		p.fail("%s", err.Error())
	}
	return 1
}

// say prints a failure and returns errSaid.
func (p *Proc) say(err error, format string, a ...any) error {
	p.failed(err, format, a...)
	return errSaid
}

func (c *copier) copy(from, to string) error {
	c.top = nil
	return c.node(from, to, true)
}

func (c *copier) node(from, to string, top bool) error {
	fi, err := os.Lstat(from)
	if err == nil && fi.Mode()&fs.ModeSymlink != 0 && !c.links {
		fi, err = os.Stat(from)
	}
	if err != nil {
		return c.p.say(err, "can't stat '%s'", from)
	}
	if there, err := os.Stat(to); err == nil {
		switch {
		case os.SameFile(fi, there):
			c.p.fail("'%s' and '%s' are the same file", from, to)
			return errSaid
		case c.refuse && !fi.IsDir(), c.update && !there.ModTime().Before(fi.ModTime()):
			return nil
		}
	}
	if c.verbose && !fi.IsDir() {
		c.p.printf("'%s' -> '%s'\n", from, to)
	}
	switch {
	case fi.IsDir():
		return c.dir(from, to, fi)
	case fi.Mode()&fs.ModeSymlink != 0:
		return c.symlink(from, to)
	case c.hard:
		return c.linked(os.Link, from, to)
	case c.soft:
		return c.linked(os.Symlink, from, to)
	}
	return c.file(from, to, fi)
}

func (c *copier) linked(link func(string, string) error, from, to string) error {
	if c.force {
		os.Remove(to)
	}
	if err := link(from, to); err != nil {
		return c.p.say(err, "can't create link '%s'", to)
	}
	return nil
}

func (c *copier) symlink(from, to string) error {
	target, err := os.Readlink(from)
	if err != nil {
		return c.p.say(err, "%s", from)
	}
	os.Remove(to)
	if err := os.Symlink(target, to); err != nil {
		return c.p.say(err, "can't create symlink '%s' to '%s'", to, target)
	}
	return nil
}

func (c *copier) dir(from, to string, fi fs.FileInfo) error {
	if !c.recurse {
		c.p.fail("omitting directory '%s'", from)
		return errSaid
	}
	if c.top != nil && os.SameFile(c.top, fi) {
		c.p.fail("recursion detected, omitting directory '%s'", from)
		return errSaid
	}
	err := os.Mkdir(to, fi.Mode().Perm()|0o700)
	if err != nil {
		there, serr := os.Stat(to)
		switch {
		case serr == nil && !there.IsDir():
			c.p.fail("target '%s' is not a directory", to)
			return errSaid
		case serr != nil:
			return c.p.say(err, "can't create directory '%s'", to)
		}
	}
	if c.top == nil {
		c.top, _ = os.Stat(to)
	}
	entries, rerr := os.ReadDir(from)
	if rerr != nil {
		return c.p.say(rerr, "can't open '%s'", from)
	}
	var failed error
	for _, e := range entries {
		if err := c.node(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()), false); err != nil {
			failed = err
		}
	}
	if err == nil {
		os.Chmod(to, fi.Mode())
	}
	c.preserve(to, fi)
	return failed
}

func (c *copier) file(from, to string, fi fs.FileInfo) error {
	in, err := os.Open(from)
	if err != nil {
		return c.p.say(err, "can't open '%s'", from)
	}
	defer in.Close()
	_, before := os.Lstat(to)
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fi.Mode().Perm())
	if err != nil && c.force && !errors.Is(err, syscall.EISDIR) {
		os.Remove(to)
		out, err = os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fi.Mode().Perm())
	}
	if err != nil {
		return c.p.say(err, "can't create '%s'", to)
	}
	_, err = io.Copy(out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return c.p.say(err, "write error")
	}
	if before != nil && octal(fi.Mode()) != 0o644 {
		mask := uint32(umaskOf())
		os.Chmod(to, fileMode(octal(fi.Mode())&^mask))
	}
	c.preserve(to, fi)
	return nil
}

func umaskOf() int {
	mask := syscall.Umask(0)
	syscall.Umask(mask)
	return mask
}

// preserve is -p: times, owner, mode.
func (c *copier) preserve(to string, fi fs.FileInfo) {
	if !c.keep {
		return
	}
	s := inspect(fi)
	os.Chtimes(to, s.atime, fi.ModTime())
	os.Chown(to, s.uid, s.gid)
	os.Chmod(to, fi.Mode())
}

func mv(p *Proc) int {
	o, names, ok := p.getopt("finTvt:u", "force=f", "no-clobber=n", "verbose=v", "target-directory=t")
	if !ok {
		return 1
	}
	return p.eachTarget(o, names, func(from, to string) error {
		return p.move(o, from, to)
	})
}

func (p *Proc) move(o options, from, to string) error {
	fi, err := os.Lstat(from)
	if err != nil {
		return p.say(err, "can't rename '%s'", from)
	}
	if there, err := os.Lstat(to); err == nil {
		if o.has('n') || o.has('u') && !there.ModTime().Before(fi.ModTime()) {
			return nil
		}
		if there.IsDir() && !fi.IsDir() {
			p.fail("'%s' is a directory", to)
			return errSaid
		}
	}
	err = os.Rename(from, to)
	if errors.Is(err, syscall.EXDEV) {
		c := &copier{p: p, recurse: true, keep: true, links: true, force: true}
		if fi.Mode().IsRegular() {
			os.Remove(to)
		}
		if err := c.copy(from, to); err != nil {
			return err
		}
		err = os.RemoveAll(from)
	}
	if err != nil {
		return p.say(err, "can't rename '%s'", from)
	}
	if o.has('v') {
		p.printf("'%s' -> '%s'\n", from, to)
	}
	return nil
}

func ln(p *Proc) int {
	o, names, ok := p.getopt("sfnbTvrS:t:", "symbolic=s", "force=f", "no-dereference=n", "verbose=v", "target-directory=t")
	if !ok {
		return 1
	}
	if len(names) == 1 {
		names = append(names, filepath.Base(names[0]))
	}
	if o.has('n') && len(names) == 2 {
		if fi, err := os.Lstat(names[1]); err == nil && fi.Mode()&fs.ModeSymlink != 0 {
			o.count['T']++
		}
	}
	return p.eachTarget(o, names, func(from, to string) error {
		if o.has('f') {
			os.Remove(to)
		}
		link := os.Link
		if o.has('s') {
			link = os.Symlink
		}
		if err := link(from, to); err != nil {
			return p.say(err, "%s", to)
		}
		if o.has('v') {
			p.printf("'%s' -> '%s'\n", to, from)
		}
		return nil
	})
}
