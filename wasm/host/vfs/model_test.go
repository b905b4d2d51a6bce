//go:build linux

package vfs

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// system is what the model test does, to a real directory and to ours.
type system interface {
	mkdir(p string) error
	rmdir(p string) error
	unlink(p string) error
	rename(a, b string) error
	link(a, b string) error
	symlink(target, p string) error
	write(p, data string, flags Flags) error
	truncate(p string, n int64) error
	read(p string) (string, error)
	stat(p string, follow bool) (string, error)
	readlink(p string) (string, error)
	list(p string) ([]string, error)
}

// real is a directory of the machine that runs the test.
type real struct{ root string }

func (r real) at(p string) string { return r.root + "/" + p }

func (r real) mkdir(p string) error           { return syscall.Mkdir(r.at(p), 0o755) }
func (r real) rmdir(p string) error           { return syscall.Rmdir(r.at(p)) }
func (r real) unlink(p string) error          { return syscall.Unlink(r.at(p)) }
func (r real) rename(a, b string) error       { return syscall.Rename(r.at(a), r.at(b)) }
func (r real) link(a, b string) error         { return syscall.Link(r.at(a), r.at(b)) }
func (r real) symlink(target, p string) error { return syscall.Symlink(target, r.at(p)) }

func (r real) write(p, data string, f Flags) error {
	flags := syscall.O_WRONLY | syscall.O_CLOEXEC
	for ours, theirs := range map[Flags]int{Create: syscall.O_CREAT, Excl: syscall.O_EXCL, Trunc: syscall.O_TRUNC, Append: syscall.O_APPEND, NoFollow: syscall.O_NOFOLLOW} {
		if f&ours != 0 {
			flags |= theirs
		}
	}
	fd, err := syscall.Open(r.at(p), flags, 0o644)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	_, err = syscall.Write(fd, []byte(data))
	return err
}

func (r real) truncate(p string, n int64) error {
	fd, err := syscall.Open(r.at(p), syscall.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	return syscall.Ftruncate(fd, n)
}

func (r real) read(p string) (string, error) {
	b, err := os.ReadFile(r.at(p))
	return string(b), bare(err)
}

func (r real) stat(p string, follow bool) (string, error) {
	var st syscall.Stat_t
	var err error
	if follow {
		err = syscall.Stat(r.at(p), &st)
	} else {
		err = syscall.Lstat(r.at(p), &st)
	}
	if err != nil {
		return "", err
	}
	return describe(st.Mode, uint64(st.Nlink), st.Size), nil
}

func describe(mode uint32, nlink uint64, size int64) string {
	if mode&ModeType == ModeDir {
		return "dir"
	}
	return fmt.Sprintf("%o %d %d", mode, nlink, size)
}

func (r real) readlink(p string) (string, error) {
	b := make([]byte, 4096)
	n, err := syscall.Readlink(r.at(p), b)
	return string(b[:max(n, 0)]), err
}

func (r real) list(p string) ([]string, error) {
	f, err := os.Open(r.at(p))
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	sort.Strings(names)
	return names, bare(err)
}

func bare(err error) error {
	var e syscall.Errno
	if errors.As(err, &e) {
		return e
	}
	return err
}

// ours is a directory of a container.
type ours struct {
	v   View
	top string
}

func (o ours) at(p string) string { return o.top + "/" + p }

func (o ours) mkdir(p string) error           { return o.v.Mkdir(o.at(p), 0o755) }
func (o ours) rmdir(p string) error           { return o.v.Rmdir(o.at(p)) }
func (o ours) unlink(p string) error          { return o.v.Unlink(o.at(p)) }
func (o ours) rename(a, b string) error       { return o.v.Rename(o.v, o.at(a), o.at(b)) }
func (o ours) link(a, b string) error         { return o.v.Link(o.v, o.at(a), false, o.at(b)) }
func (o ours) symlink(target, p string) error { return o.v.Symlink(target, o.at(p)) }

func (o ours) write(p, data string, f Flags) error {
	file, err := o.v.Open(o.at(p), f|Write, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write([]byte(data))
	return err
}

func (o ours) truncate(p string, n int64) error {
	file, err := o.v.Open(o.at(p), Write, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Truncate(n)
}

func (o ours) read(p string) (string, error) {
	f, err := o.v.Open(o.at(p), Read, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}

func (o ours) stat(p string, follow bool) (string, error) {
	st, err := o.v.Stat(o.at(p), follow)
	if err != nil {
		return "", err
	}
	return describe(st.Mode, st.Nlink, st.Size), nil
}

func (o ours) readlink(p string) (string, error) { return o.v.Readlink(o.at(p)) }

func (o ours) list(p string) ([]string, error) {
	ents, err := o.v.ReadDir(o.at(p))
	var names []string
	for _, e := range ents {
		names = append(names, e.Name)
	}
	return names, err
}

// operation is one random operation; it tells what it was and what came of it.
func operation(r *rand.Rand) func(s system) string {
	name := func() string {
		parts := []string{"a", "b", "c", "d"}
		n := 1 + r.IntN(3)
		var out []string
		for range n {
			out = append(out, parts[r.IntN(len(parts))])
			if r.IntN(12) == 0 {
				out = append(out, ".")
			}
			if len(out) > 0 && r.IntN(15) == 0 {
				out = append(out, "..", parts[r.IntN(len(parts))])
			}
		}
		s := strings.Join(out, "/")
		if r.IntN(20) == 0 {
			s += "/"
		}
		return s
	}
	p, q, data := name(), name(), strings.Repeat("x", r.IntN(50))
	flags, n := Flags(r.Uint32())&(Create|Excl|Trunc|Append|NoFollow), int64(r.IntN(100))
	if flags&Create == 0 && r.IntN(2) == 0 {
		flags |= Create
	}
	targets := []string{"a", "b", "b/c", "../c", "d", "a/b"}
	target := targets[r.IntN(len(targets))]
	switch r.IntN(13) {
	case 0, 1:
		return func(s system) string { return fmt.Sprintf("mkdir %s: %v", p, s.mkdir(p)) }
	case 2:
		return func(s system) string { return fmt.Sprintf("rmdir %s: %v", p, s.rmdir(p)) }
	case 3:
		return func(s system) string { return fmt.Sprintf("unlink %s: %v", p, s.unlink(p)) }
	case 4, 5:
		return func(s system) string { return fmt.Sprintf("rename %s %s: %v", p, q, s.rename(p, q)) }
	case 6:
		return func(s system) string { return fmt.Sprintf("link %s %s: %v", p, q, s.link(p, q)) }
	case 7:
		p = strings.TrimSuffix(p, "/")
		if strings.Count(p, "/") == 0 {
			target = strings.TrimPrefix(target, "../") // not out of the directory
		}
		return func(s system) string { return fmt.Sprintf("symlink %s %s: %v", target, p, s.symlink(target, p)) }
	case 8, 9:
		return func(s system) string { return fmt.Sprintf("write %s %b: %v", p, flags, s.write(p, data, flags)) }
	case 10:
		return func(s system) string { return fmt.Sprintf("truncate %s %d: %v", p, n, s.truncate(p, n)) }
	case 11:
		return func(s system) string {
			st, err := s.stat(p, n%2 == 0)
			return fmt.Sprintf("stat %s: %s %v", p, st, err)
		}
	}
	return func(s system) string {
		names, err := s.list(p)
		return fmt.Sprintf("list %s: %v %v", p, names, err)
	}
}

// tree describes all files below p.
func tree(s system, p string, out map[string]string) {
	names, err := s.list(p)
	if err != nil {
		return
	}
	for _, n := range names {
		at := strings.TrimPrefix(p+"/"+n, "./")
		st, err := s.stat(at, false)
		out[at] = fmt.Sprint(st, err)
		if st == "dir" {
			tree(s, at, out)
		} else if target, err := s.readlink(at); err == nil {
			out[at] += " -> " + target
		} else {
			data, err := s.read(at)
			out[at] += fmt.Sprint(" ", data, err)
		}
	}
}

// TestModel does the same random operations to a real directory, to a file
// system in memory and to a mounted directory, and compares what comes of them.
func TestModel(t *testing.T) {
	for seed := range uint64(30) {
		dirs := t.TempDir()
		must(t, os.Mkdir(filepath.Join(dirs, "real"), 0o755))
		must(t, os.Mkdir(filepath.Join(dirs, "host"), 0o755))
		syscall.Umask(0o022)
		root, err := os.OpenRoot(dirs)
		must(t, err)
		f := New(Config{Tree: image(t), Now: now})
		v := f.View(1, Cred{})
		must(t, v.Mkdir("/mem", 0o755))
		src, err := Host(root, "host")
		must(t, err)
		must(t, f.Mount("/host", src, false))
		systems := []system{real{filepath.Join(dirs, "real")}, ours{v, "/mem"}, ours{v, "/host"}}
		r := rand.New(rand.NewPCG(seed, 1))
		var log []string
		for i := range 300 {
			op := operation(r)
			first := op(systems[0])
			log = append(log, first)
			for j, s := range systems[1:] {
				if got := op(s); got != first {
					t.Fatalf("seed %d, operation %d, system %d:\nreal: %s\nours: %s\nbefore:\n%s", seed, i, j+1, first, got, strings.Join(log[max(0, len(log)-12):], "\n"))
				}
			}
		}
		trees := []map[string]string{{}, {}, {}}
		for i, s := range systems {
			tree(s, ".", trees[i])
		}
		for i := range trees[1:] {
			if d := cmp.Diff(trees[0], trees[i+1]); d != "" {
				t.Fatalf("seed %d, system %d (-real +ours):\n%s", seed, i+1, d)
			}
		}
		must(t, f.Close())
		must(t, root.Close())
	}
}
