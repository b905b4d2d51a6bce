package applet

import (
	"compress/gzip"
	"io"
	"os"
	"strings"
)

// gzipApplet is gzip, gunzip and zcat.
func gzipApplet(p *Proc) int {
	o, files, ok := p.getopt("cdfktvq123456789", "stdout=c", "decompress=d", "uncompress=d", "force=f", "keep=k", "test=t")
	if !ok {
		return 1
	}
	unpack := o.has('d') || o.has('t') || p.Name != "gzip"
	stdout := o.has('c') || p.Name == "zcat"
	level := gzip.DefaultCompression
	for l := 1; l <= 9; l++ {
		if o.has(byte('0' + l)) {
			level = l
		}
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	status := 0
	for _, name := range files {
		var err error
		switch {
		case name == "-" || stdout || o.has('t'):
			err = p.gzipStream(name, unpack, o.has('t'), level)
		default:
			err = p.gzipFile(name, unpack, o, level)
		}
		if err != nil {
			if p.report(err) != 0 {
				status = 1
			}
		}
	}
	return status
}

func (p *Proc) gzipStream(name string, unpack, discard bool, level int) error {
	in, err := p.open(name)
	if err != nil {
		return p.say(err, "%s", name)
	}
	defer in.Close()
	out := io.Writer(p.Out)
	if discard {
		out = io.Discard
	}
	return p.pump(in, out, unpack, level)
}

func (p *Proc) pump(in io.Reader, out io.Writer, unpack bool, level int) error {
	if unpack {
		z, err := gzip.NewReader(in)
		if err != nil {
			p.fail("invalid magic")
			return errSaid
		}
		if _, err := io.Copy(out, z); err != nil {
			p.fail("corrupted data")
			return errSaid
		}
		return nil
	}
	z, err := gzip.NewWriterLevel(out, level)
	if err != nil {
		return err
	}
	if _, err := io.Copy(z, in); err != nil {
		return err
	}
	return z.Close()
}

// gzipFile packs FILE to FILE.gz or unpacks it, and removes what it read.
func (p *Proc) gzipFile(name string, unpack bool, o options, level int) error {
	target := name + ".gz"
	if unpack {
		var ok bool
		if target, ok = strings.CutSuffix(name, ".gz"); !ok {
			if target, ok = strings.CutSuffix(name, ".tgz"); !ok {
				p.fail("%s: unknown suffix - ignored", name)
				return errSaid
			}
			target += ".tar"
		}
	}
	in, err := p.open(name)
	if err != nil {
		return p.say(err, "%s", name)
	}
	defer in.Close()
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if o.has('f') {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	out, err := os.OpenFile(target, flags, 0o644)
	if err != nil {
		return p.say(err, "can't open '%s'", target)
	}
	err = p.pump(in, out, unpack, level)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(target)
		return err
	}
	if fi, err := os.Stat(name); err == nil {
		os.Chmod(target, fi.Mode())
		os.Chtimes(target, fi.ModTime(), fi.ModTime())
	}
	if !o.has('k') {
		os.Remove(name)
	}
	return nil
}
