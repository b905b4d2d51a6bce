package image

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed all:rootfs
var rootfs embed.FS

// applets are the names under which busybox is linked, by directory. A test
// holds them against what the program has.
func applets() map[string]string {
	return map[string]string{
		"/bin": "[ ash awk base64 basename cat chmod chown clear cmp cp cut date dd df diff dirname dmesg du echo egrep env expr false " +
			"fgrep find fold free grep groups gunzip gzip head hexdump hostname httpd id kill killall less ln ls md5sum mkdir mktemp " +
			"more mount mv nc netstat nl nohup nproc nslookup od paste pgrep pidof ping pkill printenv printf ps pwd readlink " +
			"realpath reset resize rev rm rmdir sed seq sh sha1sum sha256sum sha512sum shuf sleep sort stat strings stty sync tac tail tar " +
			"tee test time timeout top touch tr traceroute true truncate tty uname uniq unlink uptime usleep vi watch wc wget which " +
			"whoami xargs xxd yes zcat",
		"/sbin":    "ifconfig ip route",
		"/usr/bin": "env nslookup",
	}
}

// base is what each image with a shell holds.
func base() []File {
	files := append(tree("base"), dirs("/dev", "/etc", "/home", "/proc", "/root", "/run", "/sys", "/usr", "/usr/bin", "/usr/sbin", "/var", "/var/log", "/var/run")...)
	files = append(files, File{Path: "/tmp", Mode: 0o1777, Dir: true}, File{Path: "/var/tmp", Mode: 0o1777, Dir: true})
	files = append(files, busybox()...)
	return files
}

// busybox is the program and its links.
func busybox() []File {
	files := []File{program("/bin/busybox", "busybox")}
	for dir, names := range applets() {
		for name := range strings.FieldsSeq(names) {
			files = append(files, File{Path: dir + "/" + name, Mode: 0o777, Link: "/bin/busybox"})
		}
	}
	return files
}

func program(path, name string) File { return File{Path: path, Mode: 0o755, Program: name} }

func dirs(paths ...string) (files []File) {
	for _, p := range paths {
		files = append(files, File{Path: p, Mode: 0o755, Dir: true})
	}
	return files
}

// tree is one of the embedded directories.
func tree(name string) (files []File) {
	sub, err := fs.Sub(rootfs, "rootfs/"+name)
	if err != nil {
		panic(err) // the name is one of ours
	}
	_ = fs.WalkDir(sub, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(sub, p)
		files = append(files, File{Path: "/" + p, Mode: 0o644, Data: b})
		return err
	})
	return files
}

// merge puts layers over one another: of two files with one path the later
// counts. The result is in the order of the paths.
func merge(layers ...[]File) []File {
	at := map[string]File{}
	for _, l := range layers {
		for _, f := range l {
			at[f.Path] = f
		}
	}
	files := make([]File, 0, len(at))
	for _, f := range at {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
