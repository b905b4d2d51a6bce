package applet

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func basename(p *Proc) int {
	o, names, ok := p.getopt("as:")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	suffix := o.value('s')
	if !o.has('a') && !o.has('s') {
		if len(names) > 2 {
			return p.help(1)
		}
		if len(names) == 2 {
			suffix, names = names[1], names[:1]
		}
	}
	for _, name := range names {
		base := filepath.Base(name)
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		p.println(base)
	}
	return 0
}

func dirname(p *Proc) int {
	if len(p.Args) == 0 {
		return p.help(1)
	}
	for _, name := range p.Args {
		p.println(filepath.Dir(strings.TrimRight(name, "/") + strings.Repeat("/", min(1, strings.Count(name, "/")/max(1, len(name))))))
	}
	return 0
}

func pwd(p *Proc) int {
	dir, err := os.Getwd()
	if err != nil {
		return p.failed(err, "getcwd")
	}
	p.println(dir)
	return 0
}

func readlink(p *Proc) int {
	o, names, ok := p.getopt("fnvem")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	end := "\n"
	if o.has('n') {
		end = ""
	}
	status := 0
	for _, name := range names {
		target, err := os.Readlink(name)
		if o.has('f') || o.has('e') || o.has('m') {
			target, err = resolve(name)
		}
		if err != nil {
			if o.has('v') {
				p.failed(err, "%s", name)
			}
			status = 1
			continue
		}
		p.print(target + end)
	}
	return status
}

// resolve is readlink -f: the last part need not exist.
func resolve(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if path, err := filepath.EvalSymlinks(abs); err == nil {
		return path, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	return filepath.Join(dir, filepath.Base(abs)), err
}

func realpath(p *Proc) int {
	_, names, ok := p.getopt("")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		abs, err := filepath.Abs(name)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		if err != nil {
			status = p.failed(err, "%s", name)
			continue
		}
		p.println(abs)
	}
	return status
}

func which(p *Proc) int {
	o, names, ok := p.getopt("a")
	if !ok {
		return 1
	}
	status := 0
	for _, name := range names {
		found := false
		dirs := strings.Split(os.Getenv("PATH"), ":")
		if strings.Contains(name, "/") {
			dirs = []string{""}
		}
		for _, dir := range dirs {
			path := filepath.Join(dir, name)
			if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
				p.println(path)
				found = true
				if !o.has('a') {
					break
				}
			}
		}
		if !found {
			status = 1
		}
	}
	return status
}

func mktemp(p *Proc) int {
	o, names, ok := p.getopt("dtqup:")
	if !ok {
		return 1
	}
	dir := o.value('p')
	if dir == "" && (o.has('t') || len(names) == 0) {
		if dir = os.Getenv("TMPDIR"); dir == "" {
			dir = "/tmp"
		}
	}
	template := "tmp.XXXXXX"
	if len(names) > 0 {
		template = names[0]
	}
	if !strings.HasSuffix(template, "XXXXXX") {
		return p.fail("%s: Invalid argument", template)
	}
	base := filepath.Join(dir, strings.TrimRight(template, "X"))
	if dir == "" {
		base = strings.TrimRight(template, "X")
	}
	for range 100 {
		name := base + randomName(6)
		var err error
		if o.has('d') {
			err = os.Mkdir(name, 0o700)
		} else {
			var f *os.File
			if f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				f.Close()
			}
		}
		if err == nil {
			os.Chmod(name, map[bool]fs.FileMode{true: 0o700, false: 0o600}[o.has('d')])
			p.println(name)
			return 0
		}
		if !os.IsExist(err) {
			return p.failed(err, "%s", template)
		}
	}
	return p.fail("%s: File exists", template)
}

func randomName(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	seed := uint64(time.Now().UnixNano()) ^ uint64(os.Getpid())<<40
	b := make([]byte, n)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = letters[seed>>33%uint64(len(letters))]
	}
	return string(b)
}

func truncate(p *Proc) int {
	o, names, ok := p.getopt("cs:")
	if !ok {
		return 1
	}
	n, err := size(o.value('s'))
	if err != nil || len(names) == 0 {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		flags := os.O_WRONLY | os.O_CREATE
		if o.has('c') {
			flags = os.O_WRONLY
		}
		f, err := os.OpenFile(name, flags, 0o666)
		if err == nil {
			err = f.Truncate(n)
			f.Close()
		}
		if err != nil && (!o.has('c') || !os.IsNotExist(err)) {
			status = p.failed(err, "%s", name)
		}
	}
	return status
}
