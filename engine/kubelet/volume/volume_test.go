package volume

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"
)

func openRoot(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

func files(root *os.Root, dir string) map[string]string {
	out := map[string]string{}
	entries, _ := fs.ReadDir(root.FS(), dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "..") {
			data, err := root.ReadFile(dir + "/" + e.Name())
			if err != nil {
				data = []byte(err.Error())
			}
			out[e.Name()] = string(data)
		}
	}
	return out
}

func TestAtomicWriter(t *testing.T) {
	root := openRoot(t)
	write := func(want bool, payload map[string]File) {
		t.Helper()
		changed, err := Write(root, "v", payload, time.Now())
		if err != nil || changed != want {
			t.Fatalf("changed %v, %v, want %v", changed, err, want)
		}
	}
	write(true, map[string]File{"a": {[]byte("1"), 0o644}, "b": {[]byte("2"), 0o400}, "sub/c": {[]byte("3"), 0o644}})
	write(false, map[string]File{"a": {[]byte("1"), 0o644}, "b": {[]byte("2"), 0o400}, "sub/c": {[]byte("3"), 0o644}})
	write(true, map[string]File{"a": {[]byte("9"), 0o644}})
	if got := files(root, "v"); len(got) != 1 || got["a"] != "9" {
		t.Errorf("files: %v", got)
	}
	entries, _ := fs.ReadDir(root.FS(), "v")
	if len(entries) != 3 { // a, ..data, and the directory it shows
		t.Errorf("entries: %v", entries)
	}
	if info, err := root.Stat("v/a"); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode: %v, %v", info, err)
	}
	for _, bad := range []string{"/etc/passwd", "../x", "a/../../x", "..data", ""} {
		if _, err := Write(root, "v", map[string]File{bad: {}}, time.Now()); err == nil {
			t.Errorf("path %q is accepted", bad)
		}
	}
}

// TestSubPath has regressions for CVE-2017-1002101 and CVE-2021-25741.
func TestSubPath(t *testing.T) {
	root := openRoot(t)
	m := New(Config{Root: root, PodsDir: "/var/lib/kubelet/pods", Clock: clock.RealClock{}})
	for _, d := range []string{"vol/dir/deep", "secret"} {
		if err := root.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string]string{"vol/file": "ours", "secret/key": "theirs"} {
		if err := root.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"vol/inside": "dir", "vol/escape": "../secret", "vol/absolute": "/secret", "vol/dir/up": "../../secret", "vol/loop": "loop", "vol/tofile": "dir/../file",
	} {
		if err := root.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	for sub, want := range map[string]string{
		"dir": "/vol/dir", "inside/deep": "/vol/dir/deep", "new/sub": "/vol/new/sub",
		"file":   "/var/lib/kubelet/pods/u1/volume-subpaths/v/c/0",
		"tofile": "/var/lib/kubelet/pods/u1/volume-subpaths/v/c/0",
		"escape": "", "escape/key": "", "absolute": "", "dir/up": "", "dir/up/key": "", "loop": "", "../secret": "", "/etc": "", "dir/../../secret": "",
	} {
		got, err := m.SubPath("u1", "c", "v", 0, "/vol", sub)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v, want %q", sub, got, err, want)
		}
	}
	// What is swapped in later is not seen.
	if _, err := m.SubPath("u1", "c", "v", 0, "/vol", "file"); err != nil {
		t.Fatal(err)
	}
	_ = root.Remove("vol/file")
	if err := root.Symlink("../secret/key", "vol/file"); err != nil {
		t.Fatal(err)
	}
	if data, err := root.ReadFile("var/lib/kubelet/pods/u1/volume-subpaths/v/c/0"); err != nil || string(data) != "ours" {
		t.Errorf("pinned file: %q, %v", data, err)
	}
}

func TestHostPath(t *testing.T) {
	root := openRoot(t)
	m := New(Config{Root: root, Clock: clock.RealClock{}})
	if err := root.WriteFile("file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	kind := func(t corev1.HostPathType) *corev1.HostPathType { return &t }
	for name, tt := range map[string]struct {
		path string
		kind *corev1.HostPathType
		err  string
	}{
		"made":               {"/a/b", kind(corev1.HostPathDirectoryOrCreate), ""},
		"file made":          {"/new", kind(corev1.HostPathFileOrCreate), ""},
		"no directory":       {"/none", kind(corev1.HostPathDirectory), "hostPath type check failed: /none is not a directory"},
		"file, no directory": {"/file", kind(corev1.HostPathDirectory), "hostPath type check failed: /file is not a directory"},
		"no file":            {"/none", kind(corev1.HostPathFile), "hostPath type check failed: /none is not a file"},
		"no socket":          {"/file", kind(corev1.HostPathSocket), "hostPath type check failed: /file is not a socket file"},
		"any":                {"/file", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := m.hostPath(&corev1.HostPathVolumeSource{Path: tt.path, Type: tt.kind}); err != nil {
				got = err.Error()
			}
			if got != tt.err {
				t.Errorf("got %q, want %q", got, tt.err)
			}
		})
	}
}

func TestFailuresBackOff(t *testing.T) {
	m := New(Config{Clock: clock.RealClock{}})
	pod := &corev1.Pod{}
	var last time.Duration
	for range 12 {
		e := m.fail(pod, "v", fs.ErrNotExist).(*Error)
		wait := time.Until(e.Retry)
		if wait < last-time.Second || wait > 123*time.Second {
			t.Errorf("waits %v after %v", wait, last)
		}
		last = wait
	}
	m.succeed(pod, "v")
	if e := m.fail(pod, "v", fs.ErrNotExist).(*Error); time.Until(e.Retry) > time.Second {
		t.Errorf("waits %v after a success", time.Until(e.Retry))
	}
}
