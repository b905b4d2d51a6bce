package vfs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestQuota(t *testing.T) {
	f := New(Config{Quota: Quota{Bytes: 64 << 10, Inodes: 3}, Now: now})
	v := f.View(1, Cred{})
	must(t, v.WriteFile("/a", bytes.Repeat([]byte("x"), 60<<10), 0o644))
	file, err := v.Open("/b", Write|Create, 0o644)
	must(t, err)
	_, err = file.Write(make([]byte, 8<<10))
	want(t, "too much", err, error(syscall.ENOSPC))
	must(t, v.Unlink("/a"))
	_, err = file.Write(make([]byte, 8<<10))
	want(t, "after unlink", err, nil)
	must(t, v.Mkdir("/c", 0o755))
	must(t, v.Symlink("x", "/d"))
	want(t, "one inode too many", v.Mkdir("/e", 0o755), error(syscall.ENOSPC))
	must(t, v.Unlink("/b")) // still open
	want(t, "an open file keeps its inode", v.Mkdir("/e", 0o755), error(syscall.ENOSPC))
	must(t, file.Close())
	must(t, v.Mkdir("/e", 0o755))
	b, n := f.Usage()
	want(t, "bytes of the link", b, int64(1))
	want(t, "inodes", n, int64(3))
	st, err := v.Statfs("/")
	must(t, err)
	want(t, "statfs", st, Statfs{Bytes: 64 << 10, BytesFree: 64<<10 - 1, Inodes: 3, InodesFree: 0})
}

func TestQuotaOfADirectoryOfTheNode(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "vol"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "vol/old"), make([]byte, 1000), 0o644))
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	src, err := HostQuota(root, "vol", Quota{Bytes: 3000, Inodes: 3})
	must(t, err)
	f := New(Config{Now: now})
	defer f.Close()
	must(t, f.Mount("/vol", src, false))
	v := f.View(1, Cred{})
	st, err := v.Statfs("/vol")
	must(t, err)
	want(t, "free", st, Statfs{Bytes: 3000, BytesFree: 2000, Inodes: 3, InodesFree: 2})
	must(t, v.WriteFile("/vol/a", make([]byte, 1500), 0o644))
	want(t, "too much", v.WriteFile("/vol/b", make([]byte, 600), 0o644), error(syscall.ENOSPC))
	want(t, "one inode too many", v.Mkdir("/vol/c", 0o755), error(syscall.ENOSPC))
	file, err := v.Open("/vol/b", Write|Append, 0)
	must(t, err)
	_, err = file.Write(make([]byte, 600))
	want(t, "appended", err, error(syscall.ENOSPC))
	must(t, v.Unlink("/vol/a"))
	_, err = file.Write(make([]byte, 600))
	want(t, "after unlink", err, nil)
	must(t, file.Close())
	must(t, v.Mkdir("/vol/c", 0o755))
	file, err = v.Open("/vol/b", Write, 0)
	must(t, err)
	want(t, "truncated", file.Truncate(1<<30), error(syscall.ENOSPC))
	must(t, file.Close())
}

func TestSparseFilesCostNothing(t *testing.T) {
	f := New(Config{Quota: Quota{Bytes: 64 << 10}})
	v := f.View(1, Cred{})
	file, err := v.Open("/a", Read|Write|Create, 0o644)
	must(t, err)
	defer file.Close()
	must(t, file.Truncate(1<<39))
	_, err = file.WriteAt([]byte("end"), 1<<39)
	must(t, err)
	b := make([]byte, 10)
	n, err := file.ReadAt(b, 1<<39-5)
	must(t, err)
	want(t, "end", string(b[:n]), "\x00\x00\x00\x00\x00end")
	want(t, "too large", file.Truncate(1<<41), error(syscall.EFBIG))
}

func TestOpenFilesOutliveTheirNames(t *testing.T) {
	v := New(Config{Tree: image(t), Now: now}).View(1, Cred{})
	f, err := v.Open("/etc/passwd", Read, 0)
	must(t, err)
	defer f.Close()
	must(t, v.Unlink("/etc/passwd"))
	must(t, v.WriteFile("/etc/passwd", []byte("new"), 0o644))
	b, err := io.ReadAll(f)
	must(t, err)
	want(t, "contents", string(b), "root:x:0:0\n")
}

func TestReadOnly(t *testing.T) {
	f := New(Config{Tree: image(t), ReadOnly: true, Now: now})
	must(t, f.Mount("/tmp", Tmpfs(Quota{}, now), false))
	must(t, f.Mount("/data/deep", Tmpfs(Quota{}, now), true))
	v := f.View(1, Cred{})
	for what, err := range map[string]error{
		"write":    v.WriteFile("/etc/passwd", nil, 0),
		"create":   v.WriteFile("/etc/new", nil, 0o644),
		"mkdir":    v.Mkdir("/x", 0o755),
		"unlink":   v.Unlink("/etc/passwd"),
		"rename":   v.Rename(v, "/etc/passwd", "/etc/p"),
		"chmod":    v.Chmod("/etc/passwd", 0),
		"symlink":  v.Symlink("x", "/y"),
		"in mount": v.Mkdir("/data/deep/x", 0o755),
	} {
		want(t, what, err, error(syscall.EROFS))
	}
	must(t, v.WriteFile("/tmp/x", []byte("ok"), 0o644))
	must(t, v.WriteFile("/dev/null", []byte("ok"), 0))
	want(t, "existing", v.Mkdir("/etc", 0o755), error(syscall.EEXIST))
}

func TestMounts(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "vol/..data"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "vol/..data/key"), []byte("value"), 0o644))
	must(t, os.Symlink("..data/key", filepath.Join(dir, "vol/key")))
	must(t, os.WriteFile(filepath.Join(dir, "hosts"), []byte("127.0.0.1 localhost\n"), 0o644))
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	f := New(Config{Tree: image(t), Now: now})
	mount := func(at, path string, ro bool) {
		t.Helper()
		src, err := Host(root, path)
		must(t, err)
		must(t, f.Mount(at, src, ro))
	}
	mount("/var/run/secrets/kubernetes.io/serviceaccount", "vol", true) // /var/run is a link to /run
	mount("/etc/hosts", "hosts", false)
	mount("/one", "vol/key", true) // a link in the volume: subPath
	v := f.View(1, Cred{})
	want(t, "by the link", read(t, v, "/var/run/secrets/kubernetes.io/serviceaccount/key"), "value")
	want(t, "really", read(t, v, "/run/secrets/kubernetes.io/serviceaccount/key"), "value")
	want(t, "file", read(t, v, "/etc/hosts"), "127.0.0.1 localhost\n")
	want(t, "subPath", read(t, v, "/one"), "value")
	want(t, "listed", names(t, v, "/etc"), []string{"hosts", "passwd", "passwd-"})
	must(t, v.WriteFile("/etc/hosts", []byte("new"), 0o644))
	b, err := os.ReadFile(filepath.Join(dir, "hosts"))
	must(t, err)
	want(t, "on the node", string(b), "new")
	want(t, "unlink a mount", v.Unlink("/etc/hosts"), error(syscall.EBUSY))
	want(t, "rename above a mount", v.Rename(v, "/run", "/r"), error(syscall.EBUSY))
	want(t, "rename over a mount", v.Rename(v, "/etc/passwd", "/etc/hosts"), error(syscall.EBUSY))
	want(t, "link over the border", v.Link(v, "/etc/hosts", true, "/etc/h"), error(syscall.EXDEV))
	want(t, "write to a read-only volume", v.WriteFile("/one", nil, 0), error(syscall.EROFS))
	want(t, "up out of a mount", read(t, v, "/var/run/secrets/../../etc/passwd"), "root:x:0:0\n")
	must(t, f.Close())
}

// TestNothingLeadsOut is CVE-2017-1002101 and CVE-2021-25741: links in a volume
// that point out of it, there before or swapped in later.
func TestNothingLeadsOut(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "node/vol/sub"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "node/secret"), []byte("secret"), 0o644))
	must(t, os.Symlink("../../secret", filepath.Join(dir, "node/vol/out")))
	must(t, os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, "node/vol/abs")))
	must(t, os.Symlink("../..", filepath.Join(dir, "node/vol/up")))
	root, err := os.OpenRoot(filepath.Join(dir, "node"))
	must(t, err)
	defer root.Close()
	f := New(Config{Tree: image(t), Now: now})
	src, err := Host(root, "vol")
	must(t, err)
	must(t, f.Mount("/vol", src, false))
	v := f.View(1, Cred{})
	for _, p := range []string{"/vol/out", "/vol/abs", "/vol/up/secret", "/vol/../secret", "/vol/up/up/secret"} {
		if got := read(t, v, p); strings.Contains(got, "secret") && !strings.HasPrefix(got, "error") {
			t.Errorf("%s leads out: %q", p, got)
		}
	}
	for _, p := range []string{"out", "up/secret", "abs"} {
		if _, err := Host(root, "vol/"+p); err == nil {
			t.Errorf("%s can be mounted", p)
		}
	}

	// The directory is swapped for a link between mounting and first use.
	g := New(Config{Now: now})
	src, err = Host(root, "vol/sub")
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "node/vol/sub")))
	must(t, os.Symlink("../..", filepath.Join(dir, "node/vol/sub")))
	err = g.Mount("/m", src, false)
	if err == nil {
		_, err = g.View(1, Cred{}).ReadFile("/m/secret", 100)
	}
	if err == nil {
		t.Error("a swapped directory leads out")
	}
	must(t, f.Close())
}

func TestPermissions(t *testing.T) {
	f := New(Config{Tree: image(t), Now: now})
	root, user := f.View(1, Cred{}), f.View(2, Cred{UID: 1000, GID: 1000})
	must(t, root.WriteFile("/etc/shadow", []byte("x"), 0o600))
	must(t, root.Mkdir("/root", 0o700))
	must(t, root.WriteFile("/root/x", nil, 0o644))
	must(t, root.WriteFile("/tmp/mine", nil, 0o644))
	must(t, user.WriteFile("/tmp/theirs", nil, 0o644))
	_, err := user.Stat("/root/x", true)
	for what, c := range map[string]struct{ got, want error }{
		"read":              {second(user.ReadFile("/etc/shadow", 10)), syscall.EACCES},
		"search":            {err, syscall.EACCES},
		"make":              {user.Mkdir("/x", 0o755), syscall.EACCES},
		"sticky":            {user.Unlink("/tmp/mine"), syscall.EPERM},
		"chmod":             {user.Chmod("/etc/passwd", 0o777), syscall.EPERM},
		"chown":             {user.Chown("/tmp/theirs", true, new(uint32), nil), syscall.EPERM},
		"own file":          {user.Chmod("/tmp/theirs", 0o600), nil},
		"root may all":      {second(root.ReadFile("/tmp/theirs", 10)), nil},
		"execute":           {user.Access("/bin/ls"), nil},
		"no execute bit":    {root.Access("/etc/passwd"), syscall.EACCES},
		"no such file":      {root.Access("/bin/none"), syscall.ENOENT},
		"execute directory": {root.Access("/bin"), syscall.EACCES},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", what, c.got, c.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestResolve(t *testing.T) {
	v := New(Config{Tree: image(t), Now: now}).View(1, Cred{})
	must(t, v.Symlink("loop", "/loop"))
	must(t, v.Symlink("/../../etc", "/out"))
	for i := range 41 {
		must(t, v.Symlink(fmt.Sprintf("/chain%d", i+1), fmt.Sprintf("/chain%d", i)))
	}
	must(t, v.WriteFile("/chain41", []byte("end"), 0o644))
	for _, tt := range []struct {
		path string
		want error
	}{
		{"/loop", syscall.ELOOP},
		{"/loop/x", syscall.ELOOP},
		{"/chain0", syscall.ELOOP},
		{"/chain1", nil},
		{"/out/passwd", nil},
		{"/../../../etc/passwd", nil},
		{"/etc/passwd/", syscall.ENOTDIR},
		{"/etc/passwd/.", syscall.ENOTDIR},
		{"/etc/passwd/..", syscall.ENOTDIR},
		{"", syscall.ENOENT},
		{"/a\x00b", syscall.EINVAL},
		{"/" + strings.Repeat("a", 256), syscall.ENAMETOOLONG},
		{"/" + strings.Repeat("a/", 2100), syscall.ENAMETOOLONG},
		{"etc/passwd", nil},
		{"//etc///passwd", nil},
	} {
		if _, err := v.Stat(tt.path, true); err != tt.want {
			t.Errorf("%.40q: got %v, want %v", tt.path, err, tt.want)
		}
	}
}

func TestDirectoryCookies(t *testing.T) {
	v := New(Config{Now: now}).View(1, Cred{})
	for i := range 5 {
		must(t, v.WriteFile(fmt.Sprintf("/f%d", i), nil, 0o644))
	}
	f, err := v.Open("/", Read|Directory, 0)
	must(t, err)
	defer f.Close()
	all, err := f.ReadDir(0)
	must(t, err)
	must(t, v.Unlink("/f3")) // does not disturb a reading that has begun
	rest, err := f.ReadDir(4)
	must(t, err)
	want(t, "rest", rest, all[4:])
	again, err := f.ReadDir(0)
	must(t, err)
	want(t, "read anew", len(again), len(all)-1)
	_, err = f.ReadDir(100)
	want(t, "beyond", err, error(syscall.EINVAL))
}

func TestAppendsDoNotOverwrite(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	f := New(Config{Now: now})
	defer f.Close()
	src, err := Host(root, ".")
	must(t, err)
	must(t, f.Mount("/host", src, false))
	v := f.View(1, Cred{})
	for _, name := range []string{"/mem", "/host/file"} {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				file, err := v.Open(name, Append|Write|Create, 0o644)
				if err != nil {
					t.Error(err)
					return
				}
				defer file.Close()
				for range 50 {
					_, _ = file.Write([]byte{byte('a' + i), '\n'})
				}
			})
		}
		wg.Wait()
		got := read(t, v, name)
		for i := range 8 {
			if n := strings.Count(got, string(rune('a'+i))+"\n"); n != 50 {
				t.Errorf("%s: %d of 50 lines of writer %d", name, n, i)
			}
		}
	}
}

func TestParallelWorkOnOneTree(t *testing.T) {
	f := New(Config{Tree: image(t), Quota: Quota{Bytes: 1 << 20, Inodes: 1000}, Now: now})
	v := f.View(1, Cred{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			dir := fmt.Sprintf("/tmp/%d", i%3)
			for j := range 200 {
				name := fmt.Sprintf("%s/f%d", dir, j%5)
				_ = v.MkdirAll(dir, 0o755)
				_ = v.WriteFile(name, []byte("hello"), 0o644)
				_ = v.Rename(v, name, fmt.Sprintf("/tmp/%d/g", (i+1)%3))
				_, _ = v.ReadFile("/etc/passwd", 100)
				_, _ = v.ReadDir("/tmp")
				_ = v.Unlink(name)
				_ = v.Rmdir(dir)
			}
		})
	}
	wg.Wait()
	for i := range 3 {
		for _, n := range []string{"f0", "f1", "f2", "f3", "f4", "g"} {
			_ = v.Unlink(fmt.Sprintf("/tmp/%d/%s", i, n))
		}
		_ = v.Rmdir(fmt.Sprintf("/tmp/%d", i))
	}
	b, n := f.Usage()
	want(t, "bytes left", b, int64(0))
	want(t, "inodes left", n, int64(0))
}

func TestTimes(t *testing.T) {
	v := New(Config{Now: now}).View(1, Cred{})
	must(t, v.WriteFile("/f", []byte("x"), 0o644))
	at := time.Unix(1, 2)
	must(t, v.Utimes("/f", true, nil, &at))
	st, err := v.Stat("/f", true)
	must(t, err)
	want(t, "mtime", st.Mtim.Equal(at), true)
	want(t, "atime", st.Atim.Equal(now()), true)
}

func TestDevices(t *testing.T) {
	v := New(Config{}).View(1, Cred{UID: 1000})
	b := []byte("xxxx")
	dev := func(name string, f func(*File) (int, error)) (int, error) {
		file, err := v.Open("/dev/"+name, Read|Write, 0)
		must(t, err)
		defer file.Close()
		return f(file)
	}
	_, err := dev("null", func(f *File) (int, error) { return f.Read(b) })
	want(t, "null ends", err, io.EOF)
	_, err = dev("full", func(f *File) (int, error) { return f.Write(b) })
	want(t, "full is full", err, error(syscall.ENOSPC))
	_, err = dev("zero", func(f *File) (int, error) { return f.Read(b) })
	must(t, err)
	want(t, "zero", string(b), "\x00\x00\x00\x00")
	_, err = v.Open("/dev/tty", Read, 0)
	var m *Magic
	want(t, "tty is magic", errors.As(err, &m) && m.TTY, true)
	want(t, "nothing new", v.WriteFile("/dev/x", nil, 0o644), error(syscall.EACCES))
}

func FuzzTree(f *testing.F) {
	f.Add("a/b", "../../x", "/etc/passwd")
	f.Fuzz(func(t *testing.T, dir, file, link string) {
		tree := NewTree()
		_ = tree.Mkdir(dir, Attr{Mode: 0o755})
		_ = tree.File(file, Attr{Mode: 0o644}, Bytes([]byte("x")))
		_ = tree.Symlink(link, file, Attr{})
		_ = tree.Link(file, dir)
		_ = tree.Remove(link)
		v := New(Config{Tree: tree}).View(1, Cred{})
		_, _ = v.ReadFile(file, 10)
		_, _ = v.ReadDir(dir)
	})
}

// FuzzResolve walks paths through links that the fuzzer chooses, in memory and
// in a mounted directory next to which there is a secret.
func FuzzResolve(f *testing.F) {
	f.Add("../../secret", "/host/l/x", "a/../l")
	f.Add("/", "/l/../../host/l", "./l/.")
	f.Add("/proc/self", "/dev/fd/../l", "")
	dir := f.TempDir()
	must(f, os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o644))
	must(f, os.MkdirAll(filepath.Join(dir, "node/vol"), 0o755))
	must(f, os.WriteFile(filepath.Join(dir, "node/secret"), []byte("secret"), 0o644))
	root, err := os.OpenRoot(filepath.Join(dir, "node"))
	must(f, err)
	f.Cleanup(func() { root.Close() })
	f.Fuzz(func(t *testing.T, target, p, q string) {
		fs := New(Config{Quota: Quota{Bytes: 1 << 16, Inodes: 100}})
		defer fs.Close()
		src, err := Host(root, "vol")
		must(t, err)
		must(t, fs.Mount("/host", src, false))
		v := fs.View(1, Cred{})
		_ = v.Symlink(target, "/l")
		_ = os.Remove(filepath.Join(dir, "node/vol/l"))
		_ = v.Symlink(target, "/host/l")
		for _, name := range []string{p, q, "/host/" + p, "/l/" + q} {
			if b, err := v.ReadFile(name, 100); err == nil && string(b) == "secret" {
				t.Fatalf("%q reads the secret", name)
			}
			if file, err := v.Open(name, Read, 0); err == nil {
				if !strings.HasPrefix(file.Path(), "/") || strings.Contains(file.Path(), "..") {
					t.Errorf("path %q", file.Path())
				}
				file.Close()
			}
			_, _ = v.Stat(name, false)
			_, _ = v.Readlink(name)
		}
	})
}
