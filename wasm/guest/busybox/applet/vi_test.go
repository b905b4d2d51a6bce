package applet

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestVi edits by keys from a pipe.
func TestVi(t *testing.T) {
	for _, tt := range []struct{ name, setup, keys, result, want string }{
		{"edit", "printf 'a\\nb\\n' >f; chmod 640 f", "jAc\x1b:wq\r", "cat f; stat -c %a f; ls -A", "a\nbc\n640\nf\n"},
		{"new", "umask 022", "ia\x1bZZ", "cat f; stat -c %a f", "a\n644\n"},
		{"leave", "echo a >f", "x:q!\r", "cat f", "a\n"},
		{"a link", "echo a >g; ln -s g f", "x:wq\r", "cat g; readlink f", "\ng\n"},
		{"another name", "echo a >g; ln g f", "ib\x1b:wq\r", "cat g", "ba\n"},
		{"a directory", "mkdir f", "ib\x1b:wq\r:q!\r", "ls -A f", ""},
		{"no such directory", "ln -s no/such f", "ib\x1b:wq\r:w g\r:q!\r", "cat g", "b\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, errs, status := shIn(t, dir, tt.setup+"\nvi f", tt.keys)
			if status != 0 || errs != "" || !strings.HasSuffix(out, "\x1b[?1049l") {
				t.Errorf("status %d, errors %q, output %q", status, errs, out)
			}
			if got, _, _ := shIn(t, dir, tt.result, ""); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestViWithoutUser(t *testing.T) {
	dir := t.TempDir()
	_, errs, status := shIn(t, dir, "vi -c 'set ts=4' f", "ia")
	if status != 1 || errs != "vi: can't read user input\n" {
		t.Errorf("status %d, errors %q", status, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "f")); err == nil {
		t.Error("the file was written")
	}
}

// TestViFindsANameBeside: who was killed with this number has left its file.
func TestViFindsANameBeside(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".vi"+strconv.Itoa(os.Getpid()))
	for _, name := range []string{left, left + ".1"} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(dir, "f")
	for _, text := range []string{"new", "old no more"} {
		if err := (diskFiles{}).Write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	if all, _ := os.ReadDir(dir); len(all) != 3 {
		t.Errorf("there are %v", all)
	}
}

// TestViWritesOver is for files that have another name, or no room beside.
func TestViWritesOver(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("some"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"longer text", "short", ""} {
		if err := writeItself(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
}
