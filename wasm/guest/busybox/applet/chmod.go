package applet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func chmod(p *Proc) int {
	// A mode may start with a dash: -w.
	var flags, words []string
	for _, a := range p.Args {
		if len(a) > 1 && a[0] == '-' && strings.Trim(a[1:], "Rcvf") == "" && len(words) == 0 {
			flags = append(flags, a)
		} else if a != "--" {
			words = append(words, a)
		}
	}
	if len(words) < 2 {
		return p.help(1)
	}
	status := 0
	set := func(path string, fi fs.FileInfo) {
		mode, err := changeMode(fi.Mode(), words[0])
		if err == nil {
			err = os.Chmod(path, mode)
		}
		if err != nil {
			status = p.failed(err, "%s", path)
		}
	}
	if _, err := changeMode(0, words[0]); err != nil {
		return p.fail("invalid mode '%s'", words[0])
	}
	p.walkFiles(words[1:], strings.Contains(strings.Join(flags, ""), "R"), &status, set)
	return status
}

// walkFiles calls do on the files, and with recurse on all below them.
func (p *Proc) walkFiles(names []string, recurse bool, status *int, do func(string, fs.FileInfo)) {
	for _, name := range names {
		fi, err := os.Stat(name)
		if err != nil {
			*status = p.failed(err, "%s", name)
			continue
		}
		if !recurse || !fi.IsDir() {
			do(name, fi)
			continue
		}
		filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.Type()&fs.ModeSymlink != 0 {
				return nil
			}
			if fi, err := d.Info(); err == nil {
				do(path, fi)
			}
			return nil
		})
	}
}

var errMode = errors.New("invalid mode")

// changeMode applies 755 or u+x,g-w to a mode.
func changeMode(old fs.FileMode, spec string) (fs.FileMode, error) {
	if n, err := strconv.ParseUint(spec, 8, 12); err == nil {
		return fileMode(uint32(n)), nil
	}
	bits := octal(old)
	for _, clause := range strings.Split(spec, ",") {
		i := digits(clause, len(clause), "ugoa")
		who := clause[:i]
		mask := uint32(0o7777)
		if who == "" {
			who = "a"
			mask = 0o7777 &^ uint32(umaskOf())
		}
		clause = clause[i:]
		if clause == "" {
			return 0, errMode
		}
		for clause != "" {
			op := clause[0]
			if strings.IndexByte("+-=", op) < 0 {
				return 0, errMode
			}
			n := digits(clause[1:], len(clause), "rwxXstugo")
			perms, all := permBits(who, clause[1:1+n], bits, old.IsDir())
			perms &= mask
			switch op {
			case '+':
				bits |= perms
			case '-':
				bits &^= perms
			case '=':
				bits = bits&^all | perms
			}
			clause = clause[1+n:]
		}
	}
	return fileMode(bits), nil
}

// permBits are the bits that letters mean for who, and all who has.
func permBits(who, letters string, old uint32, isDir bool) (bits, all uint32) {
	for _, w := range who {
		shifts := map[rune][]uint32{'u': {6}, 'g': {3}, 'o': {0}, 'a': {6, 3, 0}}[w]
		for _, s := range shifts {
			all |= 7 << s
			for _, l := range letters {
				switch l {
				case 'r':
					bits |= 4 << s
				case 'w':
					bits |= 2 << s
				case 'x':
					bits |= 1 << s
				case 'X':
					if isDir || old&0o111 != 0 {
						bits |= 1 << s
					}
				case 's':
					if s == 6 {
						bits |= 0o4000
					} else if s == 3 {
						bits |= 0o2000
					}
				case 't':
					bits |= 0o1000
				case 'u':
					bits |= old >> 6 & 7 << s
				case 'g':
					bits |= old >> 3 & 7 << s
				case 'o':
					bits |= old & 7 << s
				}
			}
		}
	}
	return bits, all
}

func chown(p *Proc) int {
	o, names, ok := p.getopt("Rhcvf")
	if !ok {
		return 1
	}
	if len(names) < 2 {
		return p.help(1)
	}
	user, group, hasGroup := strings.Cut(strings.Replace(names[0], ".", ":", 1), ":")
	uid, gid := -1, -1
	if user != "" {
		if uid = idOf("/etc/passwd", user); uid < 0 {
			return p.fail("unknown user %s", user)
		}
	}
	if hasGroup && group != "" {
		if gid = idOf("/etc/group", group); gid < 0 {
			return p.fail("unknown group %s", group)
		}
	}
	status := 0
	p.walkFiles(names[1:], o.has('R'), &status, func(path string, _ fs.FileInfo) {
		if err := os.Chown(path, uid, gid); err != nil {
			status = p.failed(err, "%s", path)
		}
	})
	return status
}
