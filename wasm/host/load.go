package host

import (
	"bytes"
	"context"
	"path"
	"strings"
	"syscall"

	"kubergarten/wasm/host/vfs"
)

// maxScripts is how deep scripts may be interpreted by scripts.
const maxScripts = 4

// load finds the program for cfg.Path. A file that begins with #! is run by the
// interpreter that it names, as Linux does; Path and Args are changed then.
func (p *Process) load(ctx context.Context) (*Program, error) {
	if p.cfg.Loader == nil || p.cfg.FS == nil {
		return nil, ErrNoExec
	}
	v := p.cfg.FS.View(0, p.cfg.Cred)
	for range maxScripts + 1 {
		if err := v.Access(p.cfg.Path); err != nil {
			return nil, err
		}
		interp, arg := shebang(v, p.cfg.Path)
		if interp == "" {
			return p.cfg.Loader(ctx, p.cfg.Path, v)
		}
		args := []string{interp}
		if arg != "" {
			args = append(args, arg)
		}
		args = append(args, p.cfg.Path)
		if len(p.cfg.Args) > 1 {
			args = append(args, p.cfg.Args[1:]...)
		}
		p.cfg.Path, p.cfg.Args = interp, args
	}
	return nil, ErrNoExec
}

// shebang returns the interpreter of a script and its one argument.
func shebang(v vfs.View, name string) (interp, arg string) {
	f, err := v.Open(name, vfs.Read, 0)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	b := make([]byte, 256)
	n, _ := f.ReadAt(b, 0)
	line, found := bytes.CutPrefix(b[:n], []byte("#!"))
	if !found {
		return "", ""
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	interp, arg, _ = strings.Cut(strings.Trim(string(line), " \t\r"), " ")
	return interp, strings.Trim(arg, " \t")
}

// LookPath finds the executable for a command as a container runtime does: a
// name without a slash in the directories of PATH, others from dir on.
// The error is fs.ErrNotExist or fs.ErrPermission.
func LookPath(v vfs.View, name, dir string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			name = path.Join("/", dir, name)
		}
		return name, v.Access(name)
	}
	search := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, e := range env {
		if val, found := strings.CutPrefix(e, "PATH="); found {
			search = val
		}
	}
	err := error(syscall.ENOENT)
	for d := range strings.SplitSeq(search, ":") {
		full := path.Join("/", dir, d, name)
		if path.IsAbs(d) {
			full = path.Join(d, name)
		}
		switch e := v.Access(full); e {
		case nil:
			return full, nil
		case syscall.EACCES:
			err = e
		}
	}
	return "", err
}
