package vfs

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func now() time.Time { return time.Unix(1_700_000_000, 0).UTC() }

// image is a small tree like busybox'.
func image(t testing.TB) *Tree {
	t.Helper()
	tree := NewTree()
	for _, err := range []error{
		tree.File("/bin/busybox", Attr{Mode: 0o755, Tag: "busybox"}, Bytes([]byte("\x00asm"))),
		tree.Symlink("/bin/ls", "/bin/busybox", Attr{}),
		tree.Symlink("/bin/sh", "busybox", Attr{}),
		tree.File("/etc/passwd", Attr{Mode: 0o644}, Bytes([]byte("root:x:0:0\n"))),
		tree.Mkdir("/tmp", Attr{Mode: 0o1777}),
		tree.Mkdir("/run", Attr{Mode: 0o755}),
		tree.Symlink("/var/run", "/run", Attr{}),
		tree.Link("/etc/passwd", "/etc/passwd-"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func read(t testing.TB, v View, name string) string {
	t.Helper()
	b, err := v.ReadFile(name, 1<<20)
	if err != nil {
		return fmt.Sprint("error: ", err)
	}
	return string(b)
}

func names(t testing.TB, v View, dir string) []string {
	t.Helper()
	ents, err := v.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range ents {
		out = append(out, e.Name)
	}
	return out
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) || errors.Is(b, a) })); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestImageIsCopiedOnWrite(t *testing.T) {
	tree := image(t)
	a, b := New(Config{Tree: tree, Now: now}), New(Config{Tree: tree, Now: now})
	v := a.View(1, Cred{})
	must(t, v.WriteFile("/etc/passwd", []byte("changed"), 0))
	must(t, v.Unlink("/bin/sh"))
	must(t, v.Rename(v, "/etc", "/usr"))
	want(t, "changed", read(t, v, "/usr/passwd"), "changed")
	want(t, "other name of it", read(t, v, "/usr/passwd-"), "changed")
	want(t, "names", names(t, v, "/bin"), []string{"busybox", "ls"})
	want(t, "root", names(t, v, "/"), []string{"bin", "dev", "run", "tmp", "usr", "var"})
	o := b.View(1, Cred{})
	want(t, "the other container", read(t, o, "/etc/passwd"), "root:x:0:0\n")
	want(t, "names there", names(t, o, "/bin"), []string{"busybox", "ls", "sh"})
}
