package applet

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func tarApplet(p *Proc) int {
	if len(p.Args) > 0 && !strings.HasPrefix(p.Args[0], "-") {
		p.Args = append(oldTar(p.Args[0], p.Args[1:]), p.Args[min(len(p.Args), 1+oldTarUsed(p.Args[0])):]...)
	}
	o, names, ok := p.getopt("cxtzjJahmvOkf:C:poPS:E:V", "create=c", "extract=x", "list=t", "gzip=z", "file=f", "directory=C", "verbose=v",
		"to-stdout=O", "dereference=h", "keep-old-files=k", "no-same-owner=o", "no-same-permissions=P", "strip-components=S", "exclude=E", "same-permissions=p", "preserve-permissions=p", "touch=m", "overwrite=V")
	if !ok {
		return 1
	}
	if o.has('j') || o.has('J') {
		return p.fail("only gzip compression is supported")
	}
	switch {
	case o.has('c'):
		return p.tarCreate(o, names)
	case o.has('x'), o.has('t'):
		return p.tarRead(o, names)
	}
	return p.help(1)
}

// oldTar turns "xzf FILE" into options: letters that take a value take the
// next words, in order.
func oldTar(letters string, rest []string) []string {
	var out []string
	for _, l := range letters {
		out = append(out, "-"+string(l))
		if strings.ContainsRune("fC", l) && len(rest) > 0 {
			out = append(out, rest[0])
			rest = rest[1:]
		}
	}
	return out
}

func oldTarUsed(letters string) int {
	n := 0
	for _, l := range letters {
		if strings.ContainsRune("fC", l) {
			n++
		}
	}
	return n
}

func (p *Proc) tarCreate(o options, names []string) int {
	if len(names) == 0 && !o.has('T') {
		return p.fail("empty archive")
	}
	out := io.Writer(p.Out)
	file := o.value('f')
	if file != "" && file != "-" {
		f, err := os.Create(file)
		if err != nil {
			return p.cannotOpen(file, err)
		}
		defer f.Close()
		out = f
	}
	var z *gzip.Writer
	if o.has('z') || o.has('a') && strings.HasSuffix(file, "gz") {
		z = gzip.NewWriter(out)
		out = z
	}
	if dir := o.value('C'); dir != "" {
		if err := os.Chdir(dir); err != nil {
			return p.failed(err, "can't change directory to '%s'", dir)
		}
	}
	w := tar.NewWriter(out)
	status := 0
	for _, name := range names {
		if err := p.tarAdd(w, o, name); err != nil {
			status = p.failed(err, "%s", name)
		}
	}
	w.Close()
	if z != nil {
		z.Close()
	}
	return status
}

func (p *Proc) tarAdd(w *tar.Writer, o options, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if o.has('h') {
			fi, err = os.Stat(path)
		}
		if err != nil {
			return err
		}
		for _, x := range o.values['E'] {
			if glob(x, filepath.Base(path), false) {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
		}
		target := ""
		if fi.Mode()&fs.ModeSymlink != 0 {
			target, _ = os.Readlink(path)
		}
		h, err := tar.FileInfoHeader(fi, target)
		if err != nil {
			return err
		}
		s := inspect(fi)
		h.Name = strings.TrimLeft(path, "/")
		h.Uid, h.Gid, h.Uname, h.Gname = s.uid, s.gid, userName(s.uid), groupName(s.gid)
		h.Mode = int64(octal(fi.Mode()))
		if fi.IsDir() {
			h.Name += "/"
		}
		if o.has('v') {
			p.listTo(o, h.Name)
		}
		if err := w.WriteHeader(h); err != nil || !fi.Mode().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
}

// listTo prints a name where the archive does not go.
func (p *Proc) listTo(o options, name string) {
	if o.value('f') == "" || o.value('f') == "-" {
		p.fail2("%s", name)
		return
	}
	p.println(name)
}

func (p *Proc) tarRead(o options, names []string) int {
	in := p.In
	if file := o.value('f'); file != "" && file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return p.cannotOpen(file, err)
		}
		defer f.Close()
		in = f
	}
	br := bufio.NewReader(in)
	in = br
	if magic, _ := br.Peek(2); o.has('z') || len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(br)
		if err != nil {
			return p.fail("invalid magic")
		}
		in = z
	}
	if dir := o.value('C'); dir != "" {
		if err := os.Chdir(dir); err != nil {
			return p.failed(err, "can't change directory to '%s'", dir)
		}
	}
	r := tar.NewReader(in)
	status := 0
	met := map[string]bool{}
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return p.fail("invalid tar magic")
		}
		if !wanted(h.Name, names, met) {
			continue
		}
		if err := p.tarEntry(o, r, h); err != nil {
			status = p.failed(err, "can't create '%s'", h.Name)
		}
	}
	for _, name := range names {
		if !met[name] {
			status = p.fail("%s: not found in archive", name)
		}
	}
	return status
}

func wanted(name string, names []string, met map[string]bool) bool {
	for _, n := range names {
		if name == n || strings.TrimSuffix(name, "/") == strings.TrimSuffix(n, "/") || strings.HasPrefix(name, strings.TrimSuffix(n, "/")+"/") || glob(n, name, false) {
			met[n] = true
			return true
		}
	}
	return len(names) == 0
}

func (p *Proc) tarEntry(o options, r io.Reader, h *tar.Header) error {
	if o.has('t') {
		if o.has('v') {
			p.printf("%s %s/%s %9d %s %s", modeString(h.FileInfo().Mode()), h.Uname, h.Gname, h.Size, h.ModTime.Format("2006-01-02 15:04:05"), h.Name)
			if h.Linkname != "" {
				p.print(" -> " + h.Linkname)
			}
			p.println()
			return nil
		}
		p.println(h.Name)
		return nil
	}
	if o.has('v') {
		p.println(h.Name)
	}
	if o.has('O') {
		_, err := io.Copy(p.Out, r)
		return err
	}
	name, ok := safeName(h.Name, o.value('S'))
	if !ok {
		return nil
	}
	return extract(o, r, h, name)
}

// safeName keeps an entry below the directory: no leading slash, no "..".
func safeName(name, strip string) (string, bool) {
	name = filepath.Clean("/" + name)[1:]
	n, _ := strconv.Atoi(strip)
	for ; n > 0; n-- {
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return "", false
		}
		name = rest
	}
	return name, name != ""
}

func extract(o options, r io.Reader, h *tar.Header, name string) error {
	mode := h.FileInfo().Mode()
	if h.Typeflag == tar.TypeDir {
		if err := os.MkdirAll(name, 0o755); err != nil {
			return err
		}
		return os.Chmod(name, mode)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if _, err := os.Lstat(name); err == nil {
		if o.has('k') {
			return nil
		}
		os.Remove(name)
	}
	switch h.Typeflag {
	case tar.TypeSymlink:
		return os.Symlink(h.Linkname, name)
	case tar.TypeLink:
		return os.Link(filepath.Clean("/" + h.Linkname)[1:], name)
	case tar.TypeReg:
	default:
		return nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	os.Chmod(name, mode)
	os.Chown(name, h.Uid, h.Gid)
	if !o.has('m') {
		os.Chtimes(name, h.ModTime, h.ModTime)
	}
	return nil
}
