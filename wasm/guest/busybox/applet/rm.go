package applet

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func rm(p *Proc) int {
	o, names, ok := p.getopt("irRfv", "recursive=r", "force=f")
	if !ok {
		return 1
	}
	if len(names) == 0 && !o.has('f') {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		if base := filepath.Base(name); base == "." || base == ".." {
			status = p.fail("can't remove '.' or '..'")
			continue
		}
		fi, err := os.Lstat(name)
		switch {
		case err != nil:
			if !o.has('f') || !errors.Is(err, fs.ErrNotExist) {
				status = p.failed(err, "can't remove '%s'", name)
			}
			continue
		case fi.IsDir() && !o.has('r') && !o.has('R'):
			status = p.fail("'%s' is a directory", name)
			continue
		case o.has('i') && !p.ask("remove '%s'? ", name):
			continue
		}
		if err := removeTree(name, fi); err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				name = at.Path
			}
			status = p.failed(err, "can't remove '%s'", name)
		}
	}
	return status
}

// removeTree removes what it can, and returns the first error.
func removeTree(name string, fi fs.FileInfo) error {
	var first error
	if fi.IsDir() {
		entries, err := os.ReadDir(name)
		first = err
		for _, e := range entries {
			path := filepath.Join(name, e.Name())
			efi, err := os.Lstat(path)
			if err == nil {
				err = removeTree(path, efi)
			}
			if first == nil {
				first = err
			}
		}
	}
	if first != nil {
		return first
	}
	return os.Remove(name)
}

func (p *Proc) ask(format, name string) bool {
	p.flush()
	p.printf("%s: "+format, p.Name, name)
	p.flush()
	line, _ := bufio.NewReader(p.In).ReadString('\n')
	return strings.HasPrefix(strings.ToLower(line), "y")
}

func unlink(p *Proc) int {
	if len(p.Args) != 1 {
		return p.help(1)
	}
	if err := os.Remove(p.Args[0]); err != nil {
		return p.failed(err, "can't remove '%s'", p.Args[0])
	}
	return 0
}

func mkdir(p *Proc) int {
	o, names, ok := p.getopt("m:pv", "mode=m", "parents=p", "verbose=v")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		err := os.Mkdir(name, 0o777)
		if err != nil && o.has('p') {
			err = os.MkdirAll(name, 0o777)
		}
		if err == nil && o.has('m') {
			var mode fs.FileMode
			if mode, err = changeMode(fs.ModeDir|0o777, o.value('m')); err == nil {
				err = os.Chmod(name, mode)
			}
		}
		if err != nil {
			status = p.failed(err, "can't create directory '%s'", name)
		}
	}
	return status
}

func rmdir(p *Proc) int {
	o, names, ok := p.getopt("p", "ignore-fail-on-non-empty=i", "parents=p")
	if !ok {
		return 1
	}
	status := 0
	for _, name := range names {
		for {
			fi, err := os.Lstat(name)
			if err == nil && !fi.IsDir() {
				status = p.fail("'%s': Not a directory", name)
				break
			}
			if err == nil {
				err = os.Remove(name)
			}
			if err != nil {
				if !o.has('i') {
					status = p.failed(err, "'%s'", name)
				}
				break
			}
			up := filepath.Dir(name)
			if !o.has('p') || up == "." || up == "/" {
				break
			}
			name = up
		}
	}
	return status
}

func touch(p *Proc) int {
	o, names, ok := p.getopt("chamd:t:r:f", "no-create=c", "date=d", "reference=r")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	stamp := time.Now()
	for _, letter := range "dt" {
		if !o.has(byte(letter)) {
			continue
		}
		t, ok := parseDate(o.value(byte(letter)), stamp)
		if !ok {
			return p.fail("invalid date '%s'", o.value(byte(letter)))
		}
		stamp = t
	}
	if o.has('r') {
		fi, err := os.Stat(o.value('r'))
		if err != nil {
			return p.failed(err, "%s", o.value('r'))
		}
		stamp = fi.ModTime()
	}
	status := 0
	for _, name := range names {
		atime, mtime := stamp, stamp
		fi, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			if o.has('c') {
				continue
			}
			f, cerr := create(name, true)
			if cerr != nil {
				status = p.failed(cerr, "%s", name)
				continue
			}
			f.Close()
		} else if err == nil {
			if o.has('a') && !o.has('m') {
				mtime = fi.ModTime()
			}
			if o.has('m') && !o.has('a') {
				atime = inspect(fi).atime
			}
		}
		if err := os.Chtimes(name, atime, mtime); err != nil {
			status = p.failed(err, "%s", name)
		}
	}
	return status
}
